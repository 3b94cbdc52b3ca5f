import { Button, Progress } from "@mantine/core";
import { EVIDENCE_MAX_BYTES, type Evidence, type RegisterRecord } from "@phonerack/contract/api";
import { IconFileTypePdf, IconTrash } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { formatBytes, formatDate, formatPercent } from "../language/format.js";
import { SureButton } from "../page/sure-button.js";
import { type Sending, useSending } from "../uploads/use-sending.js";
import { DropZone } from "./drop-zone.js";
import css from "./register.module.css";
import { evidenceUrl, sendEvidence } from "./send-evidence.js";

const ACCEPT = "image/jpeg,image/png,image/webp,application/pdf";

interface DocumentsProps {
  id: string;
  evidence: readonly Evidence[];
  record: RegisterRecord | null;
  operates: boolean;
  onChanged: () => Promise<void>;
}

/** Photos and PDFs of its labels and licences. */
export function Documents({ id, evidence, record, operates, onChanged }: DocumentsProps) {
  const { t } = useTranslation();
  const { items, add, drop } = useSending({
    mostBytes: EVIDENCE_MAX_BYTES,
    send: (file, options) => sendEvidence(id, file, options),
    onSent: () => void onChanged(),
  });
  return (
    <section className={css.part} aria-label={t("register.documents")}>
      <h3>{t("register.documents")}</h3>
      {operates && (
        <DropZone
          words={t("register.dropDocument", { most: formatBytes(EVIDENCE_MAX_BYTES) })}
          button={t("register.chooseDocument")}
          accept={ACCEPT}
          multiple
          onFiles={add}
        />
      )}
      {items.length > 0 && (
        <ul className={css.sending} aria-label={t("register.sending")}>
          {items.map((item) => (
            <SendingLine key={item.key} item={item} onDrop={() => drop(item.key)} />
          ))}
        </ul>
      )}
      {evidence.length === 0 && !operates && <p className={css.dim}>{t("register.noDocuments")}</p>}
      {evidence.length > 0 && (
        <ul className={css.documents}>
          {evidence.map((each) => (
            <Document key={each.id} evidence={each} shows={shownBy(each.id, record)} operates={operates} onChanged={onChanged} />
          ))}
        </ul>
      )}
    </section>
  );
}

function SendingLine({ item: { name, size, part, error }, onDrop }: { item: Sending; onDrop: () => void }) {
  const { t } = useTranslation();
  const words = t("apps.sent", { part: formatPercent(part * 100), size: formatBytes(size) });
  return (
    <li>
      <span className={css.sendingLine}>
        <strong>{name}</strong>
        {!error && <span className={css.dim}>{words}</span>}
        <Button size="compact-xs" variant="subtle" color="gray" onClick={onDrop}>
          {t(error ? "apps.dismiss" : "device.cancel")}
        </Button>
      </span>
      {error ? <ErrorNote error={error} /> : <Progress size={4} value={part * 100} aria-label={`${name}: ${words}`} />}
    </li>
  );
}

interface DocumentProps {
  evidence: Evidence;
  /** The licences that rest on it. */
  shows: readonly string[];
  operates: boolean;
  onChanged: () => Promise<void>;
}

function Document({ evidence: { id, name, type, size, at }, shows, operates, onChanged }: DocumentProps) {
  const { t } = useTranslation();
  const remove = useMutation(api.register.removeEvidence.mutationOptions({ onSuccess: onChanged }));
  const isPdf = type === "application/pdf";
  return (
    <li>
      {/* A PDF is only ever saved, never shown in place: it may run scripts. */}
      <a
        href={evidenceUrl(id)}
        {...(isPdf ? { download: name } : { target: "_blank", rel: "noreferrer" })}
        className={css.thumb}
        aria-label={t(isPdf ? "register.saveDocument" : "register.openDocument", { name })}
      >
        {isPdf ? (
          <IconFileTypePdf size={36} stroke={1.25} aria-hidden="true" />
        ) : (
          <img src={evidenceUrl(id)} alt="" loading="lazy" />
        )}
      </a>
      <span className={css.documentLine}>
        <span className={css.documentName} title={name}>
          {name}
        </span>
        {operates && shows.length === 0 && (
          <SureButton
            label={t("register.deleteDocument")}
            of={name}
            question={t("register.deleteQuestion")}
            icon={<IconTrash size={16} stroke={1.5} aria-hidden="true" />}
            pending={remove.isPending}
            onSure={() => remove.mutate({ id })}
          />
        )}
      </span>
      <span className={css.dim}>
        {formatBytes(size)} · {formatDate(at)}
      </span>
      {shows.length > 0 && <span className={css.dim}>{t("register.shows", { schemes: shows.join(", ") })}</span>}
      {remove.error && <ErrorNote error={remove.error} />}
    </li>
  );
}

function shownBy(id: string, record: RegisterRecord | null): string[] {
  return Object.entries(record?.licences ?? {}).flatMap(([scheme, { evidence, confirmed }]) =>
    evidence === id || confirmed?.evidence === id ? [scheme.toUpperCase()] : [],
  );
}
