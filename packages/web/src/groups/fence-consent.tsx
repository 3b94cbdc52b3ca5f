import { Skeleton } from "@mantine/core";
import type { DeviceId } from "@phonerack/contract/api";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { formatNumber } from "../language/format.js";
import { useLive } from "../live/live.js";
import page from "../page/page.module.css";
import { type FenceSummary, summarise } from "./fence-summary.js";
import css from "./groups.module.css";

export interface PreviewOfFence {
  readonly summary: FenceSummary | undefined;
  readonly failed: readonly { deviceId: DeviceId; reason: string }[];
  readonly pending: boolean;
  readonly error: unknown;
  readonly again: () => void;
}

/** Asks the phones what would be disabled on them. */
export function useFencePreview(ids: readonly DeviceId[]): PreviewOfFence {
  const asked = useQuery(
    api.fences.preview.queryOptions({
      input: { devices: [...ids] },
      enabled: ids.length > 0,
      staleTime: 0,
      gcTime: 0,
      retry: false,
    }),
  );
  const summary = useMemo(() => asked.data && summarise(asked.data.items), [asked.data]);
  return {
    summary,
    failed: asked.data?.failed ?? [],
    pending: ids.length > 0 && asked.isPending,
    error: asked.error ?? undefined,
    again: () => void asked.refetch(),
  };
}

/** What the fence disables, by app: nothing is disabled silently. */
export function FenceConsent({ preview: { summary, failed, pending, error, again } }: { preview: PreviewOfFence }) {
  const { t } = useTranslation();
  const { devices } = useLive();
  const nameOf = (id: DeviceId) => devices.get(id)?.name ?? id;
  return (
    <div className={page.block}>
      {pending && (
        <>
          <span className="visually-hidden" role="status">
            {t("fence.asking")}
          </span>
          <Skeleton height={26} width="70%" />
        </>
      )}
      {error !== undefined && <ErrorNote error={error} onAgain={again} />}
      {summary?.apps.length === 0 && <p className={css.fit}>{t("fence.nothing")}</p>}
      {summary && summary.apps.length > 0 && (
        <ul className={css.fenced} aria-label={t("fence.disabled")}>
          {summary.apps.map((app) => (
            <li key={app.package} title={`${app.package}: ${app.devices.map(nameOf).join(", ")}`}>
              {app.label} <span>{t("fence.on", { count: app.devices.length, shown: formatNumber(app.devices.length) })}</span>
            </li>
          ))}
        </ul>
      )}
      {failed.length > 0 && (
        <ul className={css.failed} aria-label={t("fence.failed")}>
          {failed.slice(0, MOST_FAILED).map(({ deviceId, reason }) => (
            <li key={deviceId}>
              {nameOf(deviceId)}: {reason}
            </li>
          ))}
          {failed.length > MOST_FAILED && <li>{t("leases.more", { count: failed.length - MOST_FAILED })}</li>}
        </ul>
      )}
    </div>
  );
}

const MOST_FAILED = 8;
