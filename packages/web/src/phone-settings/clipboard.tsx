import { Button, CopyButton, Textarea } from "@mantine/core";
import type { Device } from "@phonerack/contract/api";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { doOnDevice } from "../jobs/do-on-device.js";
import css from "./phone-settings.module.css";

/** The longest text that a phone is given, in characters. */
export const CLIPBOARD_MOST = 100_000;

/** A phone's clipboard, both ways, when one asks: it is nobody's to read along. */
export function Clipboard({ device }: { device: Device }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [said, setSaid] = useState<"phone.readDone" | "phone.readEmpty" | "phone.written">();
  const read = useMutation({
    mutationFn: () => client.devices.clipboard({ id: device.id }),
    onSuccess: (answer) => {
      setText(answer.text);
      setSaid(answer.text === "" ? "phone.readEmpty" : "phone.readDone");
    },
  });
  const write = useMutation({
    mutationFn: () => doOnDevice(device.id, { type: "clipboard", text }),
    onSuccess: () => setSaid("phone.written"),
  });
  const begin = (way: { reset(): void; mutate(): void }) => {
    setSaid(undefined);
    read.reset();
    write.reset();
    way.mutate();
  };
  const error = read.error ?? write.error;
  return (
    <section aria-label={t("phone.clipboard")}>
      <h3 className={css.title}>{t("phone.clipboard")}</h3>
      <p className={css.dim}>{t("phone.clipboardHow")}</p>
      <Textarea
        size="xs"
        autosize
        minRows={2}
        maxRows={8}
        aria-label={t("phone.clipboardText")}
        maxLength={CLIPBOARD_MOST}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setSaid(undefined);
        }}
      />
      <div className={css.buttons}>
        <Button size="compact-sm" variant="default" loading={read.isPending} onClick={() => begin(read)}>
          {t("phone.read")}
        </Button>
        <Button size="compact-sm" variant="default" loading={write.isPending} disabled={text === ""} onClick={() => begin(write)}>
          {t("phone.write")}
        </Button>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button size="compact-sm" variant="subtle" color="gray" disabled={text === ""} onClick={copy}>
              {t(copied ? "phone.copied" : "phone.copy")}
            </Button>
          )}
        </CopyButton>
      </div>
      {error && <ErrorNote error={error} />}
      <p className={css.dim} role="status">
        {said && t(said)}
      </p>
    </section>
  );
}
