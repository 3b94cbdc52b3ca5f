import type { DeviceId } from "@phonerack/contract/api";
import { memo, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLive } from "../live/live.js";
import type { Surface } from "../video/pictures.js";
import css from "./chassis.module.css";
import { ChassisHead } from "./chassis-head.js";
import type { Block, TileSize } from "./layout.js";
import { Tile, type TileProps } from "./tile.js";

export interface ChassisProps {
  block: Block;
  tile: TileSize;
  focused: DeviceId | undefined;
  /** The tile that Tab reaches. */
  current: DeviceId | undefined;
  onFocus: TileProps["onFocus"];
}

/**
 * A card of tiles over one canvas. The canvas scrolls with the tiles, so that pictures never swim behind them; the wall's one worker draws on
 * the few that are in view.
 */
export const Chassis = memo(function Chassis({ block, tile, focused, current, onFocus }: ChassisProps) {
  const { t } = useTranslation();
  const canvas = useTilePictures(block, tile);
  return (
    <div
      className={css.chassis}
      data-chassis=""
      data-carded={block.group.by !== "none" || undefined}
      data-dense={tile.dense || undefined}
      style={{ left: block.x, width: block.width, height: block.height }}
    >
      {block.headed && <ChassisHead group={block.group} />}
      <div ref={canvas} className={css.canvas} />
      {block.cells.map(({ id, slot, x, y }) =>
        id === null ? (
          <div
            key={`empty ${slot}`}
            className={css.empty}
            style={{ left: x, top: y, width: tile.width, height: tile.pictureHeight }}
          >
            <span className="visually-hidden">{t("wall.emptySlot", { slot })}</span>
            <span aria-hidden="true">{slot}</span>
          </div>
        ) : (
          <Tile
            key={id}
            id={id}
            slot={slot}
            x={x}
            y={y}
            size={tile}
            focused={id === focused}
            tabbable={id === current}
            onFocus={onFocus}
          />
        ),
      )}
    </div>
  );
});

/** Puts a canvas of the wall's worker into the element and tells the worker where whose picture goes. */
function useTilePictures(block: Block, tile: TileSize) {
  const { tiles } = useLive();
  const host = useRef<HTMLDivElement>(null);
  const [surface, setSurface] = useState<Surface>();
  useLayoutEffect(() => {
    const made = tiles.surface();
    host.current?.append(made.element);
    setSurface(made);
    return () => made.drop();
  }, [tiles]);
  useLayoutEffect(() => {
    const places = block.cells.flatMap(({ id, x, y }) =>
      id === null ? [] : { key: id, x, y, width: tile.width, height: tile.pictureHeight, radius: radiusOf(tile) },
    );
    surface?.layout({ width: block.width, height: block.height }, places);
  }, [surface, block, tile]);
  return host;
}

export function radiusOf(tile: TileSize): number {
  return Math.min(8, Math.round(tile.width / 14));
}
