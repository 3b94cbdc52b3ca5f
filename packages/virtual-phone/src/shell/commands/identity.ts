/** Small programs about the user, the machine and time: id, uname, date, sleep, env, which. */

import { SHELL_GROUPS } from "../../files/file-system.js";
import type { Call, Command, CommandSet } from "../command.js";
import { printf, replaceEscapes } from "../formatted.js";
import { Killed, statusOf } from "../jobs.js";
import { readOptions } from "../options.js";
import { ownerName } from "./owners.js";

const id: Command = (call) => {
  const { on, rest } = readOptions(call.args, { flags: "nGguZ" });
  const name = rest[0];
  if (name !== undefined && name !== "shell" && name !== "root" && name !== "system") return call.fail(`no user '${name}'`);
  const uid = name === "root" ? 0 : name === "system" ? 1000 : 2000;
  if (on.has("u") || on.has("g")) return call.say(on.has("n") ? ownerName(uid) : String(uid));
  const groups = uid === 2000 ? [...SHELL_GROUPS] : [uid];
  if (on.has("G")) return call.say([uid, ...groups].map((group) => (on.has("n") ? ownerName(group) : String(group))).join(" "));
  if (on.has("Z")) return call.say("u:r:shell:s0");
  const listed = [uid, ...groups].filter((group, index, all) => all.indexOf(group) === index);
  return call.say(
    `uid=${uid}(${ownerName(uid)}) gid=${uid}(${ownerName(uid)}) groups=${listed.map((group) => `${group}(${ownerName(group)})`).join(",")} context=u:r:shell:s0`,
  );
};

