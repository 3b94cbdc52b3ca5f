import { ActionIcon, Button, Progress } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { shownError } from "../api/sentence.js";
import css from "./files.module.css";
import type { FileUpload, FileUploads } from "./uploads.js";

/** What is on its way, with how far it is. */
export function UploadList({ uploads, items }: { uploads: FileUploads; items: readonly FileUpload[] }) {
  const { t } = useTranslation();
  const shown = items.filter(({ state }) => state !== "done");
  if (shown.length === 0) return null;
  return (
    <section className={css.uploads} aria-label={t("files.sending")}>
      <ul>
        {shown.map((item) => (
          <li key={item.key}>
            <Line item={item} onGiveUp={() => uploads.giveUp(item.key)} />
          </li>
        ))}
      </ul>
      {shown.some(({ state }) => state === "failed") && (
        <Button size="compact-xs" variant="default" onClick={() => uploads.clear()}>
          {t("files.clear")}
        </Button>
      )}
    </section>
  );
}

function Line({ item: { name, state, part, error }, onGiveUp }: { item: FileUpload; onGiveUp: () => void }) {
  const { t } = useTranslation();
  const words =
    state === "sending"
      ? t("files.sent", { percent: Math.floor(part * 100) })
      : state === "failed"
        ? (shownError(error).message ?? t("error.unreachable"))
        : t(state === "writing" ? "files.writing" : "files.waiting");
  return (
    <>
      <span className={css.uploadName}>{name}</span>
      <span className={css.uploadState} data-failed={state === "failed" || undefined}>
        {words}
      </span>
      <ActionIcon size="xs" variant="subtle" color="gray" aria-label={t("files.giveUp", { name })} onClick={onGiveUp}>
        <IconX size={14} stroke={1.5} aria-hidden="true" />
      </ActionIcon>
      {state !== "failed" && <Progress className={css.bar ?? ""} size={4} value={part * 100} aria-label={name} />}
    </>
  );
}
