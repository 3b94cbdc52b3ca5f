/** What is done to an app that is on a phone: launched, stopped, cleared, removed, given a permission. Each asks the gate right before, and looks after whether it came to be. */
import { setTimeout as sleep } from "node:timers/promises";
import { type ActionResult, type DeviceAction, PhonerackError } from "@phonerack/contract/bus";
import type { GateAction } from "@phonerack/policy";
import { requireAllowed } from "../tasks/allowed.js";
import type { Doing } from "../tasks/doing.js";
import { runShell } from "../transports/shell.js";
import { uninstallRefusal } from "./refusals.js";

type Action<T extends DeviceAction["type"]> = Extract<DeviceAction, { type: T }>;

const COMMAND_MS = 60_000;
/** After `am` said yes; real phones take up to two seconds to show an app, slow ones more. */
const SHOWS_MS = 5_000;
const LOOK_MS = 50;
const LONGEST = 300;
/** As the launcher starts apps: in a task of their own, brought to the front as it was (Intent.FLAG_ACTIVITY_*). */
const AS_LAUNCHER = "-a android.intent.action.MAIN -c android.intent.category.LAUNCHER -f 0x10200000";

/** Fails with `denied`, `package_not_found` or `phone_failed`. */
export async function uninstall(doing: Doing, { package: name, keepData }: Action<"uninstall">): Promise<ActionResult> {
  await requireMay(doing, "install", { name, what: "uninstall" });
  // Everywhere, not for user 0 alone: else its files and another user's copy would stay.
  const { stdout, stderr } = await run(doing, `pm uninstall ${keepData ? "-k " : ""}${name}`);
  doing.phone.gate.doubt(name);
  if (!/^Success\b/m.test(stdout)) throw uninstallRefusal(`${stdout}\n${stderr}`);
  // Of an updated app of the system the first version stays.
  return (await isInstalled(doing, name)) ? { note: "it came with the system: its updates are gone, it stays" } : {};
}

/** Fails with `denied`, `package_not_found` or `phone_failed`. */
export async function launch(doing: Doing, { package: name, activity }: Action<"launch">): Promise<ActionResult> {
  await requireMay(doing, "launch", { name });
  const component = activity === undefined ? await firstActivity(doing, name) : componentOf(name, activity);
  const { stdout, stderr } = await run(doing, `am start -n '${component}' ${activity === undefined ? AS_LAUNCHER : ""}`);
  // `am` says what went wrong in words and ends well.
  const error = /^(?:Error|Exception|java\.lang\.\S+|Security exception).*$/m.exec(`${stderr}\n${stdout}`)?.[0];
  if (error !== undefined) throw new PhonerackError("phone_failed", error.slice(0, LONGEST));
  return (await comesInFront(doing, name)) ? {} : { note: "it was started, and is not in front" };
}

/** Fails with `denied`, `package_not_found` or `phone_failed`. */
export async function stop(doing: Doing, { package: name }: Action<"stop">): Promise<ActionResult> {
  await requireMay(doing, "stop", { name });
  await requireSilent(doing, `am force-stop ${name}`);
  const { stdout } = await run(doing, `pidof ${name}`);
  return stdout.trim() === "" ? {} : { note: "it was started again by itself or by another app" };
}

/** Its data go. Fails with `denied`, `package_not_found` or `phone_failed`. */
export async function clear(doing: Doing, { package: name }: Action<"clear">): Promise<ActionResult> {
  const target = await requireMay(doing, "install", { name, what: "clear" });
  // What Android itself lives on would not come back before a wipe.
  if (target.standing === "system") throw new PhonerackError("denied", `${name} is part of the system: its data stay`);
  const { stdout, stderr } = await run(doing, `pm clear ${name}`);
  if (!/^Success\b/m.test(stdout)) throw new PhonerackError("phone_failed", lastWords(stderr || stdout));
  return {};
}

/** Fails with `denied`, `package_not_found` or `phone_failed`. */
export async function permission(doing: Doing, action: Action<"permission">): Promise<ActionResult> {
  const { package: name, permission: wanted, granted } = action;
  await requireMay(doing, "install", { name, what: "permission" });
  await requireSilent(doing, `pm ${granted ? "grant" : "revoke"} ${name} ${wanted}`);
  return {};
}

interface About {
  readonly name: string;
  /** What of it is changed. */
  readonly what?: "uninstall" | "clear" | "permission";
}

/** The app is there, and the gate allows this with it. */
async function requireMay(doing: Doing, action: GateAction, { name, what }: About) {
  const target = await doing.phone.gate.judge(name);
  await requireAllowed(doing, action, { target, ...(what !== undefined && { what }) });
  if (!(await isInstalled(doing, name))) throw new PhonerackError("package_not_found", name);
  return target;
}

async function isInstalled(doing: Doing, name: string): Promise<boolean> {
  return (await run(doing, `pm path ${name}`)).stdout.includes("package:");
}

/** What its icon opens; of several, the first. */
async function firstActivity(doing: Doing, name: string): Promise<string> {
  const found = async (verb: string) => {
    const { stdout } = await run(
      doing,
      `cmd package ${verb} --brief -a android.intent.action.MAIN -c android.intent.category.LAUNCHER -p ${name}`,
    );
    return stdout.split("\n").flatMap((line) => /^\s*([\w.]+\/[\w.$]+)\s*$/.exec(line)?.[1] ?? []);
  };
  const own = (component: string): boolean => component.startsWith(`${name}/`);
  // Of several Android would let a person choose.
  const component = (await found("resolve-activity")).find(own) ?? (await found("query-activities")).find(own);
  if (component === undefined) throw new PhonerackError("phone_failed", `${name} has nothing to open, or is disabled`);
  return component;
}

function componentOf(name: string, activity: string): string {
  if (!/^\.?[\w.$]+$/.test(activity)) throw new PhonerackError("bad_request", "no name of an activity");
  return `${name}/${activity}`;
}

async function comesInFront({ phone, signal }: Doing, name: string): Promise<boolean> {
  for (const until = performance.now() + SHOWS_MS; performance.now() < until; await sleep(LOOK_MS)) {
    signal.throwIfAborted();
    if (phone.report.foreground?.package === name) return true;
  }
  return false;
}

/** Runs what says nothing when it is done. */
async function requireSilent(doing: Doing, command: string): Promise<void> {
  const { exitCode, stdout, stderr } = await run(doing, command);
  const said = `${stderr}\n${stdout}`;
  if (exitCode !== 0 || /Exception|^Error/m.test(said)) throw new PhonerackError("phone_failed", lastWords(said));
}

/** The line that says why. */
function lastWords(said: string): string {
  const lines = said.split("\n").map((line) => line.trim());
  const why = lines.map((line) => /Exception: (.+)$/.exec(line)?.[1]).find((line) => line !== undefined);
  return (why ?? lines.find((line) => line !== "") ?? "it said nothing").slice(0, LONGEST);
}

function run({ phone }: Doing, command: string) {
  return runShell(phone.link(), command, { timeoutMs: COMMAND_MS, maxBytes: 256 * 1024 });
}
