import { Button, PasswordInput, TextInput } from "@mantine/core";
import type { Role, SignOn } from "@phonerack/contract/api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { CopyLine } from "../page/copy-line.js";
import page from "../page/page.module.css";
import css from "./admin.module.css";
import { RoleSelect } from "./role-select.js";

const FIELDS = ["issuer", "domain", "clientId"] as const;

/** A provider as its own administration names it; after it is made, the address to register there. */
export function NewSignOn({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [texts, setTexts] = useState({ issuer: "", domain: "", clientId: "" });
  const [clientSecret, setSecret] = useState("");
  const [role, setRole] = useState<Role>("member");
  const create = useMutation(
    api.signOn.create.mutationOptions({ onSuccess: () => queries.invalidateQueries({ queryKey: api.signOn.key() }) }),
  );
  if (create.data) return <Redirect signOn={create.data} onDone={onDone} />;
  return (
    <form
      className={page.block}
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate({ ...texts, clientSecret, role: role === "owner" ? "operator" : role });
      }}
    >
      <div className={page.form}>
        {FIELDS.map((field) => (
          <TextInput
            key={field}
            size="xs"
            type={field === "issuer" ? "url" : "text"}
            label={t(`signOns.${field}`)}
            description={field === "issuer" ? t("signOns.issuerHint") : undefined}
            placeholder={field === "domain" ? "example.com" : undefined}
            autoFocus={field === "issuer"}
            required
            withAsterisk={false}
            autoComplete="off"
            value={texts[field]}
            onChange={(event) => setTexts({ ...texts, [field]: event.currentTarget.value })}
          />
        ))}
        <PasswordInput
          size="xs"
          label={t("signOns.clientSecret")}
          required
          withAsterisk={false}
          autoComplete="off"
          value={clientSecret}
          onChange={(event) => setSecret(event.currentTarget.value)}
        />
        <RoleSelect label={t("signOns.role")} without="owner" value={role} onChange={setRole} />
        <div className={css.fields}>
          <Button type="submit" size="xs" loading={create.isPending}>
            {t("signOns.addDo")}
          </Button>
          <Button size="xs" variant="subtle" color="gray" onClick={onDone}>
            {t("device.cancel")}
          </Button>
        </div>
        {create.error && <ErrorNote error={create.error} />}
      </div>
    </form>
  );
}

function Redirect({ signOn, onDone }: { signOn: SignOn; onDone: () => void }) {
  const { t } = useTranslation();
  return (
    <div className={page.block} role="status">
      <p className={css.hint}>{t("signOns.redirect")}</p>
      <CopyLine text={`${location.origin}/api/auth/sso/callback/${signOn.id}`} />
      <Button mt={10} size="xs" variant="default" onClick={onDone}>
        {t("hosts.done")}
      </Button>
    </div>
  );
}
