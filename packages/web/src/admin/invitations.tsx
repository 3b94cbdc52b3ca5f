import type { Invitation } from "@phonerack/contract/api";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { formatDateTime } from "../language/format.js";
import page from "../page/page.module.css";
import { Section } from "../page/section.js";
import { SureButton } from "../page/sure-button.js";

/** Invitations under way; not shown while there are none. */
export function Invitations() {
  const { t } = useTranslation();
  const invitations = useQuery(api.members.invitations.queryOptions());
  if (invitations.error) return <ErrorNote error={invitations.error} onAgain={() => void invitations.refetch()} />;
  if (!invitations.data || invitations.data.items.length === 0) return null;
  return (
    <Section title={t("members.invitations")} hint={t("members.invitationsHint")}>
      <table className={page.table}>
        <thead>
          <tr>
            <th>{t("members.email")}</th>
            <th>{t("members.role")}</th>
            <th>{t("members.until")}</th>
            <th>
              <span className="visually-hidden">{t("admin.actions")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {invitations.data.items.map((invitation) => (
            <Line key={invitation.id} invitation={invitation} />
          ))}
        </tbody>
      </table>
    </Section>
  );
}

function Line({ invitation: { id, email, role, expiresAt } }: { invitation: Invitation }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const withdraw = useMutation(
    api.members.withdraw.mutationOptions({
      onSuccess: () => queries.invalidateQueries({ queryKey: api.members.invitations.key() }),
    }),
  );
  return (
    <tr>
      <td>
        {email}
        {withdraw.error && <ErrorNote error={withdraw.error} />}
      </td>
      <td>{t(`account.role.${role}`)}</td>
      <td data-name={t("members.until")} className={page.nowrap}>
        {formatDateTime(expiresAt)}
      </td>
      <td>
        <SureButton
          label={t("members.withdraw")}
          of={email}
          question={t("members.withdrawQuestion")}
          pending={withdraw.isPending}
          onSure={() => withdraw.mutate({ id })}
        />
      </td>
    </tr>
  );
}
