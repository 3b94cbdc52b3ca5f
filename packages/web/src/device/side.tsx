import type { Device } from "@phonerack/contract/api";
import { getRouteApi } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { PutInQuarantine, Quarantined } from "../records/quarantine.js";
import { Info } from "./info.js";
import css from "./side.module.css";

const route = getRouteApi("/devices/$id");
const Records = lazy(async () => ({ default: (await import("../records/records.js")).Records }));

const SIDES = ["info", "records"] as const;
type SideName = (typeof SIDES)[number];

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
        {side === "records" && (
          <Suspense>
            <Records device={device} />
          </Suspense>
        )}
        {side === "records" && <PutInQuarantine device={device} />}
      </div>
    </aside>
  );
}

/** One stop for Tab; arrows go from one to the next. */
function Tabs({ chosen }: { chosen: SideName }) {
  const { t } = useTranslation();
  const navigate = route.useNavigate();
  const show = (side: SideName) => void navigate({ search: side === "records" ? { side } : {}, replace: true });
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
