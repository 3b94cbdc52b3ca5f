/** What changes and shows files, toybox's way: rm, mkdir, cp, mv, touch, chmod, ln, stat, find and so on. ls stands in ls.ts. */
import { FileError } from "../../adbd/services.js";
import type { Node } from "../../files/node.js";
import type { Call, Command, CommandSet } from "../command.js";
import { readOptions, unknownOption } from "../options.js";
import { deviceSink, openInput } from "../redirects.js";

/** Does `each` for every path and says which failed and why. */
export async function forEach(call: Call, paths: readonly string[], each: (path: string) => unknown): Promise<number> {
  let status = 0;
  for (const path of paths) {
    if (call.signal.aborted) break;
    try {
      await each(path);
    } catch (error) {
      status = await call.failFile(path, error);
    }
  }
  return status;
}

export function needs(call: Call, count: number): Promise<number> {
  return call.fail(count === 1 ? "Needs 1 argument" : `Needs ${count} arguments`);
}

async function cat(call: Call): Promise<number> {
  const paths = call.args.filter((arg) => arg !== "-u" && arg !== "-e" && arg !== "-v");
  return forEach(call, paths.length > 0 ? paths : ["-"], async (path) => {
    const input = path === "-" ? call.io.stdin : openInput(call.files, call.path(path), call.io);
    for (let chunk = await input.next(call.signal); chunk; chunk = await input.next(call.signal)) await call.write(chunk);
  });
}

async function rm(call: Call): Promise<number> {
  const { on, rest, unknown } = readOptions(call.args, { flags: "frRiv", long: ["force", "recursive"] });
  if (unknown) return call.fail(unknownOption("rm", unknown));
  const force = on.has("f") || on.has("force");
  if (rest.length === 0) return force ? 0 : needs(call, 1);
  const recursive = on.has("r") || on.has("R") || on.has("recursive");
  return forEach(call, rest, (path) => {
    const full = call.path(path);
    let node: Node;
    try {
      node = call.files.node(full, { follow: false });
    } catch (error) {
      if (force && error instanceof FileError && error.code !== "EACCES") return;
      throw error;
    }
    if (node.kind === "dir" && !recursive) throw new FileError("EISDIR", path);
    call.files.remove(full, { recursive });
  });
}

async function mkdir(call: Call): Promise<number> {
  const { on, rest, values, unknown } = readOptions(call.args, { flags: "pv", values: "m", long: ["parents"] });
  if (unknown) return call.fail(unknownOption("mkdir", unknown));
  if (rest.length === 0) return needs(call, 1);
  const mode = values.has("m") ? Number.parseInt(values.get("m") ?? "", 8) : 0o755;
  let status = 0;
  for (const path of rest) {
    try {
      call.files.mkdir(call.path(path), { parents: on.has("p") || on.has("parents"), mode });
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      status = await call.fail(`'${path}': ${error.message}`);
    }
  }
  return status;
}

async function touch(call: Call): Promise<number> {
  const { rest, on, values } = readOptions(call.args, { flags: "acm", values: "drt" });
  const wanted = values.get("d");
  const mtime = wanted
    ? Math.floor((wanted.startsWith("@") ? Number(wanted.slice(1)) : Date.parse(wanted) / 1000) || 0)
    : Math.floor(call.phone.clock.now() / 1000);
  let status = 0;
  for (const path of rest) {
    try {
      const full = call.path(path);
      if (!call.files.exists(full)) {
        if (on.has("c")) continue;
        call.files.openForWriting(full);
      }
      call.files.change(full, { mtime });
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      status = await call.fail(`'${path}': ${error.message}`);
    }
  }
  return status;
}

/** @returns the new bits; undefined when the text is no mode. */
function parseMode(text: string, old: number, isDir: boolean): number | undefined {
  if (/^[0-7]{1,4}$/.test(text)) return Number.parseInt(text, 8);
  let mode = old & 0o7777;
  for (const clause of text.split(",")) {
    const [, who = "", operator = "", what = ""] = /^([ugoa]*)([-+=])([rwxX]*)$/.exec(clause) ?? [];
    if (!operator) return undefined;
    let bits = 0;
    if (what.includes("r")) bits |= 0o444;
    if (what.includes("w")) bits |= 0o222;
    if (what.includes("x") || (what.includes("X") && (isDir || mode & 0o111))) bits |= 0o111;
    const all = who === "" || who.includes("a");
    const mask =
      (all || who.includes("u") ? 0o700 : 0) | (all || who.includes("g") ? 0o070 : 0) | (all || who.includes("o") ? 0o007 : 0);
    if (operator === "-") mode &= ~(bits & mask);
    else mode = (operator === "=" ? mode & ~mask : mode) | (bits & mask);
  }
  return mode;
}

