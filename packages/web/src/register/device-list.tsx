import type { RegisterDevice } from "@phonerack/contract/api";
import { IconAlertTriangle, IconCircleCheck, IconClock } from "@tabler/icons-react";
import { getRouteApi, Link } from "@tanstack/react-router";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { formatDate, formatTime } from "../language/format.js";
import page from "../page/page.module.css";
import { ClassMark, classOf } from "./class-mark.js";
import { atNoon, soonestExpiry, urgencyOf } from "./expiry.js";
import css from "./register.module.css";

const route = getRouteApi("/admin/{-$part}");

/** What each device is, why it is isolated, what was found on it, and until when its licences hold. */
export function DeviceList({ devices, now }: { devices: readonly RegisterDevice[]; now: number }) {
  const { t } = useTranslation();
  return (
    <table className={`${page.table} ${css.list}`} aria-label={t("register.list")}>
      <thead>
        <tr>
          <th>{t("register.device")}</th>
          <th>{t("register.model")}</th>
          <th>{t("register.classAndWhy")}</th>
          <th>{t("register.found")}</th>
          <th>{t("register.soonest")}</th>
        </tr>
      </thead>
      <tbody>
        {devices.map((device) => (
          <DeviceRow key={device.id} device={device} now={now} />
        ))}
      </tbody>
    </table>
  );
}

const DeviceRow = memo(function DeviceRow({ device, now }: { device: RegisterDevice; now: number }) {
  const { t } = useTranslation();
  const { id, name, record, saysModel, network, place } = device;
  const others = network.reasons.length - 1;
  const model = record?.model ?? saysModel;
  return (
    <tr className={css.row}>
      <td>
        <Link
          className={css.toRecord}
          from={route.id}
          to="."
          search={(before) => ({ ...before, device: id })}
          resetScroll={false}
        >
          {name ?? id}
        </Link>
        <span className={css.small}>{[place, device.site].filter(Boolean).join(" · ") || t("register.nowhere")}</span>
      </td>
      <td>
        {model ?? <span className={css.dim}>{t("register.unknown")}</span>}
        {record?.marketName && <span className={css.small}>{record.marketName}</span>}
      </td>
      <td>
        <ClassMark name={classOf(device)} />
        {network.reasons[0] && (
          <span className={css.small}>
            {network.reasons[0].words} {others > 0 && t("register.more", { count: others })}
          </span>
        )}
      </td>
      <td data-name={network.class === "isolated" ? t("register.found") : undefined}>
        <Finding device={device} />
      </td>
      <td>
        <ExpiryMark device={device} now={now} />
      </td>
    </tr>
  );
});

/** What its agent found on an isolated one; nothing is to be found on others. */
export function Finding({ device: { network, isolation, reach } }: { device: RegisterDevice }) {
  const { t } = useTranslation();
  if (network.class === "public" || reach === "virtual") return null;
  const state = isolation?.leadsOut ? "bad" : isolation?.verified != null ? "good" : "waiting";
  const Icon = { bad: IconAlertTriangle, good: IconCircleCheck, waiting: IconClock }[state];
  return (
    <span className={css.finding} data-state={state}>
      <Icon size={16} stroke={1.5} aria-hidden="true" />
      <span>
        {t(`register.finding.${state}`)}
        <span className={css.small}>
          {state === "bad" && isolation?.leadsOut}
          {state === "good" && isolation?.verified != null && formatTime(isolation.verified)}
        </span>
      </span>
    </span>
  );
}

function ExpiryMark({ device, now }: { device: RegisterDevice; now: number }) {
  const { t } = useTranslation();
  const expiry = soonestExpiry(device, now);
  if (!expiry) return null;
  const { left, day, scheme } = expiry;
  const words =
    left < 0
      ? t("register.ended", { count: -left - 1 })
      : left === 0
        ? t("register.endsToday")
        : t("register.left", { count: left });
  return (
    <span className={css.expiry} data-urgency={urgencyOf(left)}>
      {words}
      <span className={css.small}>
        {scheme.toUpperCase()} · <time dateTime={day}>{formatDate(atNoon(day))}</time>
      </span>
    </span>
  );
}
