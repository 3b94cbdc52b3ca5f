import type { Device } from "@phonerack/contract/api";
import { getRouteApi } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { PutInQuarantine, Quarantined } from "../records/quarantine.js";
import { Info } from "./info.js";
import css from "./side.module.css";
import { SIDES, type SideName } from "./sides.js";

const route = getRouteApi("/devices/$id");
const Apps = lazy(async () => ({ default: (await import("../packages/packages.js")).Packages }));
const Files = lazy(async () => ({ default: (await import("../files/files.js")).Files }));
const Shell = lazy(async () => ({ default: (await import("../shell/shell.js")).Shell }));
const Logs = lazy(async () => ({ default: (await import("../logs/logs.js")).Logs }));
const Records = lazy(async () => ({ default: (await import("../records/records.js")).Records }));

/** Beside the phone: what is known of it, by tabs. The address keeps which; the phone does not notice. */
export function Side({ device }: { device: Device }) {
  const { t } = useTranslation();
  const { side = "info" }: { side?: SideName } = route.useSearch();
  return (
    <aside className={css.side} aria-label={t("side.tabs")}>
      <Tabs chosen={side} />
      <div className={css.panel} id="side-panel" role="tabpanel" aria-labelledby={`side-${side}`}>
        <Quarantined device={device} />
        {side === "info" && <Info device={device} />}
        <Suspense>
          {side === "apps" && <Apps key={device.id} device={device} />}
          {side === "files" && <Files key={device.id} device={device} />}
          {side === "shell" && <Shell key={device.id} device={device} />}
          {side === "logs" && <Logs key={device.id} device={device} />}
          {side === "records" && <Records device={device} />}
        </Suspense>
        {side === "records" && <PutInQuarantine device={device} />}
      </div>
    </aside>
  );
}

/** One stop for Tab; arrows go from one to the next. */
function Tabs({ chosen }: { chosen: SideName }) {
  const { t } = useTranslation();
  const navigate = route.useNavigate();
  const show = (side: SideName) => void navigate({ search: side === "info" ? {} : { side }, replace: true });
  const onKeyDown = (event: React.KeyboardEvent<HTMLDivElement>) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const next = SIDES[(SIDES.indexOf(chosen) + step + SIDES.length) % SIDES.length];
    if (step === 0 || !next) return;
    show(next);
    event.currentTarget.querySelector<HTMLElement>(`#side-${next}`)?.focus();
  };
  return (
    <div className={css.tabs} role="tablist" aria-label={t("side.tabs")} onKeyDown={onKeyDown}>
      {SIDES.map((side) => (
        <button
          key={side}
          type="button"
          role="tab"
          id={`side-${side}`}
          aria-selected={side === chosen}
          aria-controls="side-panel"
          tabIndex={side === chosen ? 0 : -1}
          onClick={() => show(side)}
        >
          {t(`side.${side}`)}
        </button>
      ))}
    </div>
  );
}
