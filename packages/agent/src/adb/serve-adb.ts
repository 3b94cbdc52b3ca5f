/** An adb client's session with one phone: opened for its holder, on a fenced phone, with the phone's own names. */
import { PhonerackError, type Pipe, type PipeOrder, type PipeService } from "@phonerack/contract/bus";
import { enterGuarded } from "../guard/guard.js";
import { runShell } from "../transports/shell.js";
import type { PhoneAtWork } from "../workbench/phone-at-work.js";
import { AdbSession, type Identity } from "./adb-session.js";

const NAMES = ["ro.product.name", "ro.product.model", "ro.product.device"] as const;
const NAMES_MS = 5_000;

/** Refuses by throwing; what it gives back serves the pipe to its end. */
export async function serveAdb(
  phone: PhoneAtWork,
  { actor, epoch }: PipeOrder,
  { keys, agreed }: Extract<PipeService, { type: "adb" }>,
): Promise<(pipe: Pipe) => Promise<void>> {
  if (keys.length === 0)
    throw new PhonerackError("adb_key_not_found", "you have enrolled none: 'phonerack adb-keys add ~/.android/adbkey.pub'");
  const link = phone.link();
  const identity = await identityOf(phone);
  const guarded = await enterGuarded(phone, { kind: "adb", actor, epoch, agreed });
  return async (pipe) => {
    const askFiles = () => {
      const answer = phone.gate.ask({ mode: "script", action: "file", actor, epoch });
      if (answer.decision === "deny") throw answer.error ?? new PhonerackError("denied", answer.reason);
    };
    try {
      await new AdbSession({ pipe, link, identity, guarded, keys, askFiles }).run();
    } finally {
      guarded.leave();
    }
  };
}

async function identityOf(phone: PhoneAtWork): Promise<Identity> {
  const command = NAMES.map((name) => `getprop ${name}`).join("; ");
  const { stdout } = await runShell(phone.link(), command, { timeoutMs: NAMES_MS });
  const [product = "", model = "", device = ""] = stdout.split("\n").map((line) => line.trim());
  return { product, model, device };
}
