import type { ChassisFault } from "@phonerack/contract/api";
import { IconAlertTriangle } from "@tabler/icons-react";
import { type FocusEvent, type KeyboardEvent, memo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatDegrees, formatTime } from "../language/format.js";
import { useDevices, useLive } from "../live/live.js";
import { sumUp } from "../wall/facts.js";
import css from "./racks.module.css";
import { type RoomChassis, type RoomRack, slotBeside } from "./room.js";
import { Slot, type SlotActions } from "./slot.js";

interface RackProps {
  rack: RoomRack;
  faults: readonly ChassisFault[];
  actions: SlotActions;
}

/** One rack, its chassis from the top down. */
export function Rack({ rack, faults, actions }: RackProps) {
  const { t } = useTranslation();
  return (
    <section className={css.rack} aria-label={t("racks.rack", { name: rack.name })}>
      <h3>{rack.name}</h3>
      {rack.chassis.length === 0 && <p className={css.dim}>{t("racks.noChassis")}</p>}
      {rack.chassis.map((chassis) => (
        <Chassis
          key={chassis.name}
          chassis={chassis}
          fault={faults.find((fault) => fault.chassis === chassis.name)}
          actions={actions}
        />
      ))}
    </section>
  );
}

interface ChassisProps {
  chassis: RoomChassis;
  fault: ChassisFault | undefined;
  actions: SlotActions;
}

/** Two rows of ten slots; what hits many of them is said once. One tab stop, arrows from slot to slot. */
const Chassis = memo(
  function Chassis({ chassis, fault, actions }: ChassisProps) {
    const { t } = useTranslation();
    const grid = useRef<HTMLDivElement>(null);
    const [at, setAt] = useState(0);
    const keys = {
      onFocus: (event: FocusEvent) => setAt(Math.max(0, [...(grid.current?.children ?? [])].indexOf(event.target))),
      onKeyDown: (event: KeyboardEvent) => {
        const next = slotBeside(at, event.key, chassis.slots.length);
        if (next === undefined) return;
        event.preventDefault();
        setAt(next);
        (grid.current?.children[next] as HTMLElement | undefined)?.focus();
      },
    };
    return (
      <section
        className={css.chassis}
        data-fault={fault ? true : undefined}
        aria-label={t("wall.chassis", { name: chassis.name })}
      >
        <ChassisLine chassis={chassis} fault={fault} />
        <div ref={grid} className={css.slots} {...keys}>
          {chassis.slots.map((id, index) => (
            <Slot
              // biome-ignore lint/suspicious/noArrayIndexKey: a slot is its number; who stands in it changes.
              key={index}
              id={id}
              chassis={chassis.name}
              number={index + 1}
              tabbable={index === at}
              actions={actions}
            />
          ))}
        </div>
      </section>
    );
  },
  (before, after) =>
    before.fault?.summary === after.fault?.summary && before.actions === after.actions && same(before.chassis, after.chassis),
);

/** Devices change all the time, where they stand does not. */
function same(a: RoomChassis, b: RoomChassis): boolean {
  return (
    a.name === b.name &&
    a.tenant === b.tenant &&
    a.labels.join() === b.labels.join() &&
    a.slots.length === b.slots.length &&
    a.slots.every((id, at) => id === b.slots[at])
  );
}

function ChassisLine({ chassis, fault }: { chassis: RoomChassis; fault: ChassisFault | undefined }) {
  const { t } = useTranslation();
  const { devices } = useLive();
  useDevices();
  const facts = sumUp(chassis.slots.flatMap((id) => (id === null ? [] : (devices.get(id) ?? []))));
  const trouble = fault ? `${fault.summary} · ${t("picture.since", { time: formatTime(fault.since) })}` : facts.commonReason;
  return (
    <>
      <div className={css.line}>
        <h4>{chassis.name}</h4>
        <span className={css.dim}>
          {facts.total > 0 ? t("wall.ready", { ready: facts.ready, total: facts.total }) : t("racks.noPhones")}
        </span>
        {facts.hottest !== undefined && <span className={css.dim}>{formatDegrees(facts.hottest)}</span>}
        <span className={css.labels}>{[chassis.tenant, ...chassis.labels].filter(Boolean).join(" · ")}</span>
      </div>
      {trouble && (
        <p className={css.fault} role="status">
          <IconAlertTriangle size={14} stroke={1.5} aria-hidden="true" />
          {trouble}
        </p>
      )}
    </>
  );
}
