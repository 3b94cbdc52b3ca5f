/** What agents say of devices, from the bus: parsed here, once; what does not parse is logged and forgotten. */
import { AgentBeat, type Bus, DeviceGone, DeviceReport, decodeMessage, PhonerackError, subjects } from "@phonerack/contract/bus";
import type { Logger } from "pino";
import type { Devices } from "./devices.js";

/** Returns how to stop listening. */
export function hearAgents(bus: Bus, devices: Devices, log: Logger): () => void {
  const hear = (subject: string, take: (payload: Uint8Array, id: string) => void) =>
    bus.subscribe(subject, (message) => {
      try {
        // The second word is the device or the agent that it is about.
        take(message.payload, message.subject.split(".")[1] ?? "");
      } catch (error) {
        const detail = error instanceof PhonerackError ? error.detail : undefined;
        log.warn(
          { subject: message.subject, detail, err: detail === undefined ? error : undefined },
          "a message was not understood",
        );
      }
      return undefined;
    });
  const subscriptions = [
    hear(subjects.report("*"), (payload) => devices.hearReport(decodeMessage(DeviceReport, payload))),
    hear(subjects.gone("*"), (payload, id) => devices.hearGone(id, decodeMessage(DeviceGone, payload))),
    hear(subjects.beat("*"), (payload) => devices.hearBeat(decodeMessage(AgentBeat, payload))),
  ];
  return () => {
    for (const subscription of subscriptions) subscription.unsubscribe();
  };
}
