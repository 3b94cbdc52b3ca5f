/** An adb client's session with one phone: the agent is the device for it, and passes services on. */
import { PhonerackError, type Pipe, type PipeOrder, type PipeService } from "@phonerack/contract/bus";
import type { PhoneAtWork } from "../workbench/phone-at-work.js";

type Service = Extract<PipeService, { type: "adb" }>;

/** Refuses by throwing; what it gives back serves the pipe to its end. */
export async function serveAdb(
  _phone: PhoneAtWork,
  _order: PipeOrder,
  _service: Service,
): Promise<(pipe: Pipe) => Promise<void>> {
  throw new PhonerackError("not_found", "adb");
}
