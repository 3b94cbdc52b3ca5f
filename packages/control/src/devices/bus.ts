/** What agents say of devices, from the bus: parsed here, once; what does not parse is logged and forgotten. */
import { AgentBeat, type Bus, DeviceGone, DeviceReport, decodeMessage, PhonerackError, subjects } from "@phonerack/contract/bus";
import type { Logger } from "pino";
import type { Devices } from "./devices.js";

/** Returns how to stop listening. */
export function hearAgents(bus: Bus, devices: Devices, log: Logger): () => void {
  const hear = (subject: string, take: (payload: Uint8Array, subject: string) => void) =>
    bus.subscribe(subject, (message) => {
      try {
        take(message.payload, message.subject);
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
    hear(subjects.report("*", "*"), (payload, subject) =>
      devices.hearReport(spokenBy(subject, decodeMessage(DeviceReport, payload))),
    ),
    hear(subjects.gone("*", "*"), (payload, subject) =>
      devices.hearGone(subject.split(".")[3] ?? "", spokenBy(subject, decodeMessage(DeviceGone, payload))),
    ),
    hear(subjects.beat("*"), (payload, subject) => devices.hearBeat(spokenBy(subject, decodeMessage(AgentBeat, payload)))),
  ];
  // What they said while we were away is lost.
  subscriptions.push(bus.onRestored(() => bus.publish(subjects.resend, new Uint8Array())));
  return () => {
    for (const subscription of subscriptions) subscription.unsubscribe();
  };
}

/** An agent's credentials bind its subjects, so whose subject it is says who speaks: one that names another agent inside is refused. */
function spokenBy<T extends { agentId: string }>(subject: string, message: T): T {
  if (subject.split(".")[1] !== message.agentId) throw new PhonerackError("denied", "an agent spoke in another's name");
  return message;
}
