import type { Device, DeviceId, Session } from "@phonerack/contract/api";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatNumber } from "../language/format.js";
import { useLive, useLiveStatus } from "../live/live.js";
import { mayWatch } from "../session/may.js";
import { useSession } from "../session/use-session.js";
import { Chassis } from "./chassis.js";
import type { WallGroup } from "./groups.js";
import { layOutWall, PAD, seenBetween, type WallLayout } from "./layout.js";
import { MOST_WATCHED } from "./tile-watcher.js";
import { useBox } from "./use-box.js";
import { useSecondClick } from "./use-second-click.js";
import { useTileKeys } from "./use-tile-keys.js";
import css from "./wall.module.css";

export interface WallScrollProps {
  groups: readonly WallGroup[];
  /** Undefined: as large as fits. */
  tileWidth: number | undefined;
  focused: DeviceId | undefined;
  onFocus: (id: DeviceId) => void;
  onOpen: (id: DeviceId) => void;
}

/** The scrolled part of the wall: only the chassis in view exist on the page, only the tiles in view are streamed. */
export function WallScroll({ groups, tileWidth, focused, onFocus, onOpen }: WallScrollProps) {
  const { t } = useTranslation();
  const scroller = useRef<HTMLDivElement>(null);
  const box = useBox(scroller);
  const layout = useMemo(
    () => layOutWall(groups, { width: box?.width ?? 0, height: box?.height ?? 0, tileWidth }),
    [groups, box?.width, box?.height, tileWidth],
  );
  const rows = useVirtualizer({
    count: box ? layout.rows.length : 0,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => layout.rows[index]?.height ?? 0,
    gap: PAD,
    overscan: 1,
    paddingEnd: PAD,
    getItemKey: (index) => layout.rows[index]?.blocks[0]?.key ?? index,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the virtualiser keeps measured sizes until it is told that they changed.
  useEffect(() => rows.measure(), [layout]);
  const top = rows.scrollOffset ?? 0;
  const seen = useSeen(layout, { top, bottom: top + (box?.height ?? 0) });
  const keys = useTileKeys(layout, { onFocus, onOpen, scrollTo: (row) => rows.scrollToIndex(row) });
  useSecondClick(onOpen);
  const offline = useLiveStatus().phase === "lost";
  useDrawn(scroller);
  return (
    <section
      ref={scroller}
      className={css.scroll}
      data-stale={offline || undefined}
      aria-label={t("wall.region")}
      {...keys.handlers}
    >
      <div className={css.rows} style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index, start, key }) => (
          <div key={key} className={css.row} style={{ transform: `translateY(${start}px)` }}>
            {layout.rows[index]?.blocks.map((block) => (
              <Chassis
                key={block.key}
                block={block}
                tile={layout.tile}
                focused={focused}
                current={keys.current}
                onFocus={onFocus}
              />
            ))}
          </div>
        ))}
      </div>
      {seen > MOST_WATCHED && (
        <p className={css.crowded}>{t("wall.crowded", { seen: formatNumber(seen), most: formatNumber(MOST_WATCHED) })}</p>
      )}
    </section>
  );
}

/** Tells the watcher which tiles are in view and may be watched; how many they are. */
function useSeen(layout: WallLayout, view: { top: number; bottom: number }): number {
  const { tileWatcher, devices } = useLive();
  const session = useSession();
  const [watched, setWatched] = useState(0);
  const seen = useMemo(
    () => (view.bottom > view.top ? seenBetween(layout, view.top, view.bottom) : []),
    [layout, view.top, view.bottom],
  );
  useEffect(() => {
    let before = "";
    const tell = () => {
      const terms = new Map(seen.flatMap((id) => termOf(devices.get(id), session)));
      // Devices change all the time; whose they are does not.
      const now = JSON.stringify([...terms]);
      if (now === before) return;
      before = now;
      setWatched(terms.size);
      tileWatcher.setSeen(terms.keys(), (id) => terms.get(id) ?? "");
    };
    tell();
    return devices.subscribe(tell);
  }, [tileWatcher, devices, session, seen]);
  useEffect(() => () => tileWatcher.setSeen([]), [tileWatcher]);
  return watched;
}

/** Empty for a device whose picture is not theirs to see. */
function termOf(device: Device | undefined, session: Session | undefined): [DeviceId, string][] {
  return device && mayWatch(session, device) ? [[device.id, device.holder?.lease ?? ""]] : [];
}

/** How many tiles were drawn in the last second, where a bench can read it. */
function useDrawn(element: RefObject<HTMLElement | null>): void {
  const { tiles } = useLive();
  useEffect(
    () =>
      tiles.subscribe(() => {
        if (element.current) element.current.dataset.drawn = String(tiles.stats.drawn);
      }),
    [tiles, element],
  );
}
