import { Button, Skeleton } from "@mantine/core";
import type { ApiKey, Session } from "@phonerack/contract/api";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { formatDateTime } from "../language/format.js";
import { CopyLine } from "../page/copy-line.js";
import page from "../page/page.module.css";
import { Blank, Section } from "../page/section.js";
import { SureButton } from "../page/sure-button.js";
import { hasRole } from "../session/use-session.js";
import css from "./account.module.css";
import { NewKey } from "./new-key.js";

/** Keys for scripts: made, listed, taken away. A key is seen once, when it is made. */
export function Keys({ session }: { session: Session }) {
  const { t } = useTranslation();
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<string>();
  const mayHave = hasRole(session, "member");
  const keys = useQuery(api.keys.list.queryOptions({ enabled: mayHave }));
  if (!mayHave) return null;
  const action = !making && made === undefined && (
    <Button size="compact-sm" variant="default" onClick={() => setMaking(true)}>
      {t("account.keyNew")}
    </Button>
  );
  return (
    <Section title={t("account.keys")} hint={t("account.keysHint")} action={action}>
      {making && (
        <NewKey
          role={session.role ?? "member"}
          onMade={(key) => {
            setMade(key);
            setMaking(false);
          }}
          onCancel={() => setMaking(false)}
        />
      )}
      {made !== undefined && (
        <div className={page.block} role="status">
          <p className={css.once}>{t("account.keyOnce")}</p>
          <CopyLine text={made} />
          <Button mt={10} size="xs" onClick={() => setMade(undefined)}>
            {t("account.keyDone")}
          </Button>
        </div>
      )}
      {keys.isPending && <Skeleton height={16} width={240} my={14} />}
      {keys.error && <ErrorNote error={keys.error} onAgain={() => void keys.refetch()} />}
      {keys.data?.items.length === 0 && !making && made === undefined && <Blank title={t("account.keyNone")} />}
      {keys.data && keys.data.items.length > 0 && (
        <ul className={css.list}>
          {keys.data.items.map((key) => (
            <Item key={key.id} apiKey={key} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function Item({ apiKey: key }: { apiKey: ApiKey }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const remove = useMutation(
    api.keys.remove.mutationOptions({ onSuccess: () => queries.invalidateQueries({ queryKey: api.keys.key() }) }),
  );
  return (
    <li className={css.item}>
      <div>
        {key.name} <code className={`${css.dim} mono`}>{key.start}…</code>
        <span className={css.fact}>
          {[
            key.scopes.map((scope) => t(`account.scopeShort.${scope}`)).join(", "),
            t(`account.role.${key.role}`),
            expiryOf(t, key),
            key.lastUsedAt === null ? t("account.keyUnused") : t("account.keyUsed", { time: formatDateTime(key.lastUsedAt) }),
          ].join(" · ")}
        </span>
        {remove.error && <ErrorNote error={remove.error} />}
      </div>
      <SureButton
        label={t("account.remove")}
        of={key.name}
        question={t("account.keyRemove")}
        pending={remove.isPending}
        onSure={() => remove.mutate({ id: key.id })}
      />
    </li>
  );
}

function expiryOf(t: TFunction, { expiresAt }: ApiKey): string {
  if (expiresAt === null) return t("account.keyForever");
  return t(expiresAt < Date.now() ? "account.keyExpired" : "account.keyExpires", { time: formatDateTime(expiresAt) });
}
