import { Drawer, Skeleton } from "@mantine/core";
import type { Evidence, RegisterDevice, Session } from "@phonerack/contract/api";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNames } from "../admin/use-names.js";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { formatDate, formatDateTime } from "../language/format.js";
import { runsLab } from "../session/may.js";
import { ClassMark, classOf } from "./class-mark.js";
import { Finding } from "./device-list.js";
import { Documents } from "./documents.js";
import { Lookups } from "./lookups.js";
import { RecordForm } from "./record-form.js";
import css from "./register.module.css";

interface RecordDrawerProps {
  id: string;
  session: Session;
  onClose: () => void;
}

/** One device's record beside the list: what it is, what shows it, and who looked it up. */
export function RecordDrawer({ id, session, onClose }: RecordDrawerProps) {
  const { t } = useTranslation();
  const device = useQuery(api.register.get.queryOptions({ input: { id }, refetchInterval: 15_000 }));
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size={680}
      title={<strong>{device.data ? (device.data.name ?? id) : id}</strong>}
      closeButtonProps={{ "aria-label": t("register.close") }}
      classNames={{ content: css.drawer ?? "", header: css.drawerHead ?? "", body: css.drawerBody ?? "" }}
      overlayProps={{ backgroundOpacity: 0.25 }}
    >
      {device.isPending && <Skeleton height={420} />}
      {device.error && <ErrorNote error={device.error} onAgain={() => void device.refetch()} />}
      {device.data && <Opened device={device.data} operates={runsLab(session)} />}
    </Drawer>
  );
}

type Shown = RegisterDevice & { evidence: Evidence[] };

function Opened({ device, operates }: { device: Shown; operates: boolean }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const nameOf = useNames();
  const [isDirty, setDirty] = useState(false);
  const { id, record, reach, evidence } = device;
  const changed = () => queries.invalidateQueries({ queryKey: api.register.key() });
  const needsNothing = reach === "virtual" && record === null;
  return (
    <>
      <Standing device={device} />
      {needsNothing ? (
        <p className={css.dim}>{t("register.virtual")}</p>
      ) : (
        <>
          <RecordForm key={record?.at ?? "none"} device={device} operates={operates} onDirty={setDirty} onChanged={changed} />
          <Documents id={id} evidence={evidence} record={record} operates={operates} onChanged={changed} />
          {record && operates && <Lookups device={device} isDirty={isDirty} onChanged={changed} />}
          {record && (
            <p className={css.small}>{t("register.lastChange", { time: formatDateTime(record.at), who: nameOf(record.by) })}</p>
          )}
        </>
      )}
    </>
  );
}

/** Its class and all reasons, what was found on it, and the way to its page. */
function Standing({ device }: { device: RegisterDevice }) {
  const { t } = useTranslation();
  const { id, name, place, site, country, network, saysModel } = device;
  const where = [place, site, country].filter(Boolean).join(" · ");
  return (
    <section className={css.standing} aria-label={t("register.classes")}>
      <p className={css.standingLine}>
        <ClassMark name={classOf(device)} />
        {network.until !== null && <span className={css.dim}>{t("register.until", { day: formatDate(network.until - 1) })}</span>}
        {name !== null && (
          <Link to="/devices/$id" params={{ id }} className={css.link}>
            {t("register.toPhone")}
          </Link>
        )}
      </p>
      {network.reasons.length > 0 && (
        <ul className={css.reasons}>
          {network.reasons.map(({ words }) => (
            <li key={words}>{words}</li>
          ))}
        </ul>
      )}
      <Finding device={device} />
      <p className={css.small}>
        {where || t("register.nowhereStrict")}
        {saysModel !== null && ` · ${t("register.says", { model: saysModel })}`}
      </p>
    </section>
  );
}
