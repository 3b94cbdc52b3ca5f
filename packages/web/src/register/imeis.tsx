import { ActionIcon, Button } from "@mantine/core";
import type { PhonerackError } from "@phonerack/contract/api";
import { imeiFault } from "@phonerack/policy";
import { IconCircleCheck, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { sentence } from "../api/sentence.js";
import { MOST_IMEIS } from "./draft.js";
import { TextField, useFields } from "./fields.js";
import css from "./register.module.css";

interface ImeisProps {
  imeis: readonly string[];
  /** Another device has one of them. */
  refused: PhonerackError | null;
  onChange: (imeis: readonly string[]) => void;
}

/** One for each SIM; checked while they are typed. */
export function Imeis({ imeis, refused, onChange }: ImeisProps) {
  const { t } = useTranslation();
  const { disabled } = useFields();
  const change = (at: number, text: string) => onChange(imeis.map((imei, other) => (other === at ? text : imei)));
  return (
    <div className={css.grid}>
      {imeis.map((imei, at) => (
        <TextField
          // biome-ignore lint/suspicious/noArrayIndexKey: a number that is being typed has no name but its place.
          key={at}
          path={`imeis.${at}`}
          label={t("register.imei", { at: at + 1 })}
          value={imei}
          inputMode="numeric"
          refused={refusedOf(refused, imei, at)}
          onText={(text) => change(at, text)}
          right={
            <ImeiEnd
              good={imei !== "" && imeiFault(imei.replaceAll(/[\s/-]/g, "")) === undefined}
              removable={!disabled && imeis.length > 1}
              name={t("register.removeImei", { at: at + 1 })}
              onRemove={() => onChange(imeis.filter((_imei, other) => other !== at))}
            />
          }
        />
      ))}
      {!disabled && imeis.length < MOST_IMEIS && imeis.at(-1) !== "" && (
        <Button className={css.addImei ?? ""} size="xs" variant="default" onClick={() => onChange([...imeis, ""])}>
          {t("register.addImei")}
        </Button>
      )}
    </div>
  );
}

/** The API names the number; where it does not, the first field says it. */
function refusedOf(refused: PhonerackError | null, imei: string, at: number): string | undefined {
  if (!refused) return undefined;
  const named = refused.detail !== undefined && /\d{15}/.test(refused.detail);
  return (named ? imei !== "" && refused.detail?.includes(imei) : at === 0) ? sentence(refused) : undefined;
}

function ImeiEnd({ good, removable, name, onRemove }: { good: boolean; removable: boolean; name: string; onRemove: () => void }) {
  const { t } = useTranslation();
  if (removable) {
    return (
      <ActionIcon size="xs" variant="subtle" color="gray" aria-label={name} onClick={onRemove}>
        <IconX size={14} stroke={1.5} aria-hidden="true" />
      </ActionIcon>
    );
  }
  return good ? <IconCircleCheck className={css.good ?? ""} size={16} stroke={1.5} aria-label={t("register.imeiGood")} /> : null;
}
