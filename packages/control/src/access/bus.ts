/** What the controls of a lab tell each other of access: that somebody may do something else from now on. */
import { type Bus, ControlChanged, decodeMessage, encodeMessage, subjects } from "@phonerack/contract/bus";
import type { Access } from "./access.js";

export function announceAccess(bus: Bus, replica: string): void {
  bus.publish(subjects.changed, encodeMessage(ControlChanged, { replica, access: true }));
}

/** Gives what ends the hearing. */
export function hearAccess(bus: Bus, access: Access): () => void {
  const heard = bus.subscribe(subjects.changed, ({ payload }) => {
    if (decodeMessage(ControlChanged, payload).access) access.doubt();
    return undefined;
  });
  return () => heard.unsubscribe();
}
