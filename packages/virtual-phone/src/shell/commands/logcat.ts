/** logcat: buffers, formats, filters and following, in the line formats of liblog's logprint.c. */
import { LOG_BUFFERS, type LogBuffer, type LogEntry, type LogPriority } from "../../phone/logcat.js";
import type { Call, CommandSet } from "../command.js";
import { type Options, readOptions } from "../options.js";
import { safeRegExp } from "../pattern.js";
import { ownerName } from "./owners.js";

const PRIORITIES = "VDIWEFS";
const FORMATS = new Set(["brief", "process", "tag", "thread", "raw", "time", "threadtime", "long"]);
const MODIFIERS = new Set([
  "uid",
  "epoch",
  "descriptive",
  "year",
  "usec",
  "UTC",
  "color",
  "monotonic",
  "printable",
  "zone",
  "nsec",
]);

interface Style {
  readonly format: string;
  readonly on: ReadonlySet<string>;
  /** Unix time of boot in ms, for `monotonic`. */
  readonly bootTime: number;
}

type Filter = (entry: LogEntry) => boolean;

function timeOf(time: number, { on, bootTime }: Style): string {
  const fraction = on.has("usec") ? `${String(time % 1000).padStart(3, "0")}000` : String(time % 1000).padStart(3, "0");
  if (on.has("epoch")) return `${String(Math.floor(time / 1000)).padStart(19)}.${fraction}`;
  if (on.has("monotonic")) return `${String(Math.floor((time - bootTime) / 1000)).padStart(6)}.${fraction}`;
  const date = new Date(time).toISOString();
  const day = on.has("year") ? date.slice(0, 10) : date.slice(5, 10);
  return `${day} ${date.slice(11, 19)}.${fraction}${on.has("zone") || on.has("UTC") ? " +0000" : ""}`;
}

const COLORS: Readonly<Record<string, number>> = { V: 231, D: 75, I: 40, W: 166, E: 196, F: 196 };

/** Names of up to five letters, else the number: liblog's logprint.c, so system_server's lines carry 1000. */
function uidText(uid: number): string {
  const name = ownerName(uid);
  return name.length <= 5 ? name : String(uid);
}

/** What stands before each line of the message. */
function prefixOf(entry: LogEntry, style: Style): string {
  const { priority, tag, pid, tid } = entry;
  const uid = style.on.has("uid") ? uidText(entry.uid) : "";
  const id = (width: number): string => String(pid).padStart(width);
  switch (style.format) {
    case "tag":
      return `${priority}/${tag.padEnd(8)}: `;
    case "process":
      return `${priority}(${uid ? `${uid.padStart(5)}:` : ""}${id(5)}) `;
    case "thread":
      return `${priority}(${uid ? `${uid.padStart(5)}:` : ""}${id(5)}:${String(tid).padStart(5)}) `;
    case "raw":
      return "";
    case "time":
      return `${timeOf(entry.time, style)} ${priority}/${tag.padEnd(8)}(${uid ? `${uid.padStart(5)}:` : ""}${id(5)}): `;
    case "threadtime":
      return `${timeOf(entry.time, style)} ${uid ? `${uid.padStart(5)} ` : ""}${id(5)} ${String(tid).padStart(5)} ${priority} ${tag.padEnd(8)}: `;
    default:
      return `${priority}/${tag.padEnd(8)}(${uid ? `${uid.padStart(5)}:` : ""}${id(5)}): `;
  }
}

/** One entry as logcat prints it, line end included. */
export function formatEntry(entry: LogEntry, style: Style): string {
  if (style.format === "long") {
    const uid = style.on.has("uid") ? `${uidText(entry.uid).padStart(5)}:` : "";
    return `[ ${timeOf(entry.time, style)} ${uid}${String(entry.pid).padStart(5)}:${String(entry.tid).padStart(5)} ${entry.priority}/${entry.tag.padEnd(8)} ]\n${entry.message}\n\n`;
  }
  const prefix = prefixOf(entry, style);
  const [start, end] = style.on.has("color") ? [`\u001b[38;5;${COLORS[entry.priority]}m`, "\u001b[0m"] : ["", ""];
  if (!entry.message.includes("\n")) return `${start}${prefix}${entry.message}${end}\n`;
  return entry.message
    .split("\n")
    .map((line) => `${start}${prefix}${line}${end}\n`)
    .join("");
}

/** `-v` may be given often, and hold several: one format, any modifiers. @returns undefined for a word nobody knows. */
export function readStyle(words: readonly string[], bootTime: number): Style | undefined {
  let format = "threadtime";
  const on = new Set<string>();
  for (const word of words.flatMap((text) => text.split(/[\s,]+/)).filter(Boolean)) {
    if (FORMATS.has(word)) format = word;
    else if (MODIFIERS.has(word)) on.add(word);
    else return undefined;
  }
  return { format, on, bootTime };
}

