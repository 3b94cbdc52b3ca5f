import { Button, PasswordInput, Skeleton, TextInput } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { Entry } from "../log-in/entry.js";
import css from "../log-in/log-in.module.css";
import { LogIn } from "../log-in/log-in-page.js";
import { useEntered } from "../log-in/use-entered.js";
import { useSession } from "../session/use-session.js";

const route = getRouteApi("/invite/$id");

/** Open to whoever has the link: what the invitation is for, and the way in with a new account or the one there is. */
export function InvitePage() {
  const { t } = useTranslation();
  const { id } = route.useParams();
  const invitation = useQuery(api.members.invitation.queryOptions({ input: { id }, retry: false }));
  if (invitation.error) {
    return (
      <Entry title={t("invite.gone")}>
        <ErrorNote error={invitation.error} />
        <Button component={Link} to="/" variant="default">
          {t("invite.toConsole")}
        </Button>
      </Entry>
    );
  }
  const { data } = invitation;
  if (!data) {
    return (
      <Entry title={t("invite.loading")}>
        <Skeleton height={20} />
        <Skeleton height={36} />
        <Skeleton height={36} />
      </Entry>
    );
  }
  const { email, role, tenantName, hasAccount } = data;
  return (
    <Entry title={t("invite.title", { organisation: tenantName })}>
      <p>
        {t("invite.how", { role: t(`account.role.${role}`), email })}{" "}
        <span className={css.dim}>{t(`account.roleHint.${role}`)}</span>
      </p>
      {hasAccount ? <WithAccount id={id} email={email} /> : <NewAccount id={id} />}
    </Entry>
  );
}

/** Accepting logs this browser in, or it is already; either way the console has somebody else before it now. */
function useAccept() {
  const navigate = useNavigate();
  const entered = useEntered();
  return useMutation(
    api.members.accept.mutationOptions({
      onSuccess: async () => {
        await navigate({ to: "/" });
        entered();
      },
    }),
  );
}

function NewAccount({ id }: { id: string }) {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const accept = useAccept();
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        accept.mutate({ id, name, password });
      }}
    >
      <TextInput
        label={t("invite.yourName")}
        autoComplete="name"
        autoFocus
        required
        withAsterisk={false}
        maxLength={80}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <PasswordInput
        label={t("invite.choosePassword")}
        description={t("account.passwordHint")}
        autoComplete="new-password"
        required
        withAsterisk={false}
        minLength={12}
        maxLength={128}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      <Button type="submit" loading={accept.isPending}>
        {t("invite.join")}
      </Button>
      {accept.error && <ErrorNote error={accept.error} />}
    </form>
  );
}

function WithAccount({ id, email }: { id: string; email: string }) {
  const { t } = useTranslation();
  const session = useSession();
  const accept = useAccept();
  if (!session) {
    return (
      <>
        <p>{t("invite.hasAccount")}</p>
        <LogIn email={email} />
      </>
    );
  }
  if (session.email?.toLowerCase() !== email.toLowerCase()) {
    return <p role="alert">{t("invite.otherAccount", { name: session.name, email })}</p>;
  }
  return (
    <div className="form">
      <Button loading={accept.isPending} onClick={() => accept.mutate({ id })}>
        {t("invite.accept")}
      </Button>
      {accept.error && <ErrorNote error={accept.error} />}
    </div>
  );
}
