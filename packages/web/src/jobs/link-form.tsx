import { TextInput } from "@mantine/core";
import { PackageName } from "@phonerack/contract/api";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { OnPhones, type WorkFormProps } from "../workbench/work-form.js";

/** A deep link, opened on many phones: by whatever they open it with, or by one app. */
export function LinkForm({ devices, onWanted, foot }: WorkFormProps) {
  const { t } = useTranslation();
  const [url, setUrl] = useState("");
  const [app, setApp] = useState("");
  const named = app.trim();
  const known = named === "" || PackageName.safeParse(named).success;
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        onWanted({ action: { type: "link", url: url.trim(), ...(named ? { package: named } : {}) } });
      }}
    >
      <OnPhones devices={devices} />
      <TextInput
        data-autofocus
        required
        label={t("work.link")}
        placeholder={t("work.linkExample")}
        maxLength={2_000}
        value={url}
        onChange={(event) => setUrl(event.currentTarget.value)}
      />
      <TextInput
        label={t("work.linkApp")}
        description={t("work.linkAppHint")}
        placeholder="com.example.app"
        error={!known}
        maxLength={200}
        value={app}
        onChange={(event) => setApp(event.currentTarget.value)}
      />
      {foot(url.trim() !== "" && known)}
    </form>
  );
}
