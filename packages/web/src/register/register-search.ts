/** What of the register's page stands in its address: which devices it lists, and the one that is open. Anything odd is dropped. */
import { DeviceId } from "@phonerack/contract/api";

export const CLASSES = ["public", "isolated", "virtual"] as const;
export type ClassFilter = (typeof CLASSES)[number];
export const ENDS = [1, 14, 60] as const;
export type EndsFilter = (typeof ENDS)[number];

export interface RegisterSearch {
  readonly q?: string;
  readonly class?: ClassFilter;
  /** Empty: in no slot. */
  readonly site?: string;
  /** A licence ends within so many days. */
  readonly ends?: EndsFilter;
  /** Isolated, and nobody has seen them cut off. */
  readonly open?: true;
  /** Why they are isolated, by its code. */
  readonly reason?: string;
  readonly device?: string;
}

export function readRegisterSearch(search: Record<string, unknown>): RegisterSearch {
  const device = DeviceId.safeParse(search.device);
  const named = CLASSES.find((name) => name === search.class);
  const ends = ENDS.find((days) => days === search.ends);
  return {
    ...(isWord(search.q, 100) && search.q !== "" ? { q: search.q } : {}),
    ...(named ? { class: named } : {}),
    ...(isWord(search.site, 40) ? { site: search.site } : {}),
    ...(ends ? { ends } : {}),
    ...(search.open === true ? { open: true } : {}),
    ...(isWord(search.reason, 40) && search.reason !== "" ? { reason: search.reason } : {}),
    ...(device.success ? { device: device.data } : {}),
  };
}

/** As the API's list takes it. */
export function listQuery({ q, class: named, site, ends, open, reason }: RegisterSearch) {
  return {
    ...(q === undefined ? {} : { q }),
    ...(named === undefined || named === "virtual" ? {} : { class: named }),
    ...(site === undefined ? {} : { site }),
    ...(ends === undefined ? {} : { endsWithin: ends }),
    ...(open ? { cutOff: "false" as const } : {}),
    ...(reason === undefined ? {} : { reason }),
    virtual: named === "virtual" ? ("only" as const) : ("false" as const),
  };
}

/** Something narrows the list. */
export function isFiltered({ device: _device, ...rest }: RegisterSearch): boolean {
  return Object.keys(rest).length > 0;
}

function isWord(value: unknown, most: number): value is string {
  return typeof value === "string" && value.length <= most;
}
