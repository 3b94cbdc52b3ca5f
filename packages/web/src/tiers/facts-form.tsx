import { Button, FileButton, Textarea, TextInput } from "@mantine/core";
import { type Tenancy, TenancyFacts } from "@phonerack/contract/api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ComponentProps, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import page from "../page/page.module.css";
import { type FactFields, fieldsOf, readFacts, type WrongFact } from "./facts.js";
import css from "./tiers.module.css";

/** What an organisation's tier rests on, as those who run the lab enter it. An empty field takes away what stood there. */
export function FactsForm({ tenancy }: { tenancy: Tenancy }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [fields, setFields] = useState(() => fieldsOf(tenancy));
  const [tried, setTried] = useState(false);
  const save = useMutation(
    api.tenancies.facts.mutationOptions({ onSuccess: () => queries.invalidateQueries({ queryKey: api.tenancies.key() }) }),
  );
  const { facts, wrong } = readFacts(fields);
  const change = (name: keyof FactFields) => (value: string) => {
    save.reset();
    setFields((before) => ({ ...before, [name]: value }));
  };
  const told = (name: keyof FactFields): string | false => {
    const why: WrongFact | undefined = tried ? wrong[name] : undefined;
    return why !== undefined && t(`tiers.wrong.${why}`);
  };
  const field = (name: keyof FactFields, label: FieldLabel, more: ComponentProps<typeof TextInput> = {}) => (
    <TextInput
      size="xs"
      label={t(`tiers.${label}`)}
      value={fields[name]}
      error={told(name)}
      maxLength={500}
      onChange={(event) => change(name)(event.currentTarget.value)}
      {...more}
    />
  );
  return (
    <form
      noValidate
      className={css.form}
      aria-label={t("tiers.facts")}
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (facts) save.mutate({ id: tenancy.tenant, ...TenancyFacts.parse(facts) });
      }}
    >
      <div className={css.grid}>
        {field("verified", "verifiedField", { placeholder: t("tiers.verifiedHint") })}
        {field("domain", "domainField", { placeholder: "acme.example" })}
        {field("name", "responsibleName")}
        {field("email", "responsibleEmail", { type: "email" })}
        {field("reference", "extractReference")}
        {field("sha256", "extractDigest", {
          className: css.digest ?? "",
          rightSection: <Digest onDigest={change("sha256")} />,
          rightSectionWidth: 74,
        })}
      </div>
      <Textarea
        size="xs"
        label={t("tiers.useField")}
        autosize
        minRows={2}
        maxLength={2_000}
        value={fields.use}
        error={told("use")}
        onChange={(event) => change("use")(event.currentTarget.value)}
      />
      <div className={page.actions}>
        <Button type="submit" size="xs" variant="default" loading={save.isPending}>
          {t("tiers.save")}
        </Button>
        {save.isSuccess && (
          <span className={css.small} role="status">
            {t("tiers.saved")}
          </span>
        )}
      </div>
      {save.error && <ErrorNote error={save.error} />}
    </form>
  );
}

type FieldLabel = "verifiedField" | "domainField" | "responsibleName" | "responsibleEmail" | "extractReference" | "extractDigest";

/** Of a file on this machine, which stays there. Browsers digest on secure pages only. */
function Digest({ onDigest }: { onDigest: (digest: string) => void }) {
  const { t } = useTranslation();
  if (!window.isSecureContext) return null;
  const read = async (file: File | null) => {
    if (!file) return;
    const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
    onDigest([...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join(""));
  };
  return (
    <FileButton onChange={(file) => void read(file)}>
      {(props) => (
        <Button {...props} size="compact-xs" variant="subtle" color="gray" aria-label={t("tiers.chooseExtract")}>
          {t("tiers.ofFile")}
        </Button>
      )}
    </FileButton>
  );
}