const uname: Command = (call) => {
  const { on } = readOptions(call.args, { flags: "amnrsvop" });
  const parts: [string, string][] = [
    ["s", "Linux"],
    ["n", "localhost"],
    ["r", "5.10.0-phonerack-virtual"],
    ["v", "#1 SMP PREEMPT"],
    ["m", "aarch64"],
  ];
  const shown = parts.filter(([letter]) => on.has("a") || on.has(letter) || (on.size === 0 && letter === "s"));
  return call.say(
    [
      ...shown.map(([, text]) => text),
      ...(on.has("a") || on.has("o") ? [call.phone.model.sdk >= 30 ? "Toybox" : "Android"] : []),
    ].join(" "),
  );
};

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** strftime in UTC. @param time milliseconds. */
export function formatTime(format: string, time: number): string {
  const date = new Date(time);
  const two = (value: number): string => String(value).padStart(2, "0");
  const iso = date.toISOString();
  const fields: Record<string, () => string> = {
    Y: () => iso.slice(0, 4),
    y: () => iso.slice(2, 4),
    m: () => iso.slice(5, 7),
    d: () => iso.slice(8, 10),
    e: () => String(date.getUTCDate()).padStart(2),
    H: () => iso.slice(11, 13),
    I: () => two(date.getUTCHours() % 12 || 12),
    M: () => iso.slice(14, 16),
    S: () => iso.slice(17, 19),
    N: () => `${iso.slice(20, 23)}000000`,
    s: () => String(Math.floor(time / 1000)),
    a: () => DAYS[date.getUTCDay()] ?? "",
    b: () => MONTHS[date.getUTCMonth()] ?? "",
    j: () => String(Math.floor((time - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000) + 1).padStart(3, "0"),
    p: () => (date.getUTCHours() < 12 ? "AM" : "PM"),
    Z: () => "GMT",
    z: () => "+0000",
    F: () => iso.slice(0, 10),
    T: () => iso.slice(11, 19),
    R: () => iso.slice(11, 16),
    D: () => `${iso.slice(5, 7)}/${iso.slice(8, 10)}/${iso.slice(2, 4)}`,
    u: () => String(date.getUTCDay() || 7),
    n: () => "\n",
    "%": () => "%",
  };
  return format.replace(/%([a-zA-Z%])/g, (all, key: string) => fields[key]?.() ?? all);
}

const date: Command = (call) => {
  const { values, rest } = readOptions(call.args, { flags: "u", values: "dDr" });
  const wanted = values.get("d");
  const time =
    wanted === undefined
      ? call.phone.clock.now()
      : wanted.startsWith("@")
        ? Number(wanted.slice(1)) * 1000
        : Date.parse(`${wanted}Z`);
  if (Number.isNaN(time)) return call.fail(`bad date '${wanted}'`);
  const [format] = rest;
  if (format !== undefined && !format.startsWith("+")) return call.fail("cannot set date: Operation not permitted");
  return call.say(formatTime(format?.slice(1) ?? "%a %b %e %H:%M:%S %Z %Y", time));
};

const uptime: Command = (call) => {
  const seconds = Math.floor(call.phone.uptime / 1000);
  if (call.args.includes("-s")) return call.say(formatTime("%F %T", call.phone.clock.now() - call.phone.uptime));
  const minutes = Math.floor(seconds / 60) % 60;
  const hours = Math.floor(seconds / 3600) % 24;
  const days = Math.floor(seconds / 86_400);
  const span = `${days > 0 ? `${days} day${days === 1 ? "" : "s"}, ` : ""}${hours > 0 ? `${String(hours).padStart(2)}:${String(minutes).padStart(2, "0")}` : `${minutes} min`}`;
  return call.say(` ${formatTime("%T", call.phone.clock.now())} up ${span},  0 users,  load average: 0.42, 0.38, 0.35`);
};

/** "1.5", "2m". @returns milliseconds */
function duration(text: string): number | undefined {
  const [, number, unit] = /^(\d*\.?\d+)([smhd]?)$/.exec(text) ?? [];
  if (number === undefined) return undefined;
  return Number(number) * ({ m: 60, h: 3600, d: 86_400 }[unit ?? ""] ?? 1) * 1000;
}

const sleep: Command = async (call) => {
  const spans = call.args.map(duration);
  if (spans.length === 0) return call.fail("Needs 1 argument");
  let total = 0;
  for (const span of spans) {
    if (span === undefined) return call.fail(`Bad number '${call.args[spans.indexOf(span)]}'`);
    total += span;
  }
  // Timers hold 31 bits of milliseconds.
  for (; total > 0; total -= 1e9) if (!(await call.sleep(Math.min(total, 1e9)))) return 130;
  return 0;
};

const usleep: Command = async (call) => ((await call.sleep((Number(call.args[0]) || 0) / 1000)) ? 0 : 130);

const env: Command = async (call) => {
  const words = [...call.args];
  const variables = new Map(call.env);
  while (words[0] === "-u" || words[0] === "-i" || /^[A-Za-z_]\w*=/.test(words[0] ?? "")) {
    const word = words.shift() ?? "";
    if (word === "-i") variables.clear();
    else if (word === "-u") variables.delete(words.shift() ?? "");
    else variables.set(word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1));
  }
  if (words.length > 0) return call.run.command(words, { env: variables });
  return call.sayAll([...variables].map((entry) => entry.join("=")));
};

const which: Command = async (call) => {
  let status = 0;
  for (const name of call.args.filter((arg) => !arg.startsWith("-"))) {
    const path = name.includes("/") ? call.path(name) : `/system/bin/${name}`;
    if (call.files.exists(path) && call.files.may(path, 1)) await call.say(path);
    else status = 1;
  }
  return status;
};

const sh: Command = async (call) => {
  const args = [...call.args];
  const flags: string[] = [];
  while (/^[-+][a-zA-Z]+$/.test(args[0] ?? "")) flags.push(args.shift() ?? "");
  if (flags.some((flag) => flag.includes("c"))) return call.run.script(args[0] ?? "", { positional: args.slice(2) });
  const [path, ...positional] = args;
  if (path !== undefined && !call.files.exists(call.path(path)))
    return call.complain(`/system/bin/sh: ${path}: No such file or directory`, 127);
  const text =
    path === undefined
      ? await call.io.stdin.all(1024 * 1024, call.signal)
      : await call.files.readAll(call.path(path), { limit: 1024 * 1024 });
  return call.run.script(text.toString(), { positional });
};

