import { Button, PasswordInput, TextInput } from "@mantine/core";
import type { Session } from "@phonerack/contract/api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import page from "../page/page.module.css";
import { Section } from "../page/section.js";

/** For the owner who came in by the printed link: the way to come back without one. */
export function Credentials({ session }: { session: Session }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [name, setName] = useState(session.name);
  const [email, setEmail] = useState(session.email ?? "");
  const [password, setPassword] = useState("");
  const set = useMutation(
    api.session.credentials.mutationOptions({
      onSuccess: (after) => queries.setQueryData(api.session.get.queryKey(), after),
    }),
  );
  return (
    <Section title={t("account.credentials")} hint={t("account.credentialsHow")}>
      <div className={page.block}>
        <form
          className={page.form}
          onSubmit={(event) => {
            event.preventDefault();
            set.mutate({ name, email, password });
          }}
        >
          <TextInput
            label={t("account.name")}
            autoComplete="name"
            required
            withAsterisk={false}
            maxLength={80}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <TextInput
            type="email"
            label={t("account.email")}
            autoComplete="username"
            required
            withAsterisk={false}
            maxLength={200}
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <PasswordInput
            label={t("account.password")}
            description={t("account.passwordHint")}
            autoComplete="new-password"
            required
            withAsterisk={false}
            minLength={12}
            maxLength={128}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <Button type="submit" loading={set.isPending}>
            {t("account.set")}
          </Button>
          {set.error && <ErrorNote error={set.error} />}
        </form>
      </div>
    </Section>
  );
}
