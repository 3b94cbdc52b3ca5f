import { Loader, Select } from "@mantine/core";
import type { DeviceSettings, DeviceSettingsNow } from "@phonerack/contract/api";
import { type ReactNode, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { formatPercent } from "../language/format.js";
import { FONT_SCALES, localeChoices, zoneChoices } from "./choices.js";
import { LocationField } from "./location-field.js";
import css from "./phone-settings.module.css";

export type SettingName = keyof DeviceSettings;

export interface SettingsFieldsProps {
  /** As it is or as it is wished; what is left out is shown as kept. */
  values: Partial<DeviceSettingsNow> | DeviceSettings;
  /** Undefined: that one is taken back, kept as it is. */
  onChange: (next: { [Name in SettingName]?: DeviceSettings[Name] | undefined }) => void;
  /** Being applied now. */
  applying?: readonly string[];
  /** What this phone cannot be told. */
  unsupported?: readonly string[];
  /** Each can also be left as it is. */
  keeps?: boolean;
}

const ROTATIONS = ["auto", "0", "1", "2", "3"] as const;

/** Each of a phone's settings with what it can be. */
export function SettingsFields({ values, onChange, applying = [], unsupported = [], keeps = false }: SettingsFieldsProps) {
  const { t } = useTranslation();
  const locales = useMemo(() => localeChoices(values.locale ?? null), [values.locale]);
  const zones = useMemo(() => zoneChoices(values.timeZone ?? null), [values.timeZone]);
  const chooser = (name: SettingName, chosen: Chosen) => (
    <Field key={name} name={name} applying={applying} unsupported={unsupported}>
      <Choose label={t(`phone.${name}`)} keeps={keeps} disabled={unsupported.includes(name)} {...chosen} />
    </Field>
  );
  const switched = (name: "airplane" | "stayAwake") =>
    chooser(name, {
      data: (["on", "off"] as const).map((value) => ({ value, label: t(`phone.${value}`) })),
      value: values[name] == null ? null : values[name] ? "on" : "off",
      onChoose: (value) => onChange({ [name]: value === null ? undefined : value === "on" }),
    });
  return (
    <div className={css.fields}>
      {chooser("rotation", {
        data: ROTATIONS.map((value) => ({ value, label: t(`phone.rotations.${value}`) })),
        value: values.rotation == null ? null : String(values.rotation),
        onChoose: (value) => onChange({ rotation: value === null ? undefined : value === "auto" ? "auto" : Number(value) }),
      })}
      {chooser("locale", {
        data: locales,
        value: values.locale ?? null,
        onChoose: (value) => onChange({ locale: value ?? undefined }),
      })}
      {chooser("timeZone", {
        data: zones,
        value: values.timeZone ?? null,
        onChoose: (value) => onChange({ timeZone: value ?? undefined }),
      })}
      {chooser("fontScale", {
        data: scalesWith(values.fontScale ?? null).map((scale) => ({ value: String(scale), label: formatPercent(scale * 100) })),
        value: values.fontScale == null ? null : String(values.fontScale),
        onChoose: (value) => onChange({ fontScale: value === null ? undefined : Number(value) }),
      })}
      {chooser("night", {
        data: (["off", "on", "auto"] as const).map((value) => ({ value, label: t(`phone.nights.${value}`) })),
        value: values.night ?? null,
        onChoose: (value) => onChange({ night: value === null ? undefined : (value as "on" | "off" | "auto") }),
      })}
      {switched("airplane")}
      {switched("stayAwake")}
      <Field name="location" applying={applying} unsupported={unsupported}>
        <LocationField
          value={values.location}
          keeps={keeps}
          disabled={unsupported.includes("location")}
          onChange={(location) => onChange({ location })}
        />
      </Field>
    </div>
  );
}

function scalesWith(now: number | null): readonly number[] {
  const scales: readonly number[] = FONT_SCALES;
  return now === null || scales.includes(now) ? scales : [...scales, now].sort((a, b) => a - b);
}

interface Chosen {
  data: readonly (string | { value: string; label: string })[];
  value: string | null;
  onChoose: (value: string | null) => void;
}

/** Long lists are searched, short ones are not. */
const SEARCHED = 12;

function Choose({
  label,
  keeps,
  disabled,
  data,
  value,
  onChoose,
}: Chosen & { label: string; keeps: boolean; disabled: boolean }) {
  const { t } = useTranslation();
  return (
    <Select
      size="xs"
      aria-label={label}
      placeholder={t(keeps ? "phone.keep" : "info.unknown")}
      disabled={disabled}
      data={[...data]}
      value={value}
      clearable={keeps}
      allowDeselect={false}
      searchable={data.length > SEARCHED}
      limit={100}
      onChange={onChoose}
    />
  );
}

interface FieldProps {
  name: SettingName;
  applying: readonly string[];
  unsupported: readonly string[];
  children: ReactNode;
}

function Field({ name, applying, unsupported, children }: FieldProps) {
  const { t } = useTranslation();
  return (
    <div className={css.field}>
      <span className={css.label}>
        {t(`phone.${name}`)}
        {applying.includes(name) && <Loader size={10} aria-label={t("phone.applying")} />}
      </span>
      <div>
        {children}
        {unsupported.includes(name) && <span className={css.dim}>{t("phone.unsupported")}</span>}
      </div>
    </div>
  );
}
