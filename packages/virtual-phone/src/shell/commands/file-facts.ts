/** stat, df, du and find: what files are, how large, and where. */
import type { Node } from "../../files/node.js";
import type { Call, CommandSet } from "../command.js";
import { readOptions } from "../options.js";
import { matchesPattern } from "../pattern.js";
import { forEach, humanSize, needs, walk } from "./files.js";
import { lsTime, modeText, ownerName } from "./owners.js";

async function stat(call: Call): Promise<number> {
  const { values, rest, on } = readOptions(call.args, { flags: "Lft", values: "c" });
  if (rest.length === 0) return needs(call, 1);
  return forEach(call, rest, (path) => {
    const node = call.files.node(call.path(path), { follow: on.has("L") });
    const facts = call.files.statOf(node);
    const permissions = (facts.mode & 0o7777).toString(8).padStart(3, "0");
    const fields: Record<string, string> = {
      a: permissions,
      f: facts.mode.toString(16),
      A: modeText(facts.mode),
      s: String(facts.size),
      n: path,
      N: node.kind === "link" ? `'${path}' -> '${node.target}'` : `'${path}'`,
      u: String(facts.uid),
      U: ownerName(facts.uid),
      g: String(facts.gid),
      G: ownerName(facts.gid),
      i: String(facts.ino),
      h: String(facts.nlink ?? 1),
      Y: String(facts.mtime),
      X: String(facts.mtime),
      Z: String(facts.mtime),
      y: `${lsTime(facts.mtime)}:00.000000000 +0000`,
      F: { dir: "directory", link: "symbolic link", file: facts.size === 0 ? "regular empty file" : "regular file" }[node.kind],
      b: String(Math.ceil(facts.size / 512)),
    };
    const format = values.get("c");
    if (format !== undefined) return call.say(format.replace(/%([a-zA-Z])/g, (all, key: string) => fields[key] ?? all));
    const time = `${lsTime(facts.mtime)}:00.000000000 +0000`;
    return call.say(
      `  File: ${fields.N}`,
      `  Size: ${facts.size}\t Blocks: ${fields.b}\t IO Blocks: 512\t ${fields.F}`,
      `Device: fe05h/65029d\t Inode: ${facts.ino}\t Links: ${facts.nlink ?? 1}\t Device type: 0,0`,
      `Access: (${permissions.padStart(4, "0")}/${modeText(facts.mode)})\tUid: (${String(facts.uid).padStart(5)}/${ownerName(facts.uid).padStart(8)})\tGid: (${String(facts.gid).padStart(5)}/${ownerName(facts.gid).padStart(8)})`,
      `Access: ${time}`,
      `Modify: ${time}`,
      `Change: ${time}`,
    );
  });
}

function df(call: Call): Promise<number> {
  const human = call.args.includes("-h");
  const { capacity, used } = call.files.storage;
  const size = (bytes: number): string => (human ? humanSize(bytes) : String(Math.floor(bytes / 1024)));
  const system = 2 * 1024 ** 3;
  const row = (name: string, [total, taken]: readonly [number, number], mount: string): string => {
    const share = `${Math.ceil((taken / total) * 100)}%`;
    return `${name.padEnd(18)} ${size(total).padStart(human ? 5 : 9)} ${size(taken).padStart(human ? 5 : 9)} ${size(total - taken).padStart(human ? 5 : 9)} ${share.padStart(4)} ${mount}`;
  };
  const rows: [string, string, readonly [number, number]][] = [
    ["/", "/dev/block/dm-0", [system, system * 0.97]],
    ["/data", "/dev/block/dm-6", [capacity, used]],
    ["/storage/emulated", "/dev/fuse", [capacity, used]],
  ];
  const paths = call.args.filter((arg) => !arg.startsWith("-"));
  const wanted = paths.map((path) => {
    const real = call.files.exists(call.path(path)) ? call.files.realPath(call.path(path)) : "/";
    return [...rows].reverse().find(([mount]) => real === mount || real.startsWith(mount === "/" ? "/" : `${mount}/`));
  });
  const heading = human
    ? "Filesystem           Size  Used Avail Use% Mounted on"
    : "Filesystem         1K-blocks      Used Available Use% Mounted on";
  return call.say(
    heading,
    ...(paths.length > 0 ? wanted.filter((entry) => entry !== undefined) : rows).map(([mount, name, sizes]) =>
      row(name, sizes, mount),
    ),
  );
}

