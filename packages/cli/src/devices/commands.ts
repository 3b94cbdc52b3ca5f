/** The commands for one device or all: each a thin door to the HTTP API of a running control. */
import { writeFile } from "node:fs/promises";
import { Action, readApiError } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import { type Command, Option } from "commander";
import { ArtifactApi } from "../api/artifacts.js";
import { client, command, example, type Flags, say } from "../api/command.js";
import { JobApi } from "../api/jobs.js";
import { artifactLine } from "../artifacts/artifact-words.js";
import { parseCoordinate, parseMs } from "../flags.js";
import { doJob, type JobFlags, jobCommand, requireOneChoice } from "../jobs/do.js";
import { warnOfEnd, warnOfEnds, withTakeHint } from "../lease/ending.js";
import { deviceTable } from "./device-table.js";

/** A screenshot takes at most 15 s, and is kept. */
const SAVE_MS = 20_000;

export function addDeviceCommands(program: Command): void {
  addDevices(program);
  addScreenshot(program);
  addTouches(program);
  addKeys(program);
  addLink(program);
}

function addDevices(program: Command): void {
  command(program, "devices", "list the devices, their state and why they are not ready")
    .addOption(
      new Option("--state <state>", "only those in this state").choices([
        "connecting",
        "unauthorised",
        "preparing",
        "ready",
        "lost",
        "quarantined",
      ]),
    )
    .addHelpText("after", example("devices", "devices --state ready --json | jq -r .items[].id"))
    .action(async (flags: Flags & { state?: string }) => {
      const api = await client(flags);
      const items = await api.devices(flags.state ? { state: flags.state } : {});
      if (flags.json) return void process.stdout.write(`${JSON.stringify({ items })}\n`);
      const me = items.some(({ holder }) => holder) ? (await api.session()).actor : undefined;
      process.stdout.write(deviceTable(items, me));
      if (me !== undefined) warnOfEnds(items, me);
    });
}

function addScreenshot(program: Command): void {
  jobCommand(program, "screenshot", "save a device's screen as PNG, in device pixels; of many, as artifacts")
    .argument("[device]", "its id or name; without it, the options say which, and each is kept among its lease's artifacts")
    .option("-o, --output <file>", "where to; - is stdout", "-")
    .option("--frame", "with a phone drawn around it")
    .option("--save", "keep it among the lease's artifacts instead, for a device that you hold")
    .addHelpText(
      "after",
      example(
        "screenshot V01-03 -o screen.png",
        "screenshot V01-03 --frame -o phone.png",
        "screenshot V01-03 --save",
        "screenshot --all",
      ),
    )
    .action(async (device: string | undefined, flags: ScreenshotFlags) => {
      const { frame = false } = flags;
      if (device === undefined) {
        if (flags.output !== "-") throw new PhonerackError("usage", "-o is for one device, which is named without an option");
        return doJob(flags, { type: "screenshot", frame });
      }
      requireOneChoice(device, flags);
      if (flags.save) return keepScreenshot(device, flags, frame);
      if (flags.output === "-" && (flags.json || process.stdout.isTTY)) throw new PhonerackError("usage", "give -o FILE");
      const api = await client(flags);
      const found = await api.deviceOf(device);
      const { id } = found;
      const png = await api.screenshot(id, { frame });
      warnOfEnd(found);
      if (flags.output === "-") return void process.stdout.write(png);
      await writeFile(flags.output, png).catch((cause: Error) => {
        throw new PhonerackError("usage", `the file cannot be written: ${cause.message}`, { cause });
      });
      say(flags, { id, file: flags.output, bytes: png.length }, `${flags.output}: ${png.length} bytes`);
    });
}

interface ScreenshotFlags extends JobFlags {
  readonly output: string;
  readonly frame?: boolean;
  readonly save?: boolean;
}

/** A job of one device, as the console does it. */
async function keepScreenshot(device: string, flags: Flags, frame: boolean): Promise<void> {
  const jobs = new JobApi(await client(flags));
  const devices = [await jobs.api.idOf(device)];
  const job = await jobs.create({ devices, action: { type: "screenshot", frame }, wait: SAVE_MS });
  const [task] = await jobs.tasks(job.id);
  if (task?.error) throw readApiError(task.error) ?? new PhonerackError("phone_failed", task.error.message);
  if (!task?.result?.artifact) throw new PhonerackError("device_timeout", `the job ${job.id} goes on`);
  const artifact = await new ArtifactApi(jobs.api).get(task.result.artifact);
  say(flags, artifact, artifactLine(artifact));
}

function addTouches(program: Command): void {
  command(program, "tap", "tap a point, in device pixels")
    .argument("<device>", "its id or name")
    .argument("<x>", "from the left", parseCoordinate)
    .argument("<y>", "from the top", parseCoordinate)
    .addHelpText("after", example("tap V01-03 540 1200"))
    .action(tap);
  command(program, "swipe", "swipe from one point to another, in device pixels")
    .argument("<device>", "its id or name")
    .argument("<x>", "from the left", parseCoordinate)
    .argument("<y>", "from the top", parseCoordinate)
    .argument("<toX>", "to, from the left", parseCoordinate)
    .argument("<toY>", "to, from the top", parseCoordinate)
    .option("--ms <ms>", "how long it takes", parseMs, 300)
    .addHelpText("after", example("swipe V01-03 540 1600 540 600 --ms 250"))
    .action(swipe);
}

/** Commander gives each argument as a parameter of its own, then the flags. */
async function tap(device: string, ...rest: unknown[]): Promise<void> {
  const [x, y, flags] = rest as [number, number, Flags];
  await send(flags, device, { type: "tap", x, y });
}

async function swipe(device: string, ...rest: unknown[]): Promise<void> {
  const [x, y, toX, toY, flags] = rest as [number, number, number, number, Flags & { ms: number }];
  await send(flags, device, { type: "swipe", x, y, toX, toY, ms: flags.ms });
}

function addKeys(program: Command): void {
  command(program, "key", "press a key by Android's name")
    .argument("<device>", "its id or name")
    .argument("<key>", "HOME, BACK, APP_SWITCH, POWER, VOLUME_UP, ENTER …")
    .addHelpText("after", example("key V01-03 HOME"))
    .action(async (device: string, key: string, flags: Flags) => send(flags, device, { type: "key", key }));
  command(program, "text", "type a text into the field that has the focus; any script")
    .argument("<device>", "its id or name")
    .argument("<text>", "what to type")
    .addHelpText("after", example('text V01-03 "hello, 世界"'))
    .action(async (device: string, text: string, flags: Flags) => send(flags, device, { type: "text", text }));
}

function addLink(program: Command): void {
  command(program, "link", "print a new link that opens the console, once, logged in").action(async (flags: Flags) => {
    const link = await (await client(flags)).link();
    say(flags, { link }, link);
  });
}

async function send(flags: Flags, device: string, input: unknown): Promise<void> {
  const action = Action.safeParse(input);
  if (!action.success) throw new PhonerackError("usage", action.error.issues.map(({ message }) => message).join("; "));
  const api = await client(flags);
  const found = await api.deviceOf(device);
  const { id } = found;
  await api.input(id, [action.data]).catch((error: unknown) => {
    throw withTakeHint(error, found);
  });
  // The input itself put idleness off.
  warnOfEnd({ ...found, holder: found.holder && { ...found.holder, idleAt: null } });
  say(flags, { id, outcome: "delivered" }, "delivered");
}
