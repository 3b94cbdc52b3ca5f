import { Button, NumberInput, TextInput } from "@mantine/core";
import { FaceSettings } from "@phonerack/contract/api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ComponentProps, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import page from "../page/page.module.css";
import css from "./face.module.css";

type Field = "operator" | "abuseEmail" | "abuseUrl" | "ptrSuffix";

const WRONG = {
  operator: "wrongOperator",
  abuseEmail: "wrongEmail",
  abuseUrl: "wrongUrl",
  ptrSuffix: "wrongSuffix",
  responseHours: "wrongHours",
} as const;

/** Each field is told what is wrong with it. */
export function FaceForm({ set, onDone }: { set: FaceSettings | null; onDone: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [fields, setFields] = useState<Record<Field, string>>({
    operator: set?.operator ?? "",
    abuseEmail: set?.abuseEmail ?? "",
    abuseUrl: set?.abuseUrl ?? "",
    ptrSuffix: set?.ptrSuffix ?? "",
  });
  const [hours, setHours] = useState<number | "">(set?.responseHours ?? 72);
  const [tried, setTried] = useState(false);
  const put = useMutation(
    api.face.put.mutationOptions({
      onSuccess: async () => {
        onDone();
        await queries.invalidateQueries({ queryKey: api.face.key() });
      },
    }),
  );
  const read = FaceSettings.safeParse({
    operator: fields.operator.trim(),
    abuseEmail: fields.abuseEmail.trim(),
    abuseUrl: fields.abuseUrl.trim() || null,
    ptrSuffix: fields.ptrSuffix.trim() || null,
    responseHours: hours,
  });
  const wrong = new Set(read.success ? [] : read.error.issues.map(({ path }) => path[0]));
  const told = (name: keyof typeof WRONG) => tried && wrong.has(name) && t(`face.${WRONG[name]}`);
  const field = (name: Field, more: ComponentProps<typeof TextInput> = {}) => (
    <TextInput
      size="xs"
      label={t(`face.${name}`)}
      maxLength={300}
      value={fields[name]}
      error={told(name)}
      onChange={(event) => setFields({ ...fields, [name]: event.currentTarget.value })}
      {...more}
    />
  );
  return (
    <form
      noValidate
      className={`${page.block} ${css.form}`}
      aria-label={t("face.title")}
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (read.success) put.mutate(read.data);
      }}
    >
      <div className={css.grid}>
        {field("operator", { autoFocus: true })}
        {field("abuseEmail", { type: "email", placeholder: "abuse@lab.example" })}
        {field("abuseUrl", { placeholder: "https://lab.example/abuse", description: t("face.abuseUrlHint") })}
        {field("ptrSuffix", { placeholder: "egress.lab.example", description: t("face.ptrSuffixHint") })}
        <NumberInput
          size="xs"
          label={t("face.responseHours")}
          min={1}
          max={168}
          allowDecimal={false}
          value={hours}
          error={told("responseHours")}
          onChange={(value) => setHours(typeof value === "number" ? value : "")}
        />
      </div>
      <div className={page.actions}>
        <Button type="submit" size="xs" loading={put.isPending}>
          {t("face.save")}
        </Button>
        <Button size="xs" variant="subtle" color="gray" onClick={onDone}>
          {t("device.cancel")}
        </Button>
      </div>
      {put.error && <ErrorNote error={put.error} />}
    </form>
  );
}
