import { Select } from "@mantine/core";
import type { Evidence, Licence } from "@phonerack/contract/api";
import { schemeRule } from "@phonerack/policy";
import { useTranslation } from "react-i18next";
import type { LicenceDraft } from "./draft.js";
import { TextField, useFields } from "./fields.js";
import { LevelMark } from "./level-mark.js";
import css from "./register.module.css";

interface LicenceFieldsProps {
  scheme: string;
  /** Where it stands. */
  needed: boolean;
  /** As it was saved; undefined: not yet. */
  saved: Licence | undefined;
  licence: LicenceDraft;
  evidence: readonly Evidence[];
  onChange: (next: Partial<LicenceDraft>) => void;
}

/** One licence: its number, what stands on its certificate, and the document that shows it. */
export function LicenceFields({ scheme, needed, saved, licence, evidence, onChange }: LicenceFieldsProps) {
  const { t } = useTranslation();
  const { disabled } = useFields();
  const { title, examples } = schemeRule(scheme);
  const at = (field: keyof LicenceDraft) => ({
    path: `licences.${scheme}.${field}`,
    label: t(`register.licence.${field}`),
    value: licence[field],
    onText: (text: string) => onChange({ [field]: text }),
  });
  return (
    <fieldset className={css.licence}>
      <legend>
        <strong>{scheme.toUpperCase()}</strong> <span className={css.dim}>{title !== scheme && title}</span>
      </legend>
      <p className={css.licenceHead}>
        <LevelMark level={saved?.level ?? "none"} />
        <span className={css.dim}>{t(needed ? "register.needed" : "register.notNeeded")}</span>
      </p>
      <div className={css.grid}>
        <TextField {...at("number")} {...(examples[0] === undefined ? {} : { placeholder: examples.join(", ") })} />
        <TextField {...at("model")} />
        <TextField {...at("issued")} type="date" />
        <TextField {...at("expires")} type="date" />
        <TextField {...at("holder")} />
        <TextField {...at("mark")} />
        <Select
          size="xs"
          label={t("register.licence.evidence")}
          placeholder={t(evidence.length > 0 ? "register.noDocument" : "register.documentFirst")}
          data={evidence.map(({ id, name }) => ({ value: id, label: name }))}
          value={licence.evidence === "" ? null : licence.evidence}
          disabled={disabled || evidence.length === 0}
          clearable
          onChange={(id) => onChange({ evidence: id ?? "" })}
        />
      </div>
    </fieldset>
  );
}
