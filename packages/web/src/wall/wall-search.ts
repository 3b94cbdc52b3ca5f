/** What of the wall stands in its address, so that a view can be linked, and Back undoes it. Anything odd is dropped, never an error. */
import { DeviceId } from "@phonerack/contract/api";
import { STATUSES, type Status } from "../status/status.js";
import type { WallFilter } from "./filters.js";
import { GROUPINGS, type Grouping } from "./groups.js";
import { LARGEST_TILE, SMALLEST_TILE } from "./layout.js";

export interface WallSearch {
  readonly q?: string;
  readonly status?: readonly Status[];
  readonly model?: readonly string[];
  readonly sdk?: readonly number[];
  readonly label?: readonly string[];
  readonly group?: Grouping;
  /** The wished width of a tile, in a linked view; else this browser's own. */
  readonly size?: number;
  /** The phone in focus beside the wall. */
  readonly focus?: string;
}

export function readWallSearch(search: Record<string, unknown>): WallSearch {
  const focus = DeviceId.safeParse(search.focus);
  return {
    ...(typeof search.q === "string" && search.q ? { q: search.q.slice(0, 200) } : {}),
    ...some(
      "status",
      list(search.status).filter((value): value is Status => STATUSES.includes(value as Status)),
    ),
    ...some(
      "model",
      list(search.model).filter((value): value is string => typeof value === "string"),
    ),
    ...some(
      "sdk",
      list(search.sdk).filter((value): value is number => Number.isInteger(value)),
    ),
    ...some(
      "label",
      list(search.label).filter((value): value is string => typeof value === "string"),
    ),
    ...(GROUPINGS.includes(search.group as Grouping) && search.group !== "chassis" ? { group: search.group as Grouping } : {}),
    ...(isTileWidth(search.size) ? { size: search.size } : {}),
    ...(focus.success ? { focus: focus.data } : {}),
  };
}

export function filterOf(search: WallSearch): WallFilter {
  return {
    text: search.q ?? "",
    statuses: search.status ?? [],
    models: search.model ?? [],
    sdks: search.sdk ?? [],
    labels: search.label ?? [],
  };
}

export function isTileWidth(value: unknown): value is number {
  return typeof value === "number" && value >= SMALLEST_TILE && value <= LARGEST_TILE;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, 50) : value === undefined ? [] : [value];
}

function some<K extends string, T>(key: K, values: readonly T[]): { [key in K]?: readonly T[] } {
  return values.length > 0 ? ({ [key]: values } as { [key in K]: readonly T[] }) : {};
}
