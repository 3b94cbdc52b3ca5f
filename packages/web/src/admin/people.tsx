import { Button, Skeleton } from "@mantine/core";
import type { Member, Session } from "@phonerack/contract/api";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { formatDate } from "../language/format.js";
import page from "../page/page.module.css";
import { Blank, Section } from "../page/section.js";
import { SureButton } from "../page/sure-button.js";
import { MemberData } from "../privacy/member-data.js";
import { hasRole, useAskSessionAgain } from "../session/use-session.js";
import css from "./admin.module.css";
import { Invitations } from "./invitations.js";
import { Invite } from "./invite.js";
import { RoleSelect } from "./role-select.js";

/** The members of the organisation one acts for; owners change them. */
export function People({ session }: { session: Session }) {
  const { t } = useTranslation();
  const [inviting, setInviting] = useState(false);
  const members = useQuery(api.members.list.queryOptions());
  const owner = hasRole(session, "owner");
  const action = owner && !inviting && (
    <Button size="compact-sm" onClick={() => setInviting(true)}>
      {t("members.invite")}
    </Button>
  );
  return (
    <>
      <Section title={t("admin.people")} hint={t("members.hint", { organisation: session.tenantName ?? "" })} action={action}>
        {inviting && <Invite onDone={() => setInviting(false)} />}
        {members.isPending && <Skeleton height={16} my={14} />}
        {members.error && <ErrorNote error={members.error} onAgain={() => void members.refetch()} />}
        {members.data && (
          <table className={page.table}>
            <thead>
              <tr>
                <th>{t("members.name")}</th>
                <th>{t("members.email")}</th>
                <th>{t("members.role")}</th>
                <th>{t("members.twoFactor")}</th>
                <th>{t("members.since")}</th>
                <th>{owner && <span className="visually-hidden">{t("admin.actions")}</span>}</th>
              </tr>
            </thead>
            <tbody>
              {members.data.items.map((member) => (
                <Line key={member.id} member={member} own={member.id === session.actor} owner={owner} />
              ))}
            </tbody>
          </table>
        )}
        {members.data?.items.length === 1 && owner && !inviting && <Blank title={t("members.none")} />}
      </Section>
      {owner && <Invitations />}
    </>
  );
}

function Line({ member, own, owner }: { member: Member; own: boolean; owner: boolean }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const askAgain = useAskSessionAgain();
  const after = {
    onSuccess: async () => {
      await Promise.all([queries.invalidateQueries({ queryKey: api.members.key() }), own && askAgain()]);
    },
  };
  const setRole = useMutation(api.members.setRole.mutationOptions(after));
  const remove = useMutation(api.members.remove.mutationOptions(after));
  const failed = setRole.error ?? remove.error;
  return (
    <tr>
      <td>
        {member.name} {own && <span className={css.dim}>({t("members.you")})</span>}
        {failed && <ErrorNote error={failed} />}
      </td>
      <td>{member.email}</td>
      <td>
        {owner ? (
          <RoleSelect
            name={t("members.roleOf", { name: member.name })}
            value={member.role}
            disabled={setRole.isPending}
            onChange={(role) => setRole.mutate({ id: member.id, role })}
          />
        ) : (
          t(`account.role.${member.role}`)
        )}
      </td>
      <td data-name={t("members.twoFactor")}>{t(member.twoFactor ? "members.on" : "members.off")}</td>
      <td data-name={t("members.since")} className={page.nowrap}>
        {formatDate(member.since)}
      </td>
      <td>
        {owner && (
          <span className={css.deeds}>
            <SureButton
              label={t("admin.remove")}
              of={member.name}
              question={t("members.removeQuestion")}
              pending={remove.isPending}
              onSure={() => remove.mutate({ id: member.id })}
            />
            {!own && <MemberData member={member} />}
          </span>
        )}
      </td>
    </tr>
  );
}
