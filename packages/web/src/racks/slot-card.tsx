import { Button } from "@mantine/core";
import type { Device, DeviceId } from "@phonerack/contract/api";
import { useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatDegrees } from "../language/format.js";
import { useDevice } from "../live/live.js";
import { isMine } from "../session/may.js";
import { useSession } from "../session/use-session.js";
import { DeviceStatus } from "../status/device-status.js";
import { leaseWords } from "../status/lease-words.js";
import { Identify } from "./identify.js";
import css from "./racks.module.css";

export interface ShownCard {
  readonly id: DeviceId;
  readonly left: number;
  readonly top: number;
  /** There is more room above. */
  readonly above: boolean;
}

const OPEN_MS = 120;
/** Time to reach the card with the pointer. */
const CLOSE_MS = 180;
const WIDTH = 260;
const GAP = 6;

/** One card for all slots, beside the one that is pointed at or has the focus. */
export function useSlotCard() {
  const [shown, setShown] = useState<ShownCard>();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const show = useCallback((id: DeviceId, beside: HTMLElement) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      const { left, top, bottom, width } = beside.getBoundingClientRect();
      const above = bottom > innerHeight - 180;
      const wished = left + width / 2 - WIDTH / 2;
      setShown({ id, above, top: above ? top - GAP : bottom + GAP, left: Math.min(Math.max(8, wished), innerWidth - WIDTH - 8) });
    }, OPEN_MS);
  }, []);
  const stay = useCallback(() => clearTimeout(timer.current), []);
  const hide = useCallback(() => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setShown(undefined), CLOSE_MS);
  }, []);
  return { shown, show, stay, hide };
}

interface SlotCardProps {
  shown: ShownCard | undefined;
  operator: boolean;
  onMove: (id: DeviceId) => void;
  onStay: () => void;
  onHide: () => void;
}

export function SlotCard({ shown, operator, onMove, onStay, onHide }: SlotCardProps) {
  const device = useDevice(shown?.id ?? "");
  if (!shown || !device) return null;
  return (
    <div
      className={css.card}
      role="tooltip"
      style={{ left: shown.left, top: shown.top, width: WIDTH, ...(shown.above ? { translate: "0 -100%" } : {}) }}
      onPointerEnter={onStay}
      onPointerLeave={onHide}
    >
      <CardWords device={device} />
      <CardButtons device={device} operator={operator} onMove={onMove} />
    </div>
  );
}

function CardWords({ device }: { device: Device }) {
  const { t } = useTranslation();
  const session = useSession();
  const facts = [
    device.model,
    device.release && `Android ${device.release}`,
    device.battery && formatDegrees(device.battery.temperature),
  ];
  const why = [device.state === "ready" ? undefined : device.reason, leaseWords(t, device, session)];
  return (
    <>
      <div className={css.cardHead}>
        <strong>{device.name}</strong>
        <DeviceStatus device={device} />
      </div>
      <span className={css.dim}>{facts.filter(Boolean).join(" · ")}</span>
      {[...new Set(why)].map((words) => words && <span key={words}>{words}</span>)}
      {device.doubt && <span>{t("racks.doubtful", { why: device.doubt.why })}</span>}
    </>
  );
}

function CardButtons({ device, operator, onMove }: { device: Device; operator: boolean; onMove: (id: DeviceId) => void }) {
  const { t } = useTranslation();
  const session = useSession();
  const identifies = device.state === "ready" && (isMine(device, session?.actor) || (operator && device.lease !== "leased"));
  if (!operator && !identifies) return null;
  return (
    <div className={css.cardButtons}>
      {identifies && <Identify id={device.id} />}
      {operator && (
        <Button size="compact-xs" variant="default" onClick={() => onMove(device.id)}>
          {t("racks.move")}
        </Button>
      )}
      {operator && <span className={css.dim}>{t("racks.keys")}</span>}
    </div>
  );
}
