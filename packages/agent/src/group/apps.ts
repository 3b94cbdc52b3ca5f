/** Opens, stops and links into apps on one phone of a group. The gate is asked about the very component that is then started. */
import { setTimeout as sleep } from "node:timers/promises";
import { PackageName, PhonerackError } from "@phonerack/contract/bus";
import type { GateAction } from "@phonerack/policy";
import { quoted } from "../cleaning/ask.js";
import { runShell } from "../transports/shell.js";
import type { Driven } from "./play.js";
import { type Answer, APPLIED, DELIVERED, denied, failed, type StepRun, type Ticket } from "./step-run.js";

const COMMAND_MS = 8_000;
/** After `am` said yes; real phones take up to two seconds to show an app. */
const SHOWS_WITHIN_MS = 2_000;
const LOOK_EVERY_MS = 25;
/** As the launcher starts apps: in a task of their own, brought to the front as it was (Intent.FLAG_ACTIVITY_*). */
const AS_LAUNCHER = "-a android.intent.action.MAIN -c android.intent.category.LAUNCHER -f 0x10200000";

type AppStep = Extract<StepRun["order"]["step"], { type: "launch" | "stop" | "link" }>;

/** Never rejects. */
export async function actOnApp(driven: Driven, run: Ticket, step: AppStep): Promise<Answer> {
  try {
    switch (step.type) {
      case "launch":
        return await launch(driven, run, step.package);
      case "stop":
        return await stop(driven, run, step.package);
      case "link":
        return await link(driven, run, step.url);
    }
  } catch (error) {
    return failed(error);
  }
}

/** Brings the app's own first activity to the front. Fails with `phone_failed`, and with the connection's errors. */
export async function launch(driven: Driven, run: Ticket, name: string): Promise<Answer> {
  requireName(name);
  const component = await firstActivity(driven, name);
  const refusal = await refused(driven, "launch", name);
  if (refusal) return component === undefined && !(await isInstalled(driven, name)) ? failed(missing(name)) : refusal;
  if (component === undefined) throw missing(name);
  if (!run.isOpen(driven.phone.id)) return late();
  await start(driven, `-n '${component}' ${AS_LAUNCHER}`);
  return (await comesInFront(driven, name)) ? APPLIED : DELIVERED;
}

async function stop(driven: Driven, run: Ticket, name: string): Promise<Answer> {
  requireName(name);
  const refusal = await refused(driven, "stop", name);
  if (refusal) return (await isInstalled(driven, name)) ? refusal : failed(missing(name));
  if (!run.isOpen(driven.phone.id)) return late();
  const { exitCode, stdout, stderr } = await shell(driven, `am force-stop ${name}`);
  if (exitCode !== 0) throw new PhonerackError("phone_failed", firstLine(stderr || stdout));
  return driven.phone.report.foreground?.package === name ? DELIVERED : APPLIED;
}

async function link(driven: Driven, run: Ticket, url: string): Promise<Answer> {
  const intent = `-a android.intent.action.VIEW -d ${quoted(url)}`;
  const [component] = await components(driven, `resolve-activity --brief ${intent}`);
  const name = component?.split("/", 1)[0];
  // A fenced app opens no links: where none opens it, it is nobody's here, and the gate says so.
  const refusal = await refused(driven, "deep-link", name);
  if (refusal) return refusal;
  if (name === undefined) throw new PhonerackError("phone_failed", "no app on it opens this link");
  if (!run.isOpen(driven.phone.id)) return late();
  await start(driven, `-n '${component}' ${intent}`);
  return (await comesInFront(driven, name)) ? APPLIED : DELIVERED;
}

/** Brings exactly this activity to the front, as far as the app lets others do that. Fails as `launch` does. */
export async function startActivity(driven: Driven, run: Ticket, screen: { package: string; activity: string }): Promise<Answer> {
  requireName(screen.package);
  const refusal = await refused(driven, "launch", screen.package);
  if (refusal) return refusal;
  if (!/^[\w.$]+$/.test(screen.activity)) throw new PhonerackError("bad_request", "no name of an activity");
  if (!run.isOpen(driven.phone.id)) return late();
  await start(driven, `-n '${screen.package}/${screen.activity}' -f 0x14000000`);
  return (await comesInFront(driven, screen.package)) ? APPLIED : DELIVERED;
}

async function refused(driven: Driven, action: GateAction, name: string | undefined): Promise<Answer | undefined> {
  const { phone, mode, actor, epoch } = driven;
  const target = name === undefined ? null : await phone.gate.judge(name);
  const question = { mode, action, actor, epoch, target };
  const decision = phone.gate.needsLook(question) ? await phone.gate.askFresh(question) : phone.gate.ask(question);
  return decision.decision === "deny" ? denied(decision.reason) : undefined;
}

/** What the launcher would open; of several, the first. */
async function firstActivity(driven: Driven, name: string): Promise<string | undefined> {
  const inside = (component: string): boolean => component.startsWith(`${name}/`);
  const [best] = await components(driven, `resolve-activity --brief ${name}`);
  if (best === undefined || inside(best)) return best;
  // Android would let a person choose.
  return (await components(driven, `query-activities --brief ${name}`)).find(inside);
}

async function components(driven: Driven, question: string): Promise<string[]> {
  const { stdout } = await shell(driven, `cmd package ${question}`);
  return stdout.split("\n").flatMap((line) => /^\s*([\w.]+\/[\w.$]+)\s*$/.exec(line)?.[1] ?? []);
}

async function isInstalled(driven: Driven, name: string): Promise<boolean> {
  const { stdout } = await shell(driven, `pm path ${name}`);
  return stdout.includes("package:");
}

/** `am` says what went wrong in words and ends well. */
async function start(driven: Driven, intent: string): Promise<void> {
  const { stdout, stderr } = await shell(driven, `am start ${intent}`);
  const error = /^(?:Error|Exception|java\.lang\.\S+).*$/m.exec(`${stderr}\n${stdout}`)?.[0];
  if (error !== undefined) throw new PhonerackError("phone_failed", error.slice(0, 200));
}

async function comesInFront({ phone }: Driven, name: string): Promise<boolean> {
  const until = performance.now() + SHOWS_WITHIN_MS;
  while (performance.now() < until) {
    if (phone.report.foreground?.package === name) return true;
    await sleep(LOOK_EVERY_MS);
  }
  return false;
}

function shell({ phone }: Driven, command: string) {
  return runShell(phone.link(), command, { timeoutMs: COMMAND_MS, maxBytes: 64 * 1024 });
}

function requireName(name: string): void {
  if (!PackageName.safeParse(name).success) throw new PhonerackError("bad_request", `'${name.slice(0, 60)}' is no package name`);
}

function missing(name: string): PhonerackError {
  return new PhonerackError("phone_failed", `${name} is not on it, or has nothing to open`);
}

function late(): Answer {
  return { outcome: "late", error: new PhonerackError("too_late").toJSON() };
}

function firstLine(text: string): string {
  return text.trim().split("\n", 1)[0]?.slice(0, 200) ?? "";
}