/** `TAG:P *:S`. @returns undefined when one of them is none. */
export function readFilters(specs: readonly string[]): Filter | undefined {
  const levels = new Map<string, number>();
  let otherwise = 0;
  for (const spec of specs.flatMap((text) => text.split(/\s+/)).filter(Boolean)) {
    const [tag = "", priority = ""] = /^(.*?)(?::(.))?$/.exec(spec)?.slice(1) ?? [];
    const level = priority === "" || priority === "*" ? (tag === "*" ? 1 : 0) : PRIORITIES.indexOf(priority.toUpperCase());
    if (level < 0 || tag === "") return undefined;
    if (tag === "*") otherwise = level;
    else levels.set(tag, level);
  }
  return ({ tag, priority }) => PRIORITIES.indexOf(priority) >= (levels.get(tag) ?? otherwise);
}

interface Wanted {
  readonly buffers: readonly LogBuffer[];
  readonly style: Style;
  readonly keep: Filter;
  /** Show at most this many of what is there. */
  readonly last: number | undefined;
  /** Only entries from this time on. */
  readonly since: number | undefined;
  readonly follow: boolean;
  /** `-D`: a line wherever another buffer goes on. */
  readonly dividers: boolean;
  /** `-m`: end after this many. */
  readonly most: number;
}

function readBuffers(names: readonly string[]): LogBuffer[] | string {
  const found = new Set<LogBuffer>();
  for (const name of names.flatMap((text) => text.split(","))) {
    if (name === "all") for (const buffer of LOG_BUFFERS) found.add(buffer);
    else if (name === "default") for (const buffer of ["main", "system", "crash"] as const) found.add(buffer);
    else if ((LOG_BUFFERS as readonly string[]).includes(name)) found.add(name as LogBuffer);
    else if (name !== "kernel" && name !== "security" && name !== "stats") return name;
  }
  return [...found];
}

/** `-t`/`-T` take a count or a time: `MM-DD hh:mm:ss.mmm`, with a year, or seconds since the epoch. */
function readStart(text: string | undefined, now: number): { last?: number; since?: number } | undefined {
  if (text === undefined) return {};
  if (/^\d+$/.test(text)) return { last: Number(text) };
  if (/^\d+\.\d+$/.test(text)) return { since: Number(text) * 1000 };
  const [, year, rest] = /^(?:(\d{4})-)?(\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?)$/.exec(text) ?? [];
  if (!rest) return undefined;
  const time = Date.parse(`${year ?? new Date(now).getUTCFullYear()}-${rest.replace(" ", "T")}Z`);
  return Number.isNaN(time) ? undefined : { since: time };
}

/** Repeatable options must be gathered by hand: readOptions keeps the last only. */
function collect(args: readonly string[], letter: string, long: string): string[] {
  const found: string[] = [];
  args.forEach((arg, index) => {
    if (arg === `-${letter}` || arg === `--${long}`) found.push(args[index + 1] ?? "");
    else if (arg.startsWith(`--${long}=`)) found.push(arg.slice(long.length + 3));
    else if (arg.startsWith(`-${letter}`) && !arg.startsWith("--") && arg.length > 2) found.push(arg.slice(2));
  });
  return found;
}

const SPEC = {
  flags: "cdgsDLSpBI",
  values: "bvtTemrnfG",
  long: "clear last buffer= format= pid= uid= regex= max-count= print buffer-size buffer-size= wrap statistics prune help dividers binary".split(
    " ",
  ),
};

async function logcat(call: Call): Promise<number> {
  const { args, phone } = call;
  const options = readOptions(args, SPEC);
  const { on, values, unknown } = options;
  if (unknown) return call.complain(`logcat: unrecognized option '${unknown}'\nTry 'logcat --help' for more information.`, 1);
  const buffers = readBuffers(collect(args, "b", "buffer"));
  if (typeof buffers === "string") return call.complain(`logcat: Unknown buffer '${buffers}'`, 1);
  const chosen = buffers.length > 0 ? buffers : (["main", "system", "crash"] as const);
  if (on.has("c") || on.has("clear")) {
    phone.logcat.clear(chosen);
    return 0;
  }
  if (on.has("g") || on.has("buffer-size"))
    return call.sayAll(chosen.map((name) => sizeLine(name, phone.logcat.read([name]).length)));
  if (values.has("G") || on.has("S") || on.has("p")) return 0;
  const wanted = readWanted(call, options, chosen);
  return typeof wanted === "string" ? call.complain(`logcat: ${wanted}`, 1) : print(call, wanted);
}

function sizeLine(name: LogBuffer, entries: number): string {
  return `${name}: ring buffer is 256 KiB (${Math.ceil(entries / 10)} KiB consumed, ${entries} KiB readable), max entry is 5120 B, max payload is 4068 B`;
}

