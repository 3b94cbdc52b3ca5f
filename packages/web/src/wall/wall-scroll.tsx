import type { Device, DeviceId, Session } from "@phonerack/contract/api";
import { type RefObject, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLive, useLiveStatus } from "../live/live.js";
import { mayWatch } from "../session/may.js";
import { useSession } from "../session/use-session.js";
import { Chassis } from "./chassis.js";
import { orderOf, type WallGroup } from "./groups.js";
import { layOutWall, rowsBetween, seenBetween, type WallLayout } from "./layout.js";
import { useBox } from "./use-box.js";
import { useDragSelect } from "./use-drag-select.js";
import { useScrollPlace } from "./use-scroll-place.js";
import { useSecondClick } from "./use-second-click.js";
import { useSelectedIds } from "./use-selection.js";
import { useTileKeys } from "./use-tile-keys.js";
import { useZoom } from "./use-zoom.js";
import css from "./wall.module.css";
import { type MenuAt, WallMenu } from "./wall-menu.js";

export interface WallScrollProps {
  groups: readonly WallGroup[];
  /** Undefined: as large as fits. */
  tileWidth: number | undefined;
  onTileWidth: (width: number) => void;
  focused: DeviceId | undefined;
  onFocus: (id: DeviceId) => void;
  onOpen: (id: DeviceId) => void;
}

/** Rows kept on the page above and below what is seen, so that a quick scroll meets no hole. In CSS pixels. */
const BESIDES = 300;
/** Below the last row, while the selection bar lies over it. */
const BAR = 64;

/** The scrolled part of the wall: only the chassis in view exist on the page, only the tiles in view are streamed. */
export function WallScroll({ groups, tileWidth, onTileWidth, focused, onFocus, onOpen }: WallScrollProps) {
  const { t } = useTranslation();
  const scroller = useRef<HTMLDivElement>(null);
  const [rows, band] = [useRef<HTMLDivElement>(null), useRef<HTMLDivElement>(null)];
  const box = useBox(scroller);
  const layout = useMemo(
    () => layOutWall(box ? groups : [], { width: box?.width ?? 0, height: box?.height ?? 0, tileWidth }),
    [groups, box, tileWidth],
  );
  const order = useMemo(() => orderOf(groups), [groups]);
  const place = useScrollPlace(scroller, layout);
  const bottom = place.top + (box?.height ?? 0);
  const shownAt = (wished: number | undefined) =>
    layOutWall(groups, { width: box?.width ?? 0, height: box?.height ?? 0, tileWidth: wished }).tile.width;
  const zoom = useZoom(scroller, { place, wished: tileWidth, shownAt, onWidth: onTileWidth });
  const keys = useTileKeys({ layout, order, onOpen, show: place.show, zoom });
  const drag = useDragSelect({ scroller, rows, band, layout });
  const press = usePress({ order, dragged: drag.dragged, onFocus });
  const [menu, setMenu] = useState<MenuAt>();
  useSeen(layout, { top: place.top, bottom });
  useSecondClick(onOpen);
  useDrawn(scroller);
  const offline = useLiveStatus().phase === "lost";
  const barred = useSelectedIds().size > 0;
  const onContextMenu = (event: React.MouseEvent) => {
    const id = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-device]")?.dataset.device : undefined;
    if (!id) return;
    event.preventDefault();
    setMenu({ id, x: event.clientX, y: event.clientY });
  };
  return (
    <section
      ref={scroller}
      className={css.scroll}
      data-stale={offline || undefined}
      aria-label={t("wall.region")}
      onPointerDown={drag.onPointerDown}
      onClickCapture={press.onClickCapture}
      onContextMenu={onContextMenu}
      {...keys.handlers}
    >
      <div ref={rows} className={css.rows} style={{ height: layout.height + layout.pad + (barred ? BAR : 0) }}>
        {rowsBetween(layout, place.top - BESIDES, bottom + BESIDES).map(({ y, blocks }) => (
          <div key={blocks[0]?.key} className={css.row} style={{ transform: `translateY(${y}px)` }}>
            {blocks.map((block) => (
              <Chassis
                key={block.key}
                block={block}
                tile={layout.tile}
                focused={focused}
                current={keys.current}
                onFocus={press.onTile}
              />
            ))}
          </div>
        ))}
        <div ref={band} className={css.band} hidden />
      </div>
      <WallMenu at={menu} groups={groups} onClose={() => setMenu(undefined)} onFocus={onFocus} onOpen={onOpen} />
    </section>
  );
}

interface PressParts {
  readonly order: readonly DeviceId[];
  readonly dragged: RefObject<boolean>;
  readonly onFocus: (id: DeviceId) => void;
}

/** What a press on a tile means: with Ctrl it goes in or out of the selection, with Shift the range up to it, else it comes into focus. */
function usePress({ order, dragged, onFocus }: PressParts) {
  const { selection } = useLive();
  const latest = useRef(order);
  latest.current = order;
  const onTile = useCallback(
    (id: DeviceId, event: React.MouseEvent) => {
      if (event.ctrlKey || event.metaKey) return selection.toggle(id);
      if (event.shiftKey) return selection.extend(latest.current, id);
      selection.anchor = id;
      onFocus(id);
    },
    [selection, onFocus],
  );
  const onClickCapture = (event: React.MouseEvent) => {
    if (!dragged.current) return;
    dragged.current = false;
    event.stopPropagation();
  };
  return { onTile, onClickCapture };
}

/** Tells the watcher which tiles are in view and may be watched. */
function useSeen(layout: WallLayout, view: { top: number; bottom: number }): void {
  const { tileWatcher, devices } = useLive();
  const session = useSession();
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
      tileWatcher.setSeen(terms.keys(), (id) => terms.get(id) ?? "");
    };
    tell();
    return devices.subscribe(tell);
  }, [tileWatcher, devices, session, seen]);
  useEffect(() => () => tileWatcher.setSeen([]), [tileWatcher]);
}

/** Empty for a device whose picture is not theirs to see. */
function termOf(device: Device | undefined, session: Session | undefined): [DeviceId, string][] {
  return device && mayWatch(session, device) ? [[device.id, device.holder?.lease ?? ""]] : [];
}

/** How much was drawn in the last second, and of how many tiles, where a bench can read it. */
function useDrawn(element: RefObject<HTMLElement | null>): void {
  const { tiles } = useLive();
  useEffect(
    () =>
      tiles.subscribe(() => {
        const { drawn, pictures } = tiles.stats;
        if (element.current) Object.assign(element.current.dataset, { drawn, drawnTiles: pictures });
      }),
    [tiles, element],
  );
}
