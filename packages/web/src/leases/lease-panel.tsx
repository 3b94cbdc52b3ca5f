import { ActionIcon } from "@mantine/core";
import { LEASE_WARN_MS, type Lease } from "@phonerack/contract/api";
import { IconX } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { ArtifactList } from "../artifacts/artifact-list.js";
import { formatSpan, formatTime } from "../language/format.js";
import { useSession } from "../session/use-session.js";
import { whoHolds } from "../status/lease-words.js";
import { LeaseActions } from "./lease-actions.js";
import { LeaseMark } from "./lease-mark.js";
import { nameOfLease } from "./lease-name.js";
import css from "./leases.module.css";
import { useNow } from "./use-now.js";

const MOST_SHOWN = 12;
const EVERY_MS = 5_000;

/** All about one lease, and what may be done with it. */
export function LeasePanel({ lease, onClose }: { lease: Lease; onClose: () => void }) {
  const { t } = useTranslation();
  const session = useSession();
  const now = useNow(EVERY_MS);
  return (
    <section className={css.panel} aria-label={t("leases.one")}>
      <header className={css.panelHead}>
        <h2>{nameOfLease(t, lease)}</h2>
        <ActionIcon variant="subtle" color="gray" aria-label={t("leases.close")} onClick={onClose}>
          <IconX size={18} stroke={1.5} aria-hidden="true" />
        </ActionIcon>
      </header>
      <p className={css.who}>
        <LeaseMark lease={lease} session={session} /> {whoHolds(t, lease, session)}
      </p>
      <dl className={css.facts}>
        {lease.purpose && <Fact name={t("leases.purpose")}>{lease.purpose}</Fact>}
        {lease.phase !== "queued" && <Fact name={t("leases.from")}>{formatTime(lease.from)}</Fact>}
        <Until lease={lease} now={now} />
        {lease.phase === "active" && (
          <Fact name={t("leases.idle")}>
            {lease.idleAt === null ? t("leases.neverIdle") : t("leases.idleAt", { time: formatTime(lease.idleAt) })}
          </Fact>
        )}
      </dl>
      <LeaseActions lease={lease} />
      {lease.phase === "active" && lease.actor === session?.actor && lease.devices.length > 1 && (
        <p className={css.drive}>
          <Link to="/groups/new" search={{ lease: lease.id }}>
            {t("groups.driveLease")}
          </Link>
        </p>
      )}
      <Phones lease={lease} />
      {lease.phase !== "queued" && lease.phase !== "booked" && (
        <>
          <h3 className={css.artifacts}>{t("artifacts.ofLease")}</h3>
          <ArtifactList of={{ lease: lease.id }} none={t("artifacts.noneOfLease")} changed={lease.phase} />
        </>
      )}
    </section>
  );
}

function Until({ lease, now }: { lease: Lease; now: number }) {
  const { t } = useTranslation();
  const { phase, until, endedAt, endReason, endNote, queue, from } = lease;
  if (phase === "queued" && queue) {
    const estimate =
      queue.estimate === null ? t("leases.noEstimate") : t("leases.estimate", { time: formatTime(queue.estimate) });
    return (
      <Fact name={t("leases.queue")}>
        {t("leases.place", { place: queue.position })}, {estimate} · {t("leases.for", { span: formatSpan(until - from) })}
      </Fact>
    );
  }
  if (phase === "ended") {
    return (
      <Fact name={t("leases.ended")}>
        {t(`ended.${endReason ?? "expired"}`, { time: formatTime(endedAt ?? until) })} {endNote}
      </Fact>
    );
  }
  const soon = phase === "active" && until - now < LEASE_WARN_MS;
  return (
    <Fact name={t("leases.until")}>
      {formatTime(until)}
      {phase === "active" && (
        <span className={soon ? css.soon : css.dim}> · {t("leases.left", { span: formatSpan(until - now) })}</span>
      )}
    </Fact>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Phones({ lease }: { lease: Lease }) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const shown = all ? lease.devices : lease.devices.slice(0, MOST_SHOWN);
  const rest = lease.devices.length - shown.length;
  if (shown.length === 0) return <Wish lease={lease} />;
  return (
    <ul className={css.phones} aria-label={t("leases.phones")}>
      {shown.map(({ id, name }) => (
        <li key={id}>
          <Link to="/devices/$id" params={{ id }}>
            {name}
          </Link>
        </li>
      ))}
      {rest > 0 && (
        <li>
          <button type="button" onClick={() => setAll(true)}>
            {t("leases.more", { count: rest })}
          </button>
        </li>
      )}
    </ul>
  );
}

/** What a lease that waits is waiting for. */
export function Wish({ lease: { wanted } }: { lease: Lease }) {
  const { t } = useTranslation();
  const { where } = wanted;
  const sdk = where?.sdk;
  const words = [
    wanted.wholeChassis ? t("leases.wholeChassis") : t("lease.phones", { count: wanted.count }),
    where?.model && [where.model].flat().join(" / "),
    where?.manufacturer,
    sdk !== undefined &&
      (typeof sdk === "number"
        ? t("wall.sdk", { sdk })
        : t("leases.sdkRange", { from: sdk.atLeast ?? "…", to: sdk.atMost ?? "…" })),
    where?.chassis && t("wall.chassis", { name: where.chassis }),
    where?.rack,
    where?.site,
    ...(where?.labels ?? []),
  ];
  return <p className={css.wish}>{words.filter(Boolean).join(" · ")}</p>;
}
