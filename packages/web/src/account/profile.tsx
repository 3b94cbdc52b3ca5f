import { Button, TextInput } from "@mantine/core";
import type { Session } from "@phonerack/contract/api";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { auth, told } from "../log-in/auth.js";
import { Failure } from "../log-in/failure.js";
import { Row, Section } from "../page/section.js";
import { useAskSessionAgain } from "../session/use-session.js";
import css from "./account.module.css";

/** Who one is, and in which organisation as what. */
export function Profile({ session }: { session: Session }) {
  const { t } = useTranslation();
  // Until there are credentials, the name is set together with them.
  const editable = session.kind === "person" && session.email !== null;
  return (
    <Section title={t("account.you")}>
      <Row name={t("account.name")}>{editable ? <Name key={session.name} name={session.name} /> : session.name}</Row>
      <Row name={t("account.email")}>{session.email ?? <span className={css.dim}>{t("account.noEmail")}</span>}</Row>
      <Row name={t("account.organisation")}>
        {session.tenantName && session.role
          ? `${session.tenantName} · ${t(`account.role.${session.role}`)}`
          : t("account.noOrganisation")}
      </Row>
      {session.kind === "admin-token" && <p className={css.dim}>{t("account.actsByToken")}</p>}
    </Section>
  );
}

function Name({ name: now }: { name: string }) {
  const { t } = useTranslation();
  const [name, setName] = useState(now);
  const askAgain = useAskSessionAgain();
  const save = useMutation({ mutationFn: () => told(auth.updateUser({ name: name.trim() })), onSuccess: askAgain });
  return (
    <form
      className={css.inline}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <TextInput
        size="xs"
        aria-label={t("account.name")}
        autoComplete="name"
        required
        maxLength={80}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Button type="submit" size="xs" variant="default" disabled={name.trim() === now || !name.trim()} loading={save.isPending}>
        {t("account.save")}
      </Button>
      <Failure error={save.error} />
    </form>
  );
}
