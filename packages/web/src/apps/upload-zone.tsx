import { Button, FileButton, Progress } from "@mantine/core";
import { APK_MAX_BYTES, type App } from "@phonerack/contract/api";
import { IconUpload } from "@tabler/icons-react";
import { type DragEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorNote } from "../frame/error-note.js";
import { formatBytes, formatPercent } from "../language/format.js";
import { type Sending, useSending } from "../uploads/use-sending.js";
import css from "./apps.module.css";
import { uploadApk } from "./upload.js";

/** Where APKs are dropped; each is sent, verified and then stands in the list. */
export function UploadZone({ onUploaded }: { onUploaded: (app: App) => void }) {
  const { t } = useTranslation();
  const { items: uploads, add, drop } = useSending({ mostBytes: APK_MAX_BYTES, send: uploadApk, onSent: onUploaded });
  const [over, setOver] = useState(false);
  const take = (event: DragEvent<HTMLElement>) => {
    event.preventDefault();
    setOver(false);
    add([...event.dataTransfer.files]);
  };
  return (
    <section
      className={css.zone}
      data-over={over || undefined}
      aria-label={t("apps.upload")}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={take}
    >
      <div className={css.zoneLine}>
        <IconUpload size={20} stroke={1.5} aria-hidden="true" />
        <p>{t("apps.dropHere", { most: formatBytes(APK_MAX_BYTES) })}</p>
        <FileButton multiple accept=".apk,application/vnd.android.package-archive" onChange={add}>
          {(props) => (
            <Button {...props} size="xs">
              {t("apps.choose")}
            </Button>
          )}
        </FileButton>
      </div>
      {uploads.length > 0 && (
        <ul className={css.uploads} aria-label={t("apps.uploads")}>
          {uploads.map((upload) => (
            <UploadLine key={upload.key} upload={upload} onDrop={() => drop(upload.key)} />
          ))}
        </ul>
      )}
    </section>
  );
}

function UploadLine({ upload: { name, size, part, error }, onDrop }: { upload: Sending; onDrop: () => void }) {
  const { t } = useTranslation();
  const words = part < 1 ? t("apps.sent", { part: formatPercent(part * 100), size: formatBytes(size) }) : t("apps.verifying");
  return (
    <li>
      <div className={css.uploadLine}>
        <strong>{name}</strong>
        {!error && <span className={css.dim}>{words}</span>}
        <Button size="compact-xs" variant="subtle" color="gray" onClick={onDrop}>
          {t(error ? "apps.dismiss" : "device.cancel")}
        </Button>
      </div>
      {error ? <ErrorNote error={error} /> : <Progress size={4} value={part * 100} aria-label={words} />}
    </li>
  );
}
