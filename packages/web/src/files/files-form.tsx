import { Select, TextInput } from "@mantine/core";
import { type DeviceAction, PhonePath } from "@phonerack/contract/api";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { DeedForm } from "../workbench/deed-form.js";
import type { WorkFormProps } from "../workbench/work-form.js";
import css from "./files.module.css";

const DEEDS = ["make-folder", "move", "remove", "get"] as const;
type Deed = (typeof DEEDS)[number];

/** What is done with the same file or folder on many phones at once; files are put there by dropping them. */
export function FilesForm(props: WorkFormProps) {
  const { t } = useTranslation();
  const [deed, setDeed] = useState<Deed>("make-folder");
  const [from, setFrom] = useState("");
  const [target, setTarget] = useState("");
  const [path, to] = [pathOf(from), pathOf(target)];
  const field = (label: string, value: string, onChange: (text: string) => void) => (
    <TextInput
      required
      label={label}
      error={value.trim() !== "" && !value.endsWith("/") && pathOf(value) === undefined}
      classNames={{ input: "mono" }}
      placeholder="/sdcard/Download/name"
      spellCheck={false}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
  return (
    <DeedForm
      {...props}
      action={actionOf(deed, path, to)}
      loses={deed === "remove" ? t("work.removeSure", { count: props.devices.length }) : undefined}
    >
      <p className={css.dim}>{t("work.filesHint")}</p>
      <Select
        data-autofocus
        label={t("work.deed")}
        allowDeselect={false}
        data={DEEDS.map((value) => ({ value, label: t(`work.deeds.${value}`) }))}
        value={deed}
        onChange={(value) => setDeed(value ?? "make-folder")}
      />
      {field(t(deed === "make-folder" ? "work.folder" : "work.path"), from, setFrom)}
      {deed === "move" && field(t("work.to"), target, setTarget)}
    </DeedForm>
  );
}

/** Undefined for none, and for what ends with a slash: it is not named yet, and would be the whole folder. */
function pathOf(text: string): string | undefined {
  const path = PhonePath.safeParse(text.trim());
  return path.success && !path.data.endsWith("/") ? path.data : undefined;
}

function actionOf(deed: Deed, path: string | undefined, to: string | undefined): DeviceAction | undefined {
  if (path === undefined) return undefined;
  if (deed !== "move") return { type: deed, path };
  return to === undefined ? undefined : { type: deed, path, to };
}
