import { Checkbox, Select, TextInput } from "@mantine/core";
import { type DeviceAction, PhonePath } from "@phonerack/contract/api";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ALL_AT_ONCE, type Pace, PaceFields, paceOf } from "../jobs/pace-fields.js";
import { OnPhones, type WorkFormProps } from "../workbench/work-form.js";
import css from "./files.module.css";

const DEEDS = ["make-folder", "move", "remove"] as const;
type Deed = (typeof DEEDS)[number];

/** What is done with the same file or folder on many phones at once; files are put there by dropping them. */
export function FilesForm({ devices, onWanted, foot }: WorkFormProps) {
  const { t } = useTranslation();
  const [deed, setDeed] = useState<Deed>("make-folder");
  const [path, setPath] = useState("");
  const [to, setTo] = useState("");
  const [sure, setSure] = useState(false);
  const [pace, setPace] = useState<Pace>(ALL_AT_ONCE);
  // What ends with a slash is not named yet: it would be the whole folder.
  const fits = (text: string) => !text.trim().endsWith("/") && PhonePath.safeParse(text.trim()).success;
  const ready = fits(path) && (deed !== "move" || fits(to)) && (deed !== "remove" || sure);
  const actionOf = (): DeviceAction => {
    const target = { path: path.trim() };
    return deed === "move" ? { type: deed, ...target, to: to.trim() } : { type: deed, ...target };
  };
  const field = (label: string, value: string, onChange: (text: string) => void) => (
    <TextInput
      required
      label={label}
      error={value.trim() !== "" && !value.endsWith("/") && !fits(value)}
      classNames={{ input: "mono" }}
      placeholder="/sdcard/Download/name"
      spellCheck={false}
      value={value}
      onChange={(event) => {
        onChange(event.currentTarget.value);
        setSure(false);
      }}
    />
  );
  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) onWanted({ action: actionOf(), ...paceOf(pace, devices.length) });
      }}
    >
      <OnPhones devices={devices} />
      <p className={css.dim}>{t("work.filesHint")}</p>
      <Select
        data-autofocus
        label={t("work.deed")}
        allowDeselect={false}
        data={DEEDS.map((value) => ({ value, label: t(`work.deeds.${value}`) }))}
        value={deed}
        onChange={(value) => {
          setDeed(value ?? "make-folder");
          setSure(false);
        }}
      />
      {field(t(deed === "make-folder" ? "work.folder" : "work.path"), path, setPath)}
      {deed === "move" && field(t("work.to"), to, setTo)}
      {deed === "remove" && (
        <Checkbox
          label={t("work.removeSure", { count: devices.length })}
          checked={sure}
          onChange={(event) => setSure(event.currentTarget.checked)}
        />
      )}
      {devices.length > 1 && <PaceFields pace={pace} onChange={setPace} />}
      {foot(ready)}
    </form>
  );
}
