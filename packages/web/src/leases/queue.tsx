import type { Lease, Session } from "@phonerack/contract/api";
import { useTranslation } from "react-i18next";
import { formatTime } from "../language/format.js";
import { whoHolds } from "../status/lease-words.js";
import { Wish } from "./lease-panel.js";
import css from "./leases.module.css";

interface QueueProps {
  leases: readonly Lease[];
  session: Session | undefined;
  now: number;
  onChoose: (lease: string) => void;
}

/** Who waits for phones, in order, and when it will probably be their turn. */
export function Queue({ leases, session, onChoose }: QueueProps) {
  const { t } = useTranslation();
  const waiting = leases
    .filter(({ phase }) => phase === "queued")
    .sort((a, b) => (a.queue?.position ?? 0) - (b.queue?.position ?? 0));
  return (
    <section className={css.queue}>
      <h2>{t("leases.queue")}</h2>
      {waiting.length === 0 && <p className={css.dim}>{t("leases.nobodyWaits")}</p>}
      <ol>
        {waiting.map((lease) => (
          <li key={lease.id}>
            <button type="button" data-mine={lease.actor === session?.actor || undefined} onClick={() => onChoose(lease.id)}>
              <span className={css.position}>{lease.queue?.position}</span>
              <span className={css.waiting}>
                <strong>{whoHolds(t, lease, session)}</strong>
                <Wish lease={lease} />
                <span className={css.dim}>
                  {lease.queue?.estimate == null
                    ? t("leases.noEstimate")
                    : t("leases.estimate", { time: formatTime(lease.queue.estimate) })}
                </span>
              </span>
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}
