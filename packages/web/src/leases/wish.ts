/** What is wished for in the form "Take phones": as a request to control, and how many phones here fit it. Control alone decides. */
import type { Device, LeaseRequest, LeaseWhere } from "@phonerack/contract/api";
import type { z } from "zod";

export interface Wish {
  readonly models: readonly string[];
  /** At least this Android API level; null: any. */
  readonly sdk: number | null;
  readonly chassis: string | null;
  readonly labels: readonly string[];
  readonly count: number;
  readonly whole: boolean;
  readonly when: "now" | "wait" | "later";
  /** For `later`. */
  readonly from: number;
  readonly minutes: number;
  readonly purpose: string;
}

export const NO_WISH = {
  models: [],
  sdk: null,
  chassis: null,
  labels: [],
  count: 1,
  whole: false,
  when: "now",
  minutes: 60,
  purpose: "",
} as const satisfies Omit<Wish, "from">;

type Request = z.input<typeof LeaseRequest>;

/** `now` in milliseconds since the epoch (Unix). */
export function requestOf(wish: Wish, now: number): Request {
  const begin = wish.when === "later" ? wish.from : now;
  return {
    where: whereOf(wish),
    ...(wish.whole ? { wholeChassis: true } : { count: wish.count }),
    ...(wish.when === "later" ? { from: wish.from } : {}),
    ...(wish.when === "wait" ? { wait: true } : {}),
    until: begin + wish.minutes * 60_000,
    purpose: wish.purpose,
  };
}

function whereOf({ models, sdk, chassis, labels }: Wish): LeaseWhere {
  return {
    ...(models.length > 0 ? { model: [...models] } : {}),
    ...(sdk === null ? {} : { sdk: { atLeast: sdk } }),
    ...(chassis === null ? {} : { chassis }),
    ...(labels.length > 0 ? { labels: [...labels] } : {}),
  };
}

export function fitting(devices: readonly Device[], { models, sdk, chassis, labels }: Wish): readonly Device[] {
  return devices.filter(
    (device) =>
      (models.length === 0 || models.includes(device.model ?? "")) &&
      (sdk === null || (device.sdk ?? 0) >= sdk) &&
      (chassis === null || device.chassis === chassis) &&
      labels.every((label) => device.labels.includes(label)),
  );
}

const order = new Intl.Collator("en", { numeric: true });

/** What there is to choose from, in order. */
export function choicesOf(devices: readonly Device[]) {
  const distinct = <T>(values: readonly T[]) => [...new Set(values)];
  return {
    models: distinct(devices.flatMap(({ model }) => model ?? [])).sort(order.compare),
    sdks: distinct(devices.flatMap(({ sdk }) => sdk ?? [])).sort((a, b) => a - b),
    chassis: distinct(devices.flatMap((device) => device.chassis ?? [])).sort(order.compare),
    labels: distinct(devices.flatMap(({ labels }) => labels)).sort(order.compare),
  };
}