async function du(call: Call): Promise<number> {
  const { on, rest } = readOptions(call.args, { flags: "shakcm", values: "d" });
  return forEach(call, rest.length > 0 ? rest : ["."], async (path) => {
    const sums = new Map<string, number>();
    for (const { path: at, node } of walk(call, path)) {
      const kib = Math.ceil(call.files.statOf(node).size / 4096) * 4;
      for (let above = at; ; above = above.slice(0, above.lastIndexOf("/"))) {
        if (sums.has(above) || above === at) sums.set(above, (sums.get(above) ?? 0) + kib);
        if (above === path || !above.includes("/")) break;
      }
      if (node.kind !== "dir" && !on.has("a") && at !== path) sums.delete(at);
    }
    const lines = on.has("s") ? [[path, sums.get(path) ?? 0] as const] : [...sums].reverse();
    await call.sayAll(lines.map(([name, kib]) => `${on.has("h") ? humanSize(kib * 1024) : kib}\t${name}`));
  });
}

const PATHS_AT_ONCE = 1_000;

interface FindTests {
  readonly tests: ((entry: { path: string; node: Node }) => boolean)[];
  action: "print" | "print0" | "delete" | { exec: readonly string[]; together: boolean };
  maxDepth: number;
  minDepth: number;
}

function findTests(args: readonly string[]): FindTests | string {
  const found: FindTests = { tests: [], action: "print", maxDepth: Number.POSITIVE_INFINITY, minDepth: 0 };
  for (let i = 0; i < args.length; i++) {
    const [option = "", value = ""] = args.slice(i, i + 2);
    const name = (entry: { path: string }): string => entry.path.split("/").at(-1) ?? "";
    if (["-name", "-iname", "-path", "-type", "-maxdepth", "-mindepth", "-size"].includes(option)) i++;
    if (option === "-name") found.tests.push((entry) => matchesPattern(value, name(entry)));
    else if (option === "-iname") found.tests.push((entry) => matchesPattern(value.toLowerCase(), name(entry).toLowerCase()));
    else if (option === "-path") found.tests.push((entry) => matchesPattern(value, entry.path));
    else if (option === "-type") found.tests.push(({ node }) => ({ f: "file", d: "dir", l: "link" })[value] === node.kind);
    else if (option === "-maxdepth") found.maxDepth = Number(value);
    else if (option === "-mindepth") found.minDepth = Number(value);
    else if (option === "-print" || option === "-print0" || option === "-delete") found.action = option.slice(1) as "print";
    else if (option === "-exec") {
      const end = args.findIndex((arg, index) => index > i && (arg === ";" || arg === "+"));
      found.action = { exec: args.slice(i + 1, end < 0 ? undefined : end), together: args[end] === "+" };
      i = end < 0 ? args.length : end;
    } else if (option !== "-size" && option !== "-a") return option;
  }
  return found;
}

async function find(call: Call): Promise<number> {
  const first = call.args.findIndex((arg) => arg.startsWith("-"));
  const paths = first < 0 ? call.args : call.args.slice(0, first);
  const wanted = findTests(first < 0 ? [] : call.args.slice(first));
  if (typeof wanted === "string") return call.fail(`bad arg '${wanted}'`);
  return forEach(call, paths.length > 0 ? paths : ["."], async (path) => {
    const together: string[] = [];
    for (const entry of Array.from(walk(call, path))) {
      if (entry.depth > wanted.maxDepth || entry.depth < wanted.minDepth) continue;
      if (!wanted.tests.every((test) => test(entry))) continue;
      if (wanted.action === "print") await call.say(entry.path);
      else if (wanted.action === "print0") await call.write(`${entry.path}\0`);
      else if (wanted.action === "delete") call.files.remove(call.path(entry.path), { recursive: true });
      else if (wanted.action.together) together.push(entry.path);
      else
        await call.run.command(
          wanted.action.exec.map((word) => word.replaceAll("{}", entry.path)),
          { signal: call.signal },
        );
    }
    if (typeof wanted.action === "string") return;
    // As many as one command line holds, as Linux bounds it.
    for (let at = 0; at < together.length; at += PATHS_AT_ONCE)
      await call.run.command(
        wanted.action.exec.flatMap((word) => (word === "{}" ? together.slice(at, at + PATHS_AT_ONCE) : [word])),
        { signal: call.signal },
      );
  });
}

export const fileFactCommands: CommandSet = { toybox: { df, du, find, stat }, own: {} };
