/** ps, top, kill, pidof, nohup: what runs on the phone. */
import type { Process } from "../../phone/processes.js";
import type { Call, Command, CommandSet } from "../command.js";
import { readOptions, unknownOption } from "../options.js";
import { parseSignal } from "../signals.js";
import { humanSize } from "./files.js";
import { formatTime } from "./identity.js";
import { ownerName } from "./owners.js";

interface Column {
  readonly title: string;
  readonly width: number;
  readonly left?: boolean;
  value(process: Process, call: Call): string;
}

/** Address space of an app on a 64-bit phone is about this much more than what is resident. */
const virtualSize = ({ rss }: Process): number => (rss === 0 ? 0 : rss * 8 + 10_600_000);

/** As toybox prints it: what is no plain character as "?". */
function commandLine({ name, args }: Process): string {
  return (args ?? name).replace(/\p{Cc}/gu, "?");
}

function cpuTime(process: Process, call: Call): string {
  const seconds = Math.floor((call.phone.clock.now() - process.startTime) / 100_000);
  return `${String(Math.floor(seconds / 3600)).padStart(2, "0")}:${String(Math.floor(seconds / 60) % 60).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
}

function state({ pid, name }: Process, call: Call): string {
  if (call.phone.processes.stopped(pid)) return "T";
  return name === "ps" ? "R" : "S";
}

const COLUMNS: Readonly<Record<string, Column>> = {
  USER: { title: "USER", width: 12, left: true, value: ({ uid }) => ownerName(uid) },
  UID: { title: "UID", width: 5, value: ({ uid }) => String(uid) },
  PID: { title: "PID", width: 6, value: ({ pid }) => String(pid) },
  PPID: { title: "PPID", width: 6, value: ({ ppid }) => String(ppid) },
  TID: { title: "TID", width: 6, value: ({ pid }) => String(pid) },
  VSZ: { title: "VSZ", width: 7, value: (process) => String(virtualSize(process)) },
  RSS: { title: "RSS", width: 6, value: ({ rss }) => String(rss) },
  WCHAN: { title: "WCHAN", width: 10, left: true, value: () => "0" },
  ADDR: { title: "ADDR", width: 10, value: () => "0" },
  S: { title: "S", width: 1, value: state },
  STAT: { title: "STAT", width: 4, left: true, value: state },
  NI: { title: "NI", width: 3, value: () => "0" },
  PRI: { title: "PRI", width: 3, value: () => "19" },
  CPU: { title: "CPU", width: 3, value: () => "0" },
  "%CPU": { title: "%CPU", width: 4, value: () => "0.0" },
  "%MEM": { title: "%MEM", width: 4, value: ({ rss }, call) => ((rss / (call.phone.model.memoryMb * 1024)) * 100).toFixed(1) },
  C: { title: "C", width: 1, value: () => "0" },
  STIME: { title: "STIME", width: 5, left: true, value: ({ startTime }) => formatTime("%R", startTime) },
  START: { title: "START", width: 19, left: true, value: ({ startTime }) => formatTime("%F %T", startTime) },
  ETIME: {
    title: "ELAPSED",
    width: 11,
    value: (process, call) =>
      cpuTime({ ...process, startTime: call.phone.clock.now() - (call.phone.clock.now() - process.startTime) * 100 }, call),
  },
  TIME: { title: "TIME", width: 8, value: cpuTime },
  TTY: { title: "TTY", width: 8, left: true, value: () => "?" },
  NAME: { title: "NAME", width: 27, left: true, value: ({ name }) => name },
  CMD: { title: "CMD", width: 15, left: true, value: ({ name }) => name.slice(0, 15) },
  COMM: { title: "COMM", width: 15, left: true, value: ({ name }) => name.slice(0, 15) },
  CMDLINE: { title: "CMDLINE", width: 27, left: true, value: commandLine },
  ARGS: { title: "ARGS", width: 27, left: true, value: commandLine },
};

const PS_HELP = `usage: ps [-AadefLlnwZ] [-gG GROUP,] [-k FIELD,] [-o FIELD,] [-p PID,] [-t TTY,] [-uU USER,]

List processes.

Which processes to show (-gGuUpPt selections may be comma separated lists):

-A  All
-a  Has terminal not session leader
-d  All but session leaders
-e  Synonym for -A
-g  In GROUPs
-p  PIDs (--pid)
-u  Owned by USERs

Output modifiers:

-f  Full listing (-o USER:12=UID,PID,PPID,C,STIME,TTY,TIME,ARGS=CMD)
-l  Long listing
-o  Show FIELDs (see list below)
-k  Sort FIELDs`;

function ps(call: Call): Promise<number> {
  if (call.args.includes("--help")) return call.say(PS_HELP);
  const args = call.args.map((arg) => (/^-?[aefAlTZw]+$/.test(arg) ? (arg.startsWith("-") ? arg : `-${arg}`) : arg));
  const { on, values, rest, unknown } = readOptions(args, {
    flags: "AadefLlnTwZM",
    values: "opukgGUtP",
    long: ["pid=", "ppid=", "sort="],
  });
  if (unknown) return call.fail(unknownOption("ps", unknown));
  const fields =
    values.get("o")?.split(",") ??
    (on.has("f")
      ? ["USER", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMDLINE"]
      : ["USER", "PID", "PPID", "VSZ", "RSS", "WCHAN", "ADDR", "S", "NAME"]);
  const columns: (Column & { title: string })[] = [];
  for (const field of fields) {
    const [, name = "", width, title] = /^([^:=]+)(?::(\d+))?(?:=(.*))?$/.exec(field) ?? [];
    const column = COLUMNS[name.toUpperCase()];
    if (!column) return call.fail(`bad -o ${field}`);
    const heading = title ?? (on.has("f") && name === "USER" ? "UID" : on.has("f") && name === "CMDLINE" ? "CMD" : column.title);
    columns.push({ ...column, title: heading, width: Number(width ?? column.width) });
  }
  const chosen = select(call, { on, values, rest });
  const line = (cells: readonly string[]): string => lineOf(cells, columns);
  return call.say(
    line(columns.map(({ title }) => title)),
    ...chosen.map((process) => line(columns.map((column) => column.value(process, call)))),
  );
}

/** Cells beside each other; what is wider than its column takes the room from the next ones, as toybox does it. */
function lineOf(cells: readonly string[], columns: readonly Column[]): string {
  let owed = 0;
  return cells
    .map((cell, index) => {
      const column = columns[index];
      if (!column || (column.left && index === cells.length - 1)) return cell;
      const room = Math.max(0, column.width - owed);
      owed = Math.max(0, owed + cell.length - column.width);
      return column.left ? cell.padEnd(room) : cell.padStart(room);
    })
    .join(" ");
}

function select(
  call: Call,
  { on, values, rest }: { on: ReadonlySet<string>; values: ReadonlyMap<string, string>; rest: readonly string[] },
): Process[] {
  const all = call.phone.processes.list();
  const list = (text: string | undefined): string[] | undefined => text?.split(",");
  const pids =
    list(values.get("p") ?? values.get("pid")) ??
    (rest.length > 0 && rest.every((arg) => /^\d+$/.test(arg)) ? [...rest] : undefined);
  const parents = list(values.get("P") ?? values.get("ppid"));
  const users = list(values.get("u") ?? values.get("U"));
  if (pids) return all.filter(({ pid }) => pids.includes(String(pid)));
  if (parents) return all.filter(({ ppid }) => parents.includes(String(ppid)));
  if (users) return all.filter(({ uid }) => users.includes(String(uid)) || users.includes(ownerName(uid)));
  // Since Android 8 a plain `ps` shows only one's own; before it showed everything.
  if (!on.has("A") && !on.has("e") && !on.has("a") && !on.has("d"))
    return all.filter(({ uid, name }) => uid === 2000 && name !== "adbd");
  return all;
}

async function top(call: Call): Promise<number> {
  const { values, on } = readOptions(call.args, { flags: "bqHOh", values: "ndmosukp" });
  let rounds = Number(values.get("n") ?? Number.POSITIVE_INFINITY);
  const most = Number(values.get("m") ?? 20);
  while (rounds-- > 0 && !call.signal.aborted) {
    const all = call.phone.processes.list();
    const totalK = call.phone.model.memoryMb * 1024;
    const usedK = all.reduce((sum, { rss }) => sum + rss, 0);
    const cores = call.phone.model.cores;
    const rows = [...all].sort((a, b) => b.rss - a.rss).slice(0, most);
    await call.say(
      `Tasks: ${all.length} total,   1 running, ${all.length - 1} sleeping,   0 stopped,   0 zombie`,
      `  Mem:  ${String(totalK).padStart(8)}K total, ${String(usedK).padStart(8)}K used, ${String(totalK - usedK).padStart(8)}K free,    12000K buffers`,
      ` Swap:  ${String(totalK / 2).padStart(8)}K total,        0K used, ${String(totalK / 2).padStart(8)}K free,        0K cached`,
      `${cores * 100}%cpu   3%user   0%nice   2%sys ${cores * 100 - 5}%idle   0%iow   0%irq   0%sirq   0%host`,
      on.has("b")
        ? "  PID USER         PR  NI VIRT  RES  SHR S %CPU %MEM     TIME+ ARGS"
        : "\u001b[7m  PID USER         PR  NI VIRT  RES  SHR S[%CPU] %MEM     TIME+ ARGS            \u001b[0m",
      ...rows.map((process) => {
        const sizes = [virtualSize(process), process.rss, process.rss / 2]
          .map((kib) => humanSize(kib * 1024).padStart(4))
          .join(" ");
        const memory = ((process.rss / totalK) * 100).toFixed(1).padStart(4);
        return `${String(process.pid).padStart(5)} ${ownerName(process.uid).padEnd(12)} 20   0 ${sizes} S  0.0 ${memory}   0:0${process.pid % 10}.${String(process.pid % 100).padStart(2, "0")} ${process.name}`;
      }),
    );
    if (rounds > 0) await call.sleep(Number(values.get("d") ?? 3) * 1000);
  }
  return 0;
}

async function kill(call: Call): Promise<number> {
  const args = [...call.args];
  let signal: number | undefined = 15;
  if (args[0] === "-s") signal = parseSignal(args.splice(0, 2)[1] ?? "");
  else if (/^-\w/.test(args[0] ?? "")) signal = parseSignal((args.shift() ?? "").slice(1));
  if (signal === undefined || args.length === 0) return call.fail("bad signal");
  let status = 0;
  for (const arg of args) {
    const result = call.phone.processes.kill(Number(arg), signal, 2000);
    if (result !== "ok")
      status = await call.fail(`bad pid '${arg}': ${result === "not-permitted" ? "Operation not permitted" : "No such process"}`);
  }
  return status;
}

function named(call: Call, pattern: string, full: boolean): Process[] {
  const expression = full ? new RegExp(pattern.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")) : undefined;
  return call.phone.processes
    .list()
    .filter(
      (process) =>
        process.pid !== call.pid &&
        (expression ? expression.test(process.name) : process.name === pattern || process.name.endsWith(`/${pattern}`)),
    );
}

const pidof: Command = async (call) => {
  const { on, rest } = readOptions(call.args, { flags: "s", values: "o" });
  const pids = rest.flatMap((name) => named(call, name, false)).map(({ pid }) => pid);
  if (pids.length === 0) return 1;
  return call.say((on.has("s") ? pids.slice(-1) : pids.reverse()).join(" "));
};

const pgrep: Command = async (call) => {
  const { on, rest } = readOptions(call.args, { flags: "flnoxv", values: "u" });
  const found = named(call, rest[0] ?? "", true);
  if (found.length === 0) return 1;
  return call.sayAll(found.map(({ pid, name }) => (on.has("l") ? `${pid} ${name}` : String(pid))));
};

const pkill: Command = (call) => {
  const { rest } = readOptions(
    call.args.filter((arg) => !/^-(\d+|[A-Z]{2,})$/.test(arg)),
    { flags: "flnoxv", values: "u" },
  );
  const found = named(call, rest[0] ?? "", true).filter(({ uid }) => uid === 2000);
  for (const { pid } of found) call.phone.processes.kill(pid, 15, 2000);
  return found.length > 0 ? 0 : 1;
};

/** Runs on when the session ends. Without a redirection its output is lost then, as a terminal's is. */
const nohup: Command = (call) => {
  if (call.args.length === 0) return call.fail("Needs 1 argument", 125);
  call.detach();
  return call.run.command(call.args, { signal: call.signal });
};

export const processCommands: CommandSet = {
  toybox: {
    kill,
    killall: pkill,
    nice: (call) => call.run.command(call.args[0] === "-n" ? call.args.slice(2) : call.args),
    nohup,
    pgrep,
    pidof,
    pkill,
    ps,
    renice: () => 0,
    setsid: nohup,
    taskset: () => 0,
    top,
  },
  own: {},
};
