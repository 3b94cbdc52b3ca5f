import { Button, TextInput } from "@mantine/core";
import type { Invitation, Role } from "@phonerack/contract/api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { formatDateTime } from "../language/format.js";
import { CopyLine } from "../page/copy-line.js";
import page from "../page/page.module.css";
import css from "./admin.module.css";
import { RoleSelect } from "./role-select.js";

/** Makes an invitation; its link is for the owner to send, phonerack sends no mail. */
export function Invite({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("member");
  const invite = useMutation(
    api.members.invite.mutationOptions({
      onSuccess: () => queries.invalidateQueries({ queryKey: api.members.invitations.key() }),
    }),
  );
  if (invite.data) {
    return (
      <div className={page.block}>
        <InviteLink invitation={invite.data} words="members.inviteLink" />
        <Button mt={10} size="xs" variant="default" onClick={onDone}>
          {t("hosts.done")}
        </Button>
      </div>
    );
  }
  return (
    <form
      className={page.block}
      onSubmit={(event) => {
        event.preventDefault();
        invite.mutate({ email, role });
      }}
    >
      <div className={css.fields}>
        <TextInput
          type="email"
          size="xs"
          label={t("members.email")}
          autoFocus
          required
          withAsterisk={false}
          maxLength={200}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <RoleSelect label={t("members.role")} value={role} onChange={setRole} />
        <Button type="submit" size="xs" loading={invite.isPending}>
          {t("members.inviteDo")}
        </Button>
        <Button size="xs" variant="subtle" color="gray" onClick={onDone}>
          {t("device.cancel")}
        </Button>
      </div>
      <p className={page.hint}>{t(`account.roleHint.${role}`)}</p>
      {invite.error && <ErrorNote error={invite.error} />}
    </form>
  );
}

interface InviteLinkProps {
  invitation: Invitation;
  words: "members.inviteLink" | "tenants.made";
  /** Of the organisation, where it has just been made. */
  name?: string;
}

/** Told once, to who made it. */
export function InviteLink({ invitation: { email, link, expiresAt }, words, name = "" }: InviteLinkProps) {
  const { t } = useTranslation();
  return (
    <div role="status">
      <p className={css.hint}>{t(words, { email, name, time: formatDateTime(expiresAt) })}</p>
      {link && <CopyLine text={link} />}
    </div>
  );
}
