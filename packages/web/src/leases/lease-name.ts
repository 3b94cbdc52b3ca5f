/** What a lease is called: by its phones, because that is what people look for. */
import type { Lease } from "@phonerack/contract/api";
import type { TFunction } from "i18next";

/** "C03-05", "C03-05 to C03-12 (8 phones)"; for one that waits, how many it waits for. */
export function nameOfLease(t: TFunction, { devices, wanted }: Pick<Lease, "devices" | "wanted">): string {
  const [first] = devices;
  if (!first) {
    if (wanted.wholeChassis) return t("lease.chassis", { name: wanted.where?.chassis ?? "" });
    return t("lease.phones", { count: wanted.count });
  }
  const last = devices.at(-1);
  if (!last || devices.length === 1) return first.name;
  return t("lease.range", { first: first.name, last: last.name, count: devices.length });
}