async function chmod(call: Call): Promise<number> {
  const recursive = call.args[0] === "-R";
  const [mode, ...paths] = recursive ? call.args.slice(1) : call.args;
  if (mode === undefined || paths.length === 0) return needs(call, 2);
  const all = recursive ? paths.flatMap((path) => [...walk(call, path)].map((entry) => entry.path)) : paths;
  return forEach(call, all, (path) => {
    const full = call.path(path);
    const { mode: old } = call.files.stat(full);
    const wanted = parseMode(mode, old, (old & 0o040000) !== 0);
    if (wanted === undefined) throw new FileError("EINVAL", path);
    call.files.change(full, { mode: wanted });
  });
}

/** A path and everything below it, parents first. */
export function* walk(call: Call, path: string, depth = 0): Generator<{ path: string; node: Node; depth: number }> {
  const node = call.files.node(call.path(path), { follow: false });
  yield { path, node, depth };
  if (node.kind !== "dir" || depth > 100) return;
  let names: string[];
  try {
    names = [...call.files.list(call.path(path)).keys()].sort();
  } catch {
    return;
  }
  for (const name of names) {
    // /proc changes while it is walked.
    if (call.files.exists(call.path(`${path}/${name}`)) || node.children.has(name))
      yield* walk(call, path.endsWith("/") ? path + name : `${path}/${name}`, depth + 1);
  }
}

/** Where cp and mv put a source: into the target when it is a folder. */
function targetFor(call: Call, source: string, target: string): string {
  const full = call.path(target);
  if (!call.files.exists(full) || call.files.node(full).kind !== "dir") return full;
  return `${full}/${source.replace(/\/+$/, "").split("/").at(-1) ?? ""}`;
}

async function copy(
  call: Call,
  source: string,
  { target, recursive, preserve }: { target: string; recursive: boolean; preserve: boolean },
): Promise<void> {
  const node = call.files.node(source);
  if (node.kind === "dir") {
    if (!recursive) throw new FileError("EISDIR", source);
    if (target === source || target.startsWith(`${source}/`)) throw new FileError("EINVAL", source);
    if (!call.files.exists(target)) call.files.mkdir(target, { mode: node.mode & 0o777 });
    for (const name of call.files.list(source).keys())
      await copy(call, `${source}/${name}`, { target: `${target}/${name}`, recursive, preserve });
    return;
  }
  const bytes = call.files.open(source);
  const { content } = call.files.openForWriting(target, { mode: node.mode & 0o777 });
  for await (const chunk of bytes) await content.append(chunk);
  await content.settle();
  if (preserve) call.files.change(target, { mtime: node.mtime, mode: node.mode & 0o777 });
}

async function cp(call: Call): Promise<number> {
  const { on, rest, unknown } = readOptions(call.args, { flags: "rRafpdvnHLPs" });
  if (unknown) return call.fail(unknownOption("cp", unknown));
  const target = rest.at(-1);
  if (target === undefined || rest.length < 2) return needs(call, 2);
  const recursive = on.has("r") || on.has("R") || on.has("a");
  return forEach(call, rest.slice(0, -1), (source) =>
    copy(call, call.path(source), { target: targetFor(call, source, target), recursive, preserve: on.has("a") || on.has("p") }),
  );
}

async function mv(call: Call): Promise<number> {
  const { on, rest, unknown } = readOptions(call.args, { flags: "finv" });
  if (unknown) return call.fail(unknownOption("mv", unknown));
  const target = rest.at(-1);
  if (target === undefined || rest.length < 2) return needs(call, 2);
  return forEach(call, rest.slice(0, -1), (source) => {
    const place = targetFor(call, source, target);
    if (!on.has("n") || !call.files.exists(place)) call.files.rename(call.path(source), place);
  });
}

async function ln(call: Call): Promise<number> {
  const { on, rest } = readOptions(call.args, { flags: "sfnv" });
  const [target, path] = rest;
  if (target === undefined || path === undefined) return needs(call, 2);
  if (!on.has("s")) return call.fail(`cannot create hard link from '${target}' to '${path}': Operation not permitted`);
  return forEach(call, [path], () => {
    const full = targetFor(call, target, path);
    if (on.has("f") && call.files.exists(full)) call.files.remove(full);
    call.files.symlink(target, full);
  });
}

