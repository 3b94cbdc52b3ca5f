/** What of the wall stands in its address, so that a view can be linked, and Back undoes it. Anything odd is dropped, never an error. */
import { DeviceId } from "@phonerack/contract/api";
import { STATUSES, type Status } from "../status/status.js";
import type { WallFilter } from "./filters.js";
import { GROUPINGS, type Grouping } from "./groups.js";

export interface WallSearch {
  readonly q?: string;
  readonly status?: readonly Status[];
  readonly model?: readonly string[];
  readonly sdk?: readonly number[];
  readonly group?: Grouping;
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
    ...(GROUPINGS.includes(search.group as Grouping) && search.group !== "chassis" ? { group: search.group as Grouping } : {}),
    ...(focus.success ? { focus: focus.data } : {}),
  };
}

export function filterOf(search: WallSearch): WallFilter {
  return { text: search.q ?? "", statuses: search.status ?? [], models: search.model ?? [], sdks: search.sdk ?? [] };
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, 50) : value === undefined ? [] : [value];
}

function some<K extends string, T>(key: K, values: readonly T[]): { [key in K]?: readonly T[] } {
  return values.length > 0 ? ({ [key]: values } as { [key in K]: readonly T[] }) : {};
}
