import { Button, Skeleton } from "@mantine/core";
import type { SignOn } from "@phonerack/contract/api";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import page from "../page/page.module.css";
import { Blank, Section } from "../page/section.js";
import { SureButton } from "../page/sure-button.js";
import { NewSignOn } from "./new-sign-on.js";

/** The OpenID Connect providers by which an organisation's people log in. */
export function SignOns() {
  const { t } = useTranslation();
  const [adding, setAdding] = useState(false);
  const providers = useQuery(api.signOn.list.queryOptions());
  const action = !adding && (
    <Button size="compact-sm" onClick={() => setAdding(true)}>
      {t("signOns.add")}
    </Button>
  );
  const items = providers.data?.items;
  return (
    <Section title={t("admin.signOn")} hint={t("signOns.hint")} action={action}>
      {adding && <NewSignOn onDone={() => setAdding(false)} />}
      {providers.isPending && <Skeleton height={16} my={14} />}
      {providers.error && <ErrorNote error={providers.error} onAgain={() => void providers.refetch()} />}
      {items?.length === 0 && !adding && <Blank title={t("signOns.none")} />}
      {items && items.length > 0 && (
        <table className={page.table}>
          <thead>
            <tr>
              <th>{t("signOns.domain")}</th>
              <th>{t("signOns.issuer")}</th>
              <th>{t("signOns.clientId")}</th>
              <th>{t("signOns.role")}</th>
              <th>
                <span className="visually-hidden">{t("admin.actions")}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {items.map((signOn) => (
              <Line key={signOn.id} signOn={signOn} />
            ))}
          </tbody>
        </table>
      )}
    </Section>
  );
}

function Line({ signOn }: { signOn: SignOn }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const remove = useMutation(
    api.signOn.remove.mutationOptions({ onSuccess: () => queries.invalidateQueries({ queryKey: api.signOn.key() }) }),
  );
  return (
    <tr>
      <td>
        {signOn.domain}
        {remove.error && <ErrorNote error={remove.error} />}
      </td>
      <td>{signOn.issuer}</td>
      <td>
        <span className="mono">{signOn.clientId}</span>
      </td>
      <td data-name={t("signOns.role")}>{t(`account.role.${signOn.role}`)}</td>
      <td>
        <SureButton
          label={t("admin.remove")}
          of={signOn.domain}
          question={t("signOns.removeQuestion")}
          pending={remove.isPending}
          onSure={() => remove.mutate({ id: signOn.id })}
        />
      </td>
    </tr>
  );
}