/** `timeout 5 COMMAND`: 124 when it had to be ended. */
const timeout: Command = async (call) => {
  const { rest } = readOptions(call.args, { flags: "v", values: "sk", strict: true });
  const [span, ...words] = rest;
  const ms = span === undefined ? undefined : duration(span);
  if (ms === undefined || words.length === 0) return call.fail("Needs 2 arguments");
  const ended = new AbortController();
  const stop = (): void => ended.abort(call.signal.reason);
  call.signal.addEventListener("abort", stop, { once: true });
  let late = false;
  const cancel = call.phone.clock.after(ms, () => {
    late = true;
    ended.abort(new Killed(15));
  });
  try {
    const status = await call.run.command(words, { signal: ended.signal });
    return late ? 124 : call.signal.aborted ? statusOf(call.signal.reason) : status;
  } finally {
    cancel();
    call.signal.removeEventListener("abort", stop);
  }
};

const echo: Command = (call) => {
  const escapes = call.args[0] === "-e";
  const words = call.args.filter((arg, index) => !(index === 0 && (arg === "-n" || arg === "-e")));
  const text = escapes ? replaceEscapes(words.join(" ")).text : words.join(" ");
  return call.write(call.args[0] === "-n" ? text : `${text}\n`).then(() => 0);
};

const basename: Command = (call) => {
  const [path = "", suffix = ""] = call.args;
  const name = path.replace(/\/+$/, "").split("/").at(-1) ?? "";
  return call.say(suffix && name.endsWith(suffix) && name !== suffix ? name.slice(0, -suffix.length) : name || "/");
};
const dirname: Command = (call) => {
  const path = (call.args[0] ?? "").replace(/\/+$/, "");
  const at = path.lastIndexOf("/");
  return call.say(at > 0 ? path.slice(0, at) : at === 0 ? "/" : ".");
};

const toybox: Command = (call) => {
  const [name, ...args] = call.args;
  return name === undefined
    ? call.say(
        "acpi base64 basename cal cat chmod cp cut date dd df du echo env expr find grep head id ls md5sum mkdir mv ps pwd rm sed sh sleep sort stat tail tar touch tr uname uniq wc which xargs",
      )
    : call.run.command([name, ...args]);
};

/** As far as it tells; what it would set, this terminal has not. toybox, toys/pending/stty.c. */
async function stty(call: Call): Promise<number> {
  if (!call.io.isTerminal) return call.fail("tcgetattr: Inappropriate ioctl for device");
  const { rows, columns } = call.io.size();
  const [what = ""] = call.args;
  if (what === "size") return call.say(`${rows} ${columns}`);
  if (what === "" || what === "-a") return call.say(`speed 38400 baud; rows ${rows}; columns ${columns}; line = 0;`);
  return 0;
}

export const identityCommands: CommandSet = {
  toybox: {
    basename,
    clear: (call: Call) => call.write("\u001b[2J\u001b[H").then(() => 0),
    date,
    dirname,
    echo,
    env,
    false: () => 1,
    groups: (call) => call.say(SHELL_GROUPS.map(ownerName).join(" ")),
    hostname: (call) => call.say("localhost"),
    id,
    nproc: (call) => call.say(String(call.phone.model.cores)),
    printenv: (call) =>
      call.args[0] === undefined
        ? call.sayAll([...call.env].map((entry) => entry.join("=")))
        : call.env.has(call.args[0])
          ? call.say(call.env.get(call.args[0]) ?? "")
          : 1,
    printf: (call) => call.write(printf(call.args[0] ?? "", call.args.slice(1))).then(() => 0),
    sleep,
    stty,
    timeout,
    true: () => 0,
    tty: (call) => (call.io.isTerminal ? call.say("/dev/pts/0") : call.say("not a tty").then(() => 1)),
    uname,
    uptime,
    usleep,
    which,
    whoami: (call) => call.say("shell"),
  },
  own: { sh, toybox },
};
