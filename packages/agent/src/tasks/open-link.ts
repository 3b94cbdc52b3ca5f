/** Opens a deep link on one phone. The gate is asked about the very component that is then started, so that no chooser decides. */
import { type ActionResult, type DeviceAction, PhonerackError } from "@phonerack/contract/bus";
import { quoted } from "../cleaning/ask.js";
import { runShell } from "../transports/shell.js";
import { requireAllowed } from "./allowed.js";
import type { Doing } from "./doing.js";

const COMMAND_MS = 10_000;

/** Fails with `denied`, `phone_failed`, or the connection's errors. */
export async function openLink(
  doing: Doing,
  { url, package: name }: Extract<DeviceAction, { type: "link" }>,
): Promise<ActionResult> {
  const { phone } = doing;
  const intent = `-a android.intent.action.VIEW -d ${quoted(url)}`;
  const within = name === undefined ? "" : ` -p ${name}`;
  const { stdout } = await run(doing, `cmd package resolve-activity --brief ${intent}${within}`);
  const component = stdout.split("\n").flatMap((line) => /^\s*([\w.]+\/[\w.$]+)\s*$/.exec(line)?.[1] ?? [])[0];
  const target = component?.split("/", 1)[0];
  // A fenced app opens no links: where none opens it, it is nobody's here, and the gate says so.
  await requireAllowed(doing, "deep-link", { target: target === undefined ? null : await phone.gate.judge(target) });
  if (component === undefined) throw new PhonerackError("phone_failed", "no app on it opens this link");
  const started = await run(doing, `am start -n ${quoted(component)} ${intent}`);
  // `am` says what went wrong in words and ends well.
  const error = /^(?:Error|Exception|java\.lang\.\S+).*$/m.exec(`${started.stderr}\n${started.stdout}`)?.[0];
  if (error !== undefined) throw new PhonerackError("phone_failed", error.slice(0, 200));
  return { note: `opened by ${target}` };
}

function run({ phone }: Doing, command: string) {
  return runShell(phone.link(), command, { timeoutMs: COMMAND_MS, maxBytes: 64 * 1024 });
}
