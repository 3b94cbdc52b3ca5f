/** Who has a phone and until when, what its cleaning does, why it is out of use: the words beside the mark. */
import type { Device, Holder, Session } from "@phonerack/contract/api";
import type { TFunction } from "i18next";
import { formatTime } from "../language/format.js";
import { isMine } from "../session/may.js";

/** Undefined where the mark says all there is to say. */
export function leaseWords(t: TFunction, device: Device, session: Session | undefined): string | undefined {
  if (device.quarantine) return device.quarantine.reason;
  if (device.lease === "cleaning") return device.hold.note ?? undefined;
  if (device.lease !== "leased" || !device.holder) return undefined;
  const time = formatTime(device.holder.until);
  if (isMine(device, session?.actor)) return t("status.until", { time });
  return t("status.heldBy", { who: whoHolds(t, device.holder, session), time });
}

/** A colleague's name alone; of another organisation, with its name. */
export function whoHolds(
  t: TFunction,
  { actorName, tenant, tenantName }: Pick<Holder, "actorName" | "tenant" | "tenantName">,
  session: Session | undefined,
): string {
  return tenant === session?.tenant ? actorName : t("status.ofTenant", { name: actorName, tenant: tenantName });
}
