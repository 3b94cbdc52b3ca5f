import { CloseButton } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import type { Lease, LeaseEnd } from "@phonerack/contract/api";
import { IconInfoCircle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { formatTime } from "../language/format.js";
import { useActor } from "../session/use-session.js";
import css from "./ending-lines.module.css";
import { nameOfLease } from "./lease-name.js";

/** What one did oneself is no news. */
const NEWS: readonly LeaseEnd[] = ["kicked", "expired", "idle", "agent-clock", "device-gone"];
const NEWS_MS = 2 * 3_600_000;
const MOST_SHOWN = 2;
/** Enough to remember what was read while it is news. */
const MOST_READ = 50;

/** Leases of one's own that ended without one's doing: why, until it is read. */
export function EndedLines() {
  const { t } = useTranslation();
  const actor = useActor();
  const [read, setRead] = useLocalStorage<readonly string[]>({ key: "phonerack.read-ends", defaultValue: [] });
  const mine = useQuery(
    api.leases.list.queryOptions({ input: { mine: "true", limit: 50 }, enabled: actor !== undefined, retry: false }),
  );
  const ended = (mine.data?.items ?? []).filter((lease) => isNews(lease) && !read.includes(lease.id)).slice(0, MOST_SHOWN);
  return ended.map((lease) => (
    <div key={lease.id} className={css.line} data-ended="" role="status">
      <IconInfoCircle size={18} stroke={1.5} aria-hidden="true" />
      <span className={css.words}>
        <strong>{nameOfLease(t, lease)}: </strong>
        {t(`ended.${lease.endReason ?? "expired"}`, { time: formatTime(lease.endedAt ?? 0) })} {lease.endNote}
      </span>
      <CloseButton
        size="sm"
        aria-label={t("ended.read")}
        onClick={() => setRead((before) => [lease.id, ...before].slice(0, MOST_READ))}
      />
    </div>
  ));
}

function isNews({ phase, endReason, endedAt }: Lease): boolean {
  return phase === "ended" && endReason !== null && NEWS.includes(endReason) && Date.now() - (endedAt ?? 0) < NEWS_MS;
}
