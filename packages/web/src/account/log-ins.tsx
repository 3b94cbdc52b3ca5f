import { Skeleton } from "@mantine/core";
import type { LogIn } from "@phonerack/contract/api";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { formatDateTime } from "../language/format.js";
import { Section } from "../page/section.js";
import { SureButton } from "../page/sure-button.js";
import css from "./account.module.css";
import { programOf } from "./user-agent.js";

/** Browsers and terminals that are logged in as oneself. */
export function LogIns() {
  const { t } = useTranslation();
  const logIns = useQuery(api.session.logIns.queryOptions());
  return (
    <Section title={t("account.logIns")} hint={t("account.logInsHint")}>
      {logIns.isPending && <Skeleton height={16} width={240} my={14} />}
      {logIns.error && <ErrorNote error={logIns.error} onAgain={() => void logIns.refetch()} />}
      <ul className={css.list}>
        {logIns.data?.items.map((logIn) => (
          <Item key={logIn.id} logIn={logIn} />
        ))}
      </ul>
    </Section>
  );
}

function Item({ logIn }: { logIn: LogIn }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const revoke = useMutation(
    api.session.revoke.mutationOptions({
      onSuccess: () => queries.invalidateQueries({ queryKey: api.session.logIns.key() }),
    }),
  );
  return (
    <li className={css.item}>
      <div>
        {nameOf(t, logIn)}
        {logIn.current && <span className={css.badge}>{t("account.thisOne")}</span>}
        <span className={css.fact}>
          {[
            logIn.ip,
            t("account.since", { time: formatDateTime(logIn.createdAt) }),
            t("account.until", { time: formatDateTime(logIn.expiresAt) }),
          ]
            .filter(Boolean)
            .join(" · ")}
        </span>
        {revoke.error && <ErrorNote error={revoke.error} />}
      </div>
      {!logIn.current && (
        <SureButton
          label={t("account.end")}
          of={nameOf(t, logIn)}
          question={t("account.endQuestion")}
          pending={revoke.isPending}
          onSure={() => revoke.mutate({ id: logIn.id })}
        />
      )}
    </li>
  );
}

function nameOf(t: TFunction, { userAgent }: LogIn): string {
  const { program, system } = programOf(userAgent ?? "");
  if (program === "terminal") return t("account.terminal");
  return [program ?? t("account.unknownBrowser"), system].filter(Boolean).join(" · ");
}
