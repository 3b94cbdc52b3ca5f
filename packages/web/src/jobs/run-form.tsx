import { NumberInput, Textarea } from "@mantine/core";
import { COMMAND_MAX_MS } from "@phonerack/contract/api";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { OnPhones, type WorkFormProps } from "../workbench/work-form.js";
import { ALL_AT_ONCE, type Pace, PaceFields, paceOf } from "./pace-fields.js";

const DEFAULT_SECONDS = 60;

/** A command for the shells of many phones; what they printed is grouped on the job's page. */
export function RunForm({ devices, onWanted, foot }: WorkFormProps) {
  const { t } = useTranslation();
  const [command, setCommand] = useState("");
  const [seconds, setSeconds] = useState(DEFAULT_SECONDS);
  const [pace, setPace] = useState<Pace>(ALL_AT_ONCE);
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        onWanted({ action: { type: "shell", command, timeoutMs: seconds * 1_000 }, ...paceOf(pace, devices.length) });
      }}
    >
      <OnPhones devices={devices} />
      <Textarea
        data-autofocus
        required
        autosize
        minRows={2}
        maxRows={10}
        spellCheck={false}
        autoCapitalize="off"
        classNames={{ input: "mono" }}
        label={t("work.commandLine")}
        description={t("work.commandHint")}
        placeholder={t("work.commandExample")}
        maxLength={10_000}
        value={command}
        onChange={(event) => setCommand(event.currentTarget.value)}
        onKeyDown={(event) => {
          // Enter makes a line; with Ctrl it runs.
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.currentTarget.form?.requestSubmit();
        }}
      />
      <NumberInput
        label={t("work.timeout")}
        suffix={t("work.seconds")}
        w={160}
        min={1}
        max={COMMAND_MAX_MS / 1_000}
        allowDecimal={false}
        clampBehavior="blur"
        value={seconds}
        onChange={(value) => setSeconds(Number(value) || DEFAULT_SECONDS)}
      />
      {devices.length > 1 && <PaceFields pace={pace} onChange={setPace} />}
      {foot(command.trim() !== "")}
    </form>
  );
}
