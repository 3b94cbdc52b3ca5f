import type { Lease, Session } from "@phonerack/contract/api";
import { useTranslation } from "react-i18next";
import { formatRange, formatSpan, formatTime } from "../language/format.js";
import { whoHolds } from "../status/lease-words.js";
import { LeaseMark } from "./lease-mark.js";
import { nameOfLease } from "./lease-name.js";
import css from "./leases.module.css";
import { Queue } from "./queue.js";

interface LeaseListProps {
  leases: readonly Lease[];
  session: Session | undefined;
  now: number;
  onChoose: (lease: string) => void;
}

const ORDER = { active: 0, booked: 1, queued: 2, ended: 3 } as const;

/** In a hand there is no room for a timeline: one's own leases, then the others', the running ones first. */
export function LeaseList({ leases, session, now, onChoose }: LeaseListProps) {
  const { t } = useTranslation();
  const sorted = leases
    .filter(({ phase }) => phase !== "queued")
    .sort((a, b) => ORDER[a.phase] - ORDER[b.phase] || a.until - b.until);
  const mine = sorted.filter(({ actor }) => actor === session?.actor);
  const others = sorted.filter(({ actor }) => actor !== session?.actor);
  const list = (title: string, items: readonly Lease[], none: string) => (
    <section>
      <h2>{title}</h2>
      {items.length === 0 && <p className={css.dim}>{none}</p>}
      {items.map((lease) => (
        <LeaseCard key={lease.id} lease={lease} session={session} now={now} onChoose={onChoose} />
      ))}
    </section>
  );
  return (
    <div className={css.list}>
      {list(t("leases.yourLeases"), mine, t("leases.noneOfYours"))}
      <Queue leases={leases} session={session} now={now} onChoose={onChoose} />
      {others.length > 0 && list(t("leases.others"), others, "")}
    </div>
  );
}

function LeaseCard({ lease, session, now, onChoose }: Omit<LeaseListProps, "leases"> & { lease: Lease }) {
  const { t } = useTranslation();
  const { phase, until, from, endedAt } = lease;
  return (
    <button type="button" className={css.card} data-phase={phase} onClick={() => onChoose(lease.id)}>
      <span className={css.cardLine}>
        <strong>{nameOfLease(t, lease)}</strong>
        <LeaseMark lease={lease} session={session} />
      </span>
      <span className={css.cardLine}>
        <span className={css.dim}>
          {[lease.actor === session?.actor ? undefined : whoHolds(t, lease, session), lease.purpose].filter(Boolean).join(" · ")}
        </span>
        <span className={css.cardTime}>
          {phase === "active" && t("leases.left", { span: formatSpan(until - now) })}
          {phase === "booked" && formatRange(from, until)}
          {phase === "ended" && formatTime(endedAt ?? until)}
        </span>
      </span>
    </button>
  );
}
