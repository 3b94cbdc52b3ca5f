/** A text field of the record: what the API would refuse of it in red, what would keep the phone isolated in amber, both beside it as it is typed. */
import { TextInput } from "@mantine/core";
import { schemeRule } from "@phonerack/policy";
import type { TFunction } from "i18next";
import { createContext, type ReactNode, useContext } from "react";
import { useTranslation } from "react-i18next";
import type { Doubt, FieldWords } from "./draft.js";
import css from "./register.module.css";

interface Fields {
  readonly faults: FieldWords;
  readonly doubts: ReadonlyMap<string, Doubt>;
  readonly disabled: boolean;
}

const FieldsContext = createContext<Fields>({ faults: new Map(), doubts: new Map(), disabled: true });
export const FieldsProvider = FieldsContext.Provider;
export const useFields = (): Fields => useContext(FieldsContext);

interface TextFieldProps {
  /** Of the field in a draft, e.g. `licences.nal.number`. */
  path: string;
  label: string;
  value: string;
  onText: (text: string) => void;
  type?: "text" | "date";
  placeholder?: string;
  inputMode?: "numeric";
  /** What the API said of it when it was saved. */
  refused?: string | undefined;
  right?: ReactNode;
}

export function TextField(props: TextFieldProps) {
  const { path, label, value, onText, type = "text", placeholder, inputMode, refused, right } = props;
  const { t } = useTranslation();
  const { faults, doubts, disabled } = useFields();
  const doubt = doubts.get(path);
  return (
    <TextInput
      size="xs"
      type={type}
      label={label}
      value={value}
      maxLength={200}
      autoComplete="off"
      spellCheck={false}
      disabled={disabled}
      {...(placeholder === undefined ? {} : { placeholder })}
      {...(inputMode === undefined ? {} : { inputMode })}
      rightSection={right}
      error={faults.get(path) ?? refused}
      description={doubt && <span role="status">{doubtWords(t, doubt)}</span>}
      inputWrapperOrder={["label", "input", "description", "error"]}
      classNames={{ description: css.doubt ?? "" }}
      onChange={(event) => onText(event.currentTarget.value)}
    />
  );
}

function doubtWords(t: TFunction, doubt: Doubt): string {
  switch (doubt.kind) {
    case "imei":
      return t(`register.imeiFault.${doubt.fault}`);
    case "imei-again":
      return t("register.imeiAgain");
    case "number":
      return t(`register.numberFault.${doubt.fault}`, { examples: schemeRule(doubt.scheme).examples.join(", ") });
    case "says-model":
      return t("register.saysOther", { model: doubt.says });
    case "licence-model":
      return t("register.certifiedOther", { model: doubt.model });
    case "days":
      return t("register.endsBefore");
  }
}
