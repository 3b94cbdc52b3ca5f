/** The full stream of one phone, drawn by a worker of its own, and what is measured of it. */
import { useDocumentVisibility } from "@mantine/hooks";
import type { Device } from "@phonerack/contract/api";
import { useCallback, useEffect, useState, useSyncExternalStore } from "react";
import { useLive } from "../live/live.js";
import type { PictureShape } from "../video/picture-shapes.js";
import type { Pictures } from "../video/pictures.js";

export interface LargePicture {
  readonly pictures: Pictures;
  readonly shape: PictureShape;
  readonly measured: Measured | undefined;
}

export interface Measured {
  /** Pictures received in the last second. */
  readonly fps: number;
  readonly kbitPerSecond: number;
  /** From a picture's arrival in this browser to its drawing; undefined while nothing moves. */
  readonly delayMs: number | undefined;
}

const EVERY_MS = 1_000;

/** `allowed`: it is this person's to see; what may not be seen is not asked for. */
export function useLargePicture({ id, holder }: Device, allowed: boolean): LargePicture {
  const { streams, large, largeShapes } = useLive();
  const [measured, setMeasured] = useState<Measured>();
  // A tab that nobody sees needs no picture; the next one starts at once.
  const hidden = useDocumentVisibility() === "hidden";
  const term = holder?.lease;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another holder is another stream, control may have ended the one before.
  useEffect(() => {
    if (hidden || !allowed) return;
    const watched = large.watch(streams, { deviceId: id, tier: "full" });
    const timer = setInterval(() => {
      const { frames, bytes } = watched.takeReceived();
      const seconds = EVERY_MS / 1_000;
      setMeasured({ fps: frames / seconds, kbitPerSecond: (bytes * 8) / 1_000 / seconds, delayMs: large.stats.delayMs });
    }, EVERY_MS);
    return () => {
      clearInterval(timer);
      watched.close();
      largeShapes.set(id, { error: undefined });
      setMeasured(undefined);
    };
  }, [large, largeShapes, streams, id, hidden, allowed, term]);

  const subscribe = useCallback((changed: () => void) => largeShapes.subscribeTo(id, changed), [largeShapes, id]);
  const shape = useSyncExternalStore(subscribe, () => largeShapes.get(id));
  return { pictures: large, shape, measured };
}
