import type { DeviceSettings } from "@phonerack/contract/api";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { OnPhones, type WorkFormProps } from "../workbench/work-form.js";
import css from "./phone-settings.module.css";
import { SettingsFields, type SettingsFieldsProps } from "./settings-fields.js";

/** Some settings for many phones; what is not chosen stays as it is on each. */
export function SettingsForm({ devices, onWanted, foot }: WorkFormProps) {
  const { t } = useTranslation();
  const [wished, setWished] = useState<DeviceSettings>({});
  const change: SettingsFieldsProps["onChange"] = (next) =>
    setWished((before) => {
      const kept = Object.entries({ ...before, ...next }).filter(([, value]) => value !== undefined);
      return Object.fromEntries(kept) as DeviceSettings;
    });
  return (
    <form
      className={`form ${css.form}`}
      onSubmit={(event) => {
        event.preventDefault();
        onWanted({ action: { type: "settings", settings: wished } });
      }}
    >
      <OnPhones devices={devices} />
      <p className={css.dim}>{t("phone.settingsOfMany")}</p>
      <SettingsFields values={wished} onChange={change} keeps />
      {foot(Object.keys(wished).length > 0)}
    </form>
  );
}
