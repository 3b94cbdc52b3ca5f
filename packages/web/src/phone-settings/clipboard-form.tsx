import { Textarea } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { OnPhones, type WorkFormProps } from "../workbench/work-form.js";
import { CLIPBOARD_MOST } from "./clipboard.js";
import css from "./phone-settings.module.css";

/** The same text into the clipboards of many phones. */
export function ClipboardForm({ devices, onWanted, foot }: WorkFormProps) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  return (
    <form
      className={`form ${css.form}`}
      onSubmit={(event) => {
        event.preventDefault();
        onWanted({ action: { type: "clipboard", text } });
      }}
    >
      <OnPhones devices={devices} />
      <Textarea
        data-autofocus
        required
        autosize
        minRows={2}
        maxRows={10}
        label={t("work.text")}
        maxLength={CLIPBOARD_MOST}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {foot(text !== "")}
    </form>
  );
}
