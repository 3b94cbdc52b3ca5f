/** A shell on one phone, with a terminal or without. */
import { PhonerackError, type Pipe, type PipeOrder, type PipeService } from "@phonerack/contract/bus";
import type { PhoneAtWork } from "../workbench/phone-at-work.js";

type Service = Extract<PipeService, { type: "shell" }>;

/** Refuses by throwing; what it gives back serves the pipe to its end. */
export async function serveShell(
  _phone: PhoneAtWork,
  _order: PipeOrder,
  _service: Service,
): Promise<(pipe: Pipe) => Promise<void>> {
  throw new PhonerackError("not_found", "shell");
}
