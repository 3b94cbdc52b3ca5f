import type { Device, DeviceId, GroupId } from "@phonerack/contract/api";
import { type CSSProperties, memo, useCallback, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { useDevice, useLive } from "../live/live.js";
import { useSession } from "../session/use-session.js";
import { whyNoPicture } from "../status/why-no-picture.js";
import { contain } from "../video/contain.js";
import type { PictureShape } from "../video/picture-shapes.js";
import { type FollowerLayout, ROOM_FOR_BOTH } from "./follower-layout.js";
import css from "./followers.module.css";
import { MemberMark } from "./member-mark.js";
import { useMember } from "./use-group.js";

interface FollowerTileProps {
  group: GroupId;
  id: DeviceId;
  x: number;
  size: FollowerLayout["tile"];
  chosen: boolean;
  onChoose: (id: DeviceId | undefined) => void;
}

const UNKNOWN = { width: 9, height: 19 };

/** One follower: its picture, and how it follows as border, icon and word. */
export const FollowerTile = memo(function FollowerTile({ group, id, x, size, chosen, onChoose }: FollowerTileProps) {
  const { t } = useTranslation();
  const device = useDevice(id);
  const member = useMember(group, id);
  const session = useSession();
  const shape = useShape(id);
  if (!member) return null;
  const why = device && whyNoPicture(t, device, { error: shape.error, offline: false, session });
  const name = device?.name ?? id;
  const words = [name, t(`groups.state.${member.state}`), member.reason].filter(Boolean).join(", ");
  return (
    <button
      type="button"
      className={css.tile}
      style={{ left: x, width: size.width, height: size.height }}
      data-member={member.state}
      data-device={id}
      data-picture={shape.size && !why ? "live" : "none"}
      aria-pressed={chosen}
      aria-label={words}
      title={words}
      onClick={() => onChoose(chosen ? undefined : id)}
    >
      <span className={css.glass} style={glassOf(device, shape, size)}>
        {!shape.size && !why && <span className={css.awaited} />}
        {why && (
          <span className={css.off}>
            <strong>{why.title}</strong>
          </span>
        )}
      </span>
      <span className={css.foot} data-high={size.width < ROOM_FOR_BOTH || undefined}>
        <MemberMark state={member.state} />
        <span className={css.name}>{name}</span>
      </span>
    </button>
  );
});

function glassOf(
  device: Device | undefined,
  shape: PictureShape,
  { width, pictureHeight }: FollowerLayout["tile"],
): CSSProperties {
  const box = contain(shape.size ?? device?.screen ?? UNKNOWN, { x: 0, y: 0, width, height: pictureHeight }, true);
  return { left: box.x, top: box.y, width: box.width, height: box.height };
}

function useShape(id: DeviceId): PictureShape {
  const { tileShapes } = useLive();
  const subscribe = useCallback((changed: () => void) => tileShapes.subscribeTo(id, changed), [tileShapes, id]);
  return useSyncExternalStore(subscribe, () => tileShapes.get(id));
}
