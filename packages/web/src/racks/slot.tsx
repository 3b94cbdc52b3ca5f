import type { Device, DeviceId } from "@phonerack/contract/api";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { useDevice } from "../live/live.js";
import { useSession } from "../session/use-session.js";
import { leaseWords } from "../status/lease-words.js";
import { statusesOf } from "../status/status.js";
import { StatusMark } from "../status/status-mark.js";
import { isolationWords } from "../wall/isolation-mark.js";
import css from "./racks.module.css";
import { heatOf } from "./room.js";

/** What slots do; those that move boards are there for whoever runs the lab. */
export interface SlotActions {
  readonly open: (id: DeviceId) => void;
  readonly show: (id: DeviceId, beside: HTMLElement) => void;
  readonly hide: () => void;
  readonly place?: (id: DeviceId, place: { chassis: string; slot: number } | null) => void;
  readonly move?: (id: DeviceId) => void;
}

interface SlotProps {
  id: DeviceId | null;
  /** Null outside of a chassis. */
  chassis: string | null;
  number: number | null;
  tabbable: boolean;
  actions: SlotActions;
}

const WARM = 42;

/** One slot of a chassis: how its phone is by shape and colour, how warm by a small bar. */
export const Slot = memo(function Slot({ id, chassis, number, tabbable, actions }: SlotProps) {
  const device = useDevice(id ?? "");
  if (id === null || !device) return <EmptySlot chassis={chassis} number={number} tabbable={tabbable} actions={actions} />;
  return <TakenSlot device={device} number={number} tabbable={tabbable} actions={actions} />;
});

function EmptySlot({ chassis, number, tabbable, actions: { place } }: Omit<SlotProps, "id">) {
  const { t } = useTranslation();
  if (chassis === null || number === null) return null;
  return (
    <span
      className={css.empty}
      role="img"
      aria-label={t("wall.emptySlot", { slot: number })}
      tabIndex={tabbable ? 0 : -1}
      onDragOver={(event) => place && event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        place?.(event.dataTransfer.getData("text/plain"), { chassis, slot: number });
      }}
    >
      {number}
    </span>
  );
}

interface TakenSlotProps extends Omit<SlotProps, "id" | "chassis"> {
  device: Device;
}

function TakenSlot({ device, number, tabbable, actions }: TakenSlotProps) {
  const { t } = useTranslation();
  const session = useSession();
  const [status = "free", ...besides] = statusesOf(device, session?.actor);
  const degrees = device.battery?.temperature;
  const states = [status, ...besides].map((each) => t(`status.${each}`));
  const words = [
    device.name,
    device.model,
    ...states,
    device.reason ?? leaseWords(t, device, session) ?? isolationWords(t, device),
  ];
  return (
    <button
      type="button"
      className={css.slot}
      data-status={status}
      data-device={device.id}
      tabIndex={tabbable ? 0 : -1}
      aria-label={words.filter(Boolean).join(", ")}
      draggable={actions.place !== undefined}
      onDragStart={(event) => {
        actions.hide();
        event.dataTransfer.setData("text/plain", device.id);
        event.dataTransfer.effectAllowed = "move";
      }}
      onClick={() => actions.open(device.id)}
      onKeyDown={(event) => event.key === "m" && actions.move?.(device.id)}
      onPointerEnter={(event) => event.pointerType !== "touch" && actions.show(device.id, event.currentTarget)}
      onPointerLeave={actions.hide}
      onFocus={(event) => actions.show(device.id, event.currentTarget)}
      onBlur={actions.hide}
    >
      <StatusMark status={status} compact />
      {number === null ? <span className={css.name}>{device.name}</span> : <span className={css.number}>{number}</span>}
      {device.doubt && <span className={css.doubtful} aria-hidden="true" />}
      {degrees !== undefined && (
        <span className={css.heat} data-warm={degrees >= WARM || undefined} style={{ width: `${heatOf(degrees) * 100}%` }} />
      )}
    </button>
  );
}