/** What the options ask for, or what is wrong with them. */
function readWanted(call: Call, { on, values, rest }: Options, buffers: readonly LogBuffer[]): Wanted | string {
  const { clock, uptime } = call.phone;
  const style = readStyle(collect(call.args, "v", "format"), clock.now() - uptime);
  if (!style) return `Invalid parameter "${values.get("v") ?? values.get("format")}" to -v`;
  const start = readStart(values.get("t") ?? values.get("T"), clock.now());
  if (!start) return `-${values.has("t") ? "t" : "T"} "${values.get("t") ?? values.get("T")}" not in time format`;
  const specs = rest.length > 0 ? rest : (call.env.get("ANDROID_LOG_TAGS") ?? "").split(" ");
  const filter = readFilters([...(on.has("s") ? ["*:S"] : []), ...specs]);
  if (!filter) return `Invalid filter expression '${rest.join(" ")}'`;
  return {
    buffers,
    style,
    keep: allOf([filter, ...otherFilters(values)]),
    last: start.last,
    since: start.since,
    dividers: on.has("D") || on.has("dividers"),
    follow: !(on.has("d") || on.has("last") || on.has("L") || values.has("t")),
    most: Number(values.get("m") ?? values.get("max-count") ?? Number.POSITIVE_INFINITY),
  };
}

function otherFilters(values: ReadonlyMap<string, string>): Filter[] {
  const filters: Filter[] = [];
  const pid = values.get("pid");
  if (pid !== undefined) filters.push((entry) => entry.pid === Number(pid));
  const uids = values.get("uid")?.split(",");
  if (uids) filters.push((entry) => uids.includes(String(entry.uid)) || uids.includes(uidText(entry.uid)));
  const pattern = values.get("e") ?? values.get("regex");
  if (pattern !== undefined) {
    const expression = safeRegExp(pattern, "");
    filters.push(({ message }) => expression.test(message));
  }
  return filters;
}

function allOf(filters: readonly Filter[]): Filter {
  return (entry) => filters.every((filter) => filter(entry));
}

/** Prints what is there, then what comes; before the first entry of each buffer a line that says so. */
async function print(call: Call, wanted: Wanted): Promise<number> {
  const { phone, signal } = call;
  let left = wanted.most;
  const beginnings = new Set<LogBuffer>();
  let before: LogBuffer | undefined;
  const line = (entry: LogEntry): string => {
    const { buffer } = entry;
    if (before === buffer || wanted.style.format === "raw") return formatEntry(entry, wanted.style);
    before = buffer;
    if (beginnings.has(buffer) && !wanted.dividers) return formatEntry(entry, wanted.style);
    const divider = `--------- ${beginnings.has(buffer) ? "switch to" : "beginning of"} ${buffer}\n`;
    beginnings.add(buffer);
    return divider + formatEntry(entry, wanted.style);
  };
  const all = phone.logcat.read(wanted.buffers);
  // On a slow phone an entry that was read here may still be on its way to followers.
  const known = all.at(-1)?.sequence ?? -1;
  const there = all.filter((entry) => (wanted.since === undefined || entry.time >= wanted.since) && wanted.keep(entry));
  const shown = wanted.last === undefined ? there : there.slice(-Math.max(1, wanted.last));
  // Follow before printing: what is written meanwhile must not be lost between the two.
  const queue: LogEntry[] = [];
  let wake: (() => void) | undefined;
  const stop = wanted.follow
    ? phone.logcat.follow(wanted.buffers, (entry) => {
        if (entry.sequence <= known || !wanted.keep(entry)) return;
        // A reader that never reads loses the oldest, as logd's do.
        if (queue.length > 5000) queue.shift();
        queue.push(entry);
        wake?.();
      })
    : undefined;
  const abort = (): void => wake?.();
  signal.addEventListener("abort", abort, { once: true });
  try {
    const first = shown.slice(0, left);
    left -= first.length;
    if (first.length > 0) await call.write(first.map(line).join(""));
    while (wanted.follow && left > 0 && !signal.aborted) {
      if (queue.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        wake = undefined;
        continue;
      }
      const entries = queue.splice(0, Math.min(queue.length, left));
      left -= entries.length;
      await call.write(entries.map(line).join(""));
    }
  } finally {
    stop?.();
    signal.removeEventListener("abort", abort);
  }
  return 0;
}

/** `log -p i -t TAG message` */
async function log(call: Call): Promise<number> {
  const { values, rest } = readOptions(call.args, { values: "pt", strict: true });
  const priority = (values.get("p") ?? "i").toUpperCase();
  if (!"VDIWEF".includes(priority)) return call.fail(`bad -p '${values.get("p")}'`);
  const entry = {
    buffer: "main",
    pid: call.pid,
    uid: 2000,
    priority: priority as LogPriority,
    tag: values.get("t") ?? "log",
    message: rest.join(" "),
  } as const;
  call.phone.logcat.write(entry);
  return 0;
}

export const logCommands: CommandSet = { toybox: { log }, own: { logcat } };