export function humanSize(bytes: number): string {
  if (bytes < 1024) return String(bytes);
  const units = ["K", "M", "G", "T"];
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1000 && unit < 3) {
    value /= 1024;
    unit++;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)}${units[unit]}`;
}

async function dd(call: Call): Promise<number> {
  const values = new Map(call.args.map((arg) => [arg.slice(0, arg.indexOf("=")), arg.slice(arg.indexOf("=") + 1)]));
  const bytes = (text: string): number =>
    (Number.parseInt(text, 10) || 0) *
    ({ k: 1024, K: 1024, m: 1024 ** 2, M: 1024 ** 2, g: 1024 ** 3, G: 1024 ** 3 }[text.at(-1) ?? ""] ?? 1);
  const block = Math.min(bytes(values.get("bs") ?? "512"), 64 * 1024 ** 2) || 512;
  const limit = values.has("count") ? bytes(values.get("count") ?? "") * block : Number.POSITIVE_INFINITY;
  let skip = bytes(values.get("skip") ?? "0") * block;
  const from = values.get("if");
  const to = values.get("of");
  const input = from === undefined ? call.io.stdin : openInput(call.files, call.path(from), call.io);
  const content =
    to === undefined || deviceSink(call.path(to), call.io) ? undefined : call.files.openForWriting(call.path(to)).content;
  const sink = to === undefined ? call.io.stdout : deviceSink(call.path(to), call.io);
  let written = 0;
  while (written < limit) {
    const chunk = await input.next(call.signal);
    if (!chunk) break;
    const skipped = Math.min(skip, chunk.length);
    skip -= skipped;
    const part = chunk.subarray(skipped, skipped + Math.min(chunk.length, limit - written));
    written += part.length;
    if (content) await content.append(part);
    else await sink?.write(part);
  }
  await content?.settle();
  const records = `${Math.floor(written / block)}+${written % block === 0 ? 0 : 1}`;
  await call.complain(
    `${records} records in\n${records} records out\n${written} bytes (${humanSize(written)}) copied, 0.001 s, ${humanSize(written * 1000)}/s`,
  );
  return 0;
}

async function tee(call: Call): Promise<number> {
  const { on, rest } = readOptions(call.args, { flags: "ai" });
  const targets = rest.map((path) => call.files.openForWriting(call.path(path), { append: on.has("a") }).content);
  for (let chunk = await call.io.stdin.next(call.signal); chunk; chunk = await call.io.stdin.next(call.signal)) {
    await call.write(chunk);
    for (const target of targets) await target.append(chunk);
  }
  for (const target of targets) await target.settle();
  return 0;
}

const readlink: Command = async (call) => {
  const { on, rest } = readOptions(call.args, { flags: "fne" });
  let status = 0;
  for (const path of rest) {
    try {
      const node = call.files.node(call.path(path), { follow: false });
      if (on.has("f") || on.has("e")) await call.say(call.files.realPath(call.path(path)));
      else if (node.kind === "link") await call.say(node.target);
      else status = 1;
    } catch {
      status = 1;
    }
  }
  return status;
};

const realpath: Command = (call) =>
  forEach(
    call,
    call.args.filter((arg) => !arg.startsWith("-")),
    (path) => call.say(call.files.realPath(call.path(path))),
  );

const rmdir: Command = (call) =>
  forEach(
    call,
    call.args.filter((arg) => !arg.startsWith("-")),
    (path) => {
      if (call.files.node(call.path(path), { follow: false }).kind !== "dir") throw new FileError("ENOTDIR", path);
      call.files.remove(call.path(path));
    },
  );

const truncate: Command = async (call) => {
  const { values, rest } = readOptions(call.args, { flags: "c", values: "s" });
  return forEach(call, rest, async (path) => {
    const { content } = call.files.openForWriting(call.path(path));
    let left = Math.min(Number(values.get("s") ?? 0) || 0, call.files.storage.capacity);
    for (; left > 0; left -= 65536) await content.append(new Uint8Array(Math.min(left, 65536)));
    await content.settle();
  });
};

const mktemp: Command = async (call) => {
  const { on } = readOptions(call.args, { flags: "dqu", values: "p" });
  const path = `/data/local/tmp/tmp.${call.phone.random.next().toString(36).padStart(10, "0")}`;
  if (on.has("d")) call.files.mkdir(path, { mode: 0o700 });
  else call.files.openForWriting(path, { mode: 0o600 });
  return call.say(path);
};

/** Only root changes owners. */
const chown: Command = (call) => {
  const paths = call.args.filter((arg) => !arg.startsWith("-")).slice(1);
  return paths.length === 0
    ? needs(call, 2)
    : call.fail(`'${paths[0]}' to '${call.args.find((arg) => !arg.startsWith("-"))}': Operation not permitted`);
};

export const fileCommands: CommandSet = {
  toybox: {
    cat,
    chgrp: chown,
    chmod,
    chown,
    cp,
    dd,
    ln,
    mkdir,
    mktemp,
    mv,
    readlink,
    realpath,
    rm,
    rmdir,
    sync: () => 0,
    tee,
    touch,
    truncate,
  },
  own: {},
};
