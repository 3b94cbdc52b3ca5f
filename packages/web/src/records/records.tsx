import { Skeleton } from "@mantine/core";
import type { CleanRecord, Device } from "@phonerack/contract/api";
import { IconCheck, IconEraser, IconEyeOff, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ArtifactList } from "../artifacts/artifact-list.js";
import artifactsCss from "../artifacts/artifacts.module.css";
import { ErrorNote } from "../frame/error-note.js";
import { formatDateTime, formatDuration } from "../language/format.js";
import css from "./records.module.css";

/** What was kept of the phone's leases, and how it was cleaned after them. */
export function Records({ device }: { device: Device }) {
  const { t } = useTranslation();
  return (
    <>
      <section className={artifactsCss.part}>
        <h2 className={artifactsCss.head}>{t("artifacts.title")}</h2>
        <p>{t("artifacts.hint")}</p>
        <ArtifactList of={{ device: device.id }} none={t("artifacts.none")} changed={device.recording} />
      </section>
      <section>
        <h2 className={artifactsCss.head}>{t("artifacts.cleaning")}</h2>
        <CleanRecords device={device} />
      </section>
    </>
  );
}

/** What was cleaned after the last leases, the newest first, and how each thing was found then. */
function CleanRecords({ device }: { device: Device }) {
  const { t } = useTranslation();
  // A cleaning that ends changes the epoch or the state; then there is a record more.
  const { id, lease, state } = device;
  const records = useQuery({
    ...api.devices.records.queryOptions({ input: { id, limit: "20" } }),
    queryKey: [...api.devices.records.queryKey({ input: { id, limit: "20" } }), lease, state],
    placeholderData: (before) => before,
  });
  if (records.error) return <ErrorNote error={records.error} onAgain={() => void records.refetch()} />;
  if (!records.data) {
    return (
      <div aria-busy="true">
        {[0, 1, 2].map((card) => (
          <Skeleton key={card} height={52} mb={12} />
        ))}
      </div>
    );
  }
  const { items } = records.data;
  if (items.length === 0) return <p className={css.none}>{t("records.none")}</p>;
  return (
    <ol className={css.records}>
      {items.map((record, at) => (
        <li key={`${record.epoch} ${record.startedAt}`}>
          <Card record={record} open={at === 0} />
        </li>
      ))}
    </ol>
  );
}

function Card({ record, open }: { record: CleanRecord; open: boolean }) {
  const { t } = useTranslation();
  const { clean, endedAt, startedAt, epoch, reason, items } = record;
  return (
    <details className={css.card} open={open}>
      <summary>
        <span className={css.verdict} data-clean={clean}>
          {clean ? <IconCheck size={16} stroke={1.5} aria-hidden="true" /> : <IconX size={16} stroke={1.5} aria-hidden="true" />}
          {t(clean ? "records.clean" : "records.notClean")}
        </span>
        <span>{formatDateTime(endedAt)}</span>
        <span className={css.dim}>
          {t("records.took", { time: formatDuration(endedAt - startedAt) })} · {t("records.epoch", { epoch })}
        </span>
      </summary>
      {reason && <p className={css.reason}>{reason}</p>}
      {items.length === 0 ? (
        <p className={css.theirs}>{t("records.theirs")}</p>
      ) : (
        <ul className={css.items}>
          {items.map((item) => (
            <Item key={item.name} item={item} />
          ))}
        </ul>
      )}
    </details>
  );
}

const ICONS = { verified: IconCheck, cleared: IconEraser, unverifiable: IconEyeOff, failed: IconX } as const;

function Item({ item: { name, result, detail, ms } }: { item: CleanRecord["items"][number] }) {
  const { t } = useTranslation();
  const Icon = ICONS[result];
  return (
    <li data-result={result}>
      <Icon size={16} stroke={1.5} aria-hidden="true" />
      <span>{t(`records.item.${name}`)}</span>
      <span className={css.result}>{t(`records.result.${result}`)}</span>
      <span className={css.dim}>{formatDuration(ms)}</span>
      {detail && <p>{detail}</p>}
    </li>
  );
}
