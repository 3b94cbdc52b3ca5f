/** A file of one phone, read. */
import { PhonerackError, type Pipe, type PipeOrder, type PipeService } from "@phonerack/contract/bus";
import type { PhoneAtWork } from "../workbench/phone-at-work.js";

type Service = Extract<PipeService, { type: "get" }>;

/** Refuses by throwing; what it gives back serves the pipe to its end. */
export async function serveGet(
  _phone: PhoneAtWork,
  _order: PipeOrder,
  _service: Service,
): Promise<(pipe: Pipe) => Promise<void>> {
  throw new PhonerackError("not_found", "get");
}
