import type { Device, DeviceId } from "@phonerack/contract/api";
import { IconCheck, IconEye } from "@tabler/icons-react";
import { type CSSProperties, memo, useCallback, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { RecordingMark } from "../artifacts/recording-mark.js";
import { useDevice, useLive } from "../live/live.js";
import { useSession } from "../session/use-session.js";
import { leaseWords } from "../status/lease-words.js";
import { statusesOf } from "../status/status.js";
import { StatusMark } from "../status/status-mark.js";
import { whyNoPicture } from "../status/why-no-picture.js";
import { contain } from "../video/contain.js";
import type { PictureShape } from "../video/picture-shapes.js";
import { BatteryMark } from "./battery-mark.js";
import { CrashMark } from "./crash-mark.js";
import { GroupMark } from "./group-mark.js";
import { IsolationMark, isolationWords } from "./isolation-mark.js";
import type { TileSize } from "./layout.js";
import css from "./tile.module.css";
import type { TileMark } from "./tile-marks.js";
import { useSelected } from "./use-selection.js";

export interface TileProps {
  id: DeviceId;
  slot: number | null;
  x: number;
  y: number;
  size: TileSize;
  focused: boolean;
  tabbable: boolean;
  /** Pressed: what that means, the keys that were held say. */
  onFocus: (id: DeviceId, event: React.MouseEvent) => void;
}

/** Narrower than this, a tile has no room for the word of its state. */
const ROOM_FOR_WORD = 84;
const UNKNOWN = { width: 9, height: 19 };
const ROOM_FOR_REASON = 96;
/** Narrower than this, marks are icons without words. */
const ROOM_FOR_MARKS = 128;

/** One phone on the wall: a window onto its picture, and under it its slot and how it is. */
export const Tile = memo(function Tile({ id, slot, x, y, size, focused, tabbable, onFocus }: TileProps) {
  const { t } = useTranslation();
  const device = useDevice(id);
  const shape = useTileShape(id);
  const selected = useSelected(id);
  const mark = useTileMark(id);
  const session = useSession();
  if (!device) return null;
  const [status = "free", besides] = statusesOf(device, session?.actor).filter((each, at) => at === 0 || each !== "isolated");
  const words = leaseWords(t, device, session);
  const looker = device.support ? t("support.tile", { who: device.support.byName }) : undefined;
  const crashed = device.crashes && t("crashes.mark", { count: device.crashes.count, last: device.crashes.last });
  const why = whyNoPicture(t, device, { error: shape.error, offline: false, session });
  const name = slot === null ? device.name : String(slot).padStart(2, "0");
  return (
    <button
      type="button"
      className={css.tile}
      style={{ left: x, top: y, width: size.width, height: size.height }}
      data-device={id}
      data-health={device.state}
      data-picture={shape.size && !why ? "live" : why ? "none" : "awaited"}
      data-mark={mark?.kind}
      data-dense={size.dense || undefined}
      aria-pressed={selected}
      aria-current={focused || undefined}
      aria-label={labelOf(device, [
        t(`status.${status}`),
        besides && t(`status.${besides}`),
        words,
        why?.reason,
        looker,
        mark?.words,
        crashed,
        isolationWords(t, device),
      ])}
      title={[
        device.name,
        device.model,
        device.release && `Android ${device.release}`,
        words,
        isolationWords(t, device),
        looker,
        mark?.words,
        crashed,
      ]
        .filter(Boolean)
        .join(" · ")}
      tabIndex={tabbable ? 0 : -1}
      onClick={(event) => onFocus(id, event)}
    >
      <span className={css.glass} style={glassOf(device, shape, size)}>
        {!shape.size && !why && <span className={css.awaited} />}
        {why && (
          <span
            className={shape.size && !why.hidden ? css.veil : css.off}
            data-hidden={why.hidden}
            data-slim={size.width < ROOM_FOR_WORD || undefined}
          >
            <strong>{why.title}</strong>
            {size.width >= ROOM_FOR_REASON && why.reason && <span className={css.reason}>{why.reason}</span>}
            {size.width >= ROOM_FOR_WORD && why.since && <span>{why.since}</span>}
          </span>
        )}
        {selected && (
          <span className={css.selected} aria-hidden="true">
            <IconCheck size={size.dense ? 8 : 12} stroke={3} />
          </span>
        )}
      </span>
      <span className={css.foot}>
        <StatusMark
          status={status}
          compact={size.width < ROOM_FOR_WORD}
          {...(status === "taken" && device.holder ? { word: device.holder.actorName } : {})}
        />
        {besides && <StatusMark status={besides} compact />}
        {device.support && <IconEye size={14} stroke={1.5} className={css.looked} aria-hidden="true" />}
        <RecordingMark device={device} compact />
        {status !== "isolated" && <IsolationMark device={device} />}
        {mark && <GroupMark mark={mark} compact={size.width < ROOM_FOR_MARKS} />}
        <CrashMark crashes={device.crashes} compact={size.width < ROOM_FOR_MARKS} />
        <BatteryMark battery={device.battery} compact={size.width < ROOM_FOR_MARKS} />
        <span className={css.name}>{name}</span>
      </span>
    </button>
  );
});

function labelOf(device: Device, how: readonly (string | undefined)[]): string {
  return [device.name, device.model, ...how].filter(Boolean).join(", ");
}

/** The true shape of the phone's screen within the tile: of its picture, or as it is reported. */
function glassOf(device: Device, shape: PictureShape, { width, pictureHeight }: TileSize): CSSProperties {
  const box = contain(shape.size ?? device.screen ?? UNKNOWN, { x: 0, y: 0, width, height: pictureHeight }, true);
  return { left: box.x, top: box.y, width: box.width, height: box.height, borderRadius: Math.min(8, Math.round(width / 14)) };
}

function useTileShape(id: DeviceId): PictureShape {
  const { tileShapes } = useLive();
  const subscribe = useCallback((changed: () => void) => tileShapes.subscribeTo(id, changed), [tileShapes, id]);
  return useSyncExternalStore(subscribe, () => tileShapes.get(id));
}

function useTileMark(id: DeviceId): TileMark | undefined {
  const { tileMarks } = useLive();
  const subscribe = useCallback((changed: () => void) => tileMarks.subscribeTo(id, changed), [tileMarks, id]);
  return useSyncExternalStore(subscribe, () => tileMarks.get(id));
}
