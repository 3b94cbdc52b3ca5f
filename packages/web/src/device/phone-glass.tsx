import { Button } from "@mantine/core";
import type { Device } from "@phonerack/contract/api";
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { shownError } from "../api/sentence.js";
import { useLeaseAction } from "../leases/use-lease-action.js";
import { useLiveStatus } from "../live/live.js";
import { mayTake, mayTouch } from "../session/may.js";
import { useSession } from "../session/use-session.js";
import { whyNoPicture } from "../status/why-no-picture.js";
import { contain } from "../video/contain.js";
import type { Surface } from "../video/pictures.js";
import { useBox } from "../wall/use-box.js";
import css from "./phone.module.css";
import type { Extent, Spot } from "./pointer.js";
import { seenScreen } from "./pointer.js";
import type { Hand } from "./use-hand.js";
import type { LargePicture } from "./use-large-picture.js";
import { usePhoneKeys } from "./use-phone-keys.js";
import { usePhoneTouch } from "./use-phone-touch.js";

interface PhoneGlassProps {
  device: Device;
  hand: Hand;
  picture: LargePicture;
  /** It is driven otherwise at the moment: looked at only. */
  watchOnly?: boolean;
}

const UNKNOWN: Extent = { width: 1080, height: 2280 };

/** The phone's screen in its true shape: seen, touched, typed on. */
export function PhoneGlass({ device, hand, picture, watchOnly = false }: PhoneGlassProps) {
  const { t } = useTranslation();
  const stage = useRef<HTMLDivElement>(null);
  const glass = useRef<HTMLDivElement>(null);
  const box = useBox(stage);
  const screen = seenScreen(device.screen ?? UNKNOWN, picture.shape.size);
  const place = box && contain(picture.shape.size ?? screen, { x: 0, y: 0, ...box });
  const keys = usePhoneKeys(hand.send, hand.paste);
  const session = useSession();
  const touchable = !watchOnly && mayTouch(session, device);
  const takeable = mayTake(session, device);
  const [asked, setAsked] = useState<Spot>();
  const fingers = usePhoneTouch(glass, {
    screen,
    send: hand.send,
    onTouched: keys.focus,
    ...(touchable ? {} : { instead: (spot: Spot) => setAsked(takeable ? spot : undefined) }),
  });
  const offline = useLiveStatus().phase === "lost";
  const why = whyNoPicture(t, device, { error: picture.shape.error, offline, session });
  useSurface(glass, { picture, id: device.id, width: Math.round(place?.width ?? 0), height: Math.round(place?.height ?? 0) });
  return (
    <div ref={stage} className={css.stage}>
      <div
        ref={glass}
        className={css.glass}
        data-typing={keys.focused || undefined}
        data-watch-only={touchable ? undefined : true}
        data-picture={picture.shape.size && !why ? "live" : "none"}
        style={place && { width: Math.round(place.width), height: Math.round(place.height) }}
      >
        {touchable && (
          <textarea
            ref={keys.field}
            className={css.keys}
            aria-label={t("device.picture", { name: device.name })}
            autoCapitalize="off"
            autoComplete="off"
            autoCorrect="off"
            spellCheck={false}
            inputMode="text"
            {...keys.handlers}
          />
        )}
        {!picture.shape.size && !why && (
          <span className={css.awaited} role="status">
            {t("device.pictureLoading")}
          </span>
        )}
        {why && (
          <div className={css.veil} data-bare={picture.shape.size && !why.hidden ? undefined : true} role="status">
            <strong>{why.title}</strong>
            {why.reason && <span>{why.reason}</span>}
            {why.since && <span>{why.since}</span>}
          </div>
        )}
        {asked && takeable && !why && <TakeHere id={device.id} at={asked} screen={screen} onDone={() => setAsked(undefined)} />}
        <Fingers spots={fingers} screen={screen} />
      </div>
    </div>
  );
}

const OFFER_MS = 5_000;

interface TakeHereProps {
  id: string;
  at: Spot;
  screen: Extent;
  onDone: () => void;
}

/** Where a free phone was touched: the click that was missing. Goes away by itself. */
function TakeHere({ id, at, screen, onDone }: TakeHereProps) {
  const { t } = useTranslation();
  const action = useLeaseAction(onDone);
  const busy = action.running !== undefined;
  useEffect(() => {
    if (busy) return;
    const timer = setTimeout(onDone, OFFER_MS);
    return () => clearTimeout(timer);
  }, [busy, onDone]);
  const error = action.error && shownError(action.error).message;
  return (
    <div
      className={css.takeHere}
      style={{ left: `clamp(72px, ${(at.x / screen.width) * 100}%, 100% - 72px)`, top: `${(at.y / screen.height) * 100}%` }}
      onPointerDown={(event) => event.stopPropagation()}
    >
      <Button size="xs" loading={busy} onClick={() => action.run({ do: "take", devices: [id] })}>
        {t("hold.takeToTouch")}
      </Button>
      {error && <p role="alert">{error}</p>}
    </div>
  );
}

/** Both fingers of a pinch with one mouse. */
function Fingers({ spots, screen }: { spots: readonly Spot[]; screen: Extent }) {
  return spots.map(({ x, y }, index) => (
    <span
      // biome-ignore lint/suspicious/noArrayIndexKey: a finger is its place in the list.
      key={index}
      className={css.finger}
      style={{ left: `${(x / screen.width) * 100}%`, top: `${(y / screen.height) * 100}%` }}
    />
  ));
}

interface SurfaceOf {
  picture: LargePicture;
  id: string;
  width: number;
  height: number;
}

function useSurface(host: RefObject<HTMLDivElement | null>, { picture: { pictures }, id, width, height }: SurfaceOf): void {
  const [surface, setSurface] = useState<Surface>();
  useLayoutEffect(() => {
    const made = pictures.surface();
    host.current?.prepend(made.element);
    setSurface(made);
    return () => made.drop();
  }, [pictures, host]);
  useLayoutEffect(() => {
    if (width > 0 && height > 0) surface?.layout({ width, height }, [{ key: id, x: 0, y: 0, width, height, radius: 10 }]);
  }, [surface, id, width, height]);
}
