/** ls, as toybox prints it. */
import type { Node } from "../../files/node.js";
import type { Call, CommandSet } from "../command.js";
import { readOptions, unknownOption } from "../options.js";
import { humanSize } from "./files.js";
import { lsTime, modeText, ownerName } from "./owners.js";

interface Entry {
  readonly name: string;
  readonly node: Node;
}

async function ls(call: Call): Promise<number> {
  const { on, rest, unknown } = readOptions(call.args, { flags: "1aAcdfFghHiklLnopqrRsStuUxZ", long: ["color=", "color"] });
  if (unknown) return call.fail(unknownOption("ls", unknown));
  const paths = rest.length > 0 ? rest : ["."];
  let status = 0;
  const files: Entry[] = [];
  const folders: string[] = [];
  for (const path of paths) {
    try {
      const node = call.files.node(call.path(path), { follow: !on.has("l") || path.endsWith("/") });
      if (node.kind === "dir" && !on.has("d")) folders.push(path);
      else files.push({ name: path, node });
    } catch (error) {
      status = await call.failFile(path, error);
    }
  }
  if (files.length > 0) await printEntries(call, sorted(call, files, on), on);
  const titled = paths.length > 1 || on.has("R");
  let first = files.length === 0;
  for (let at = 0; at < folders.length && !call.signal.aborted; at++) {
    const path = folders[at] ?? "";
    try {
      const entries = sorted(call, entriesOf(call, path, on), on);
      if (titled) await call.write(`${first ? "" : "\n"}${path}:\n`);
      first = false;
      if (on.has("l")) await call.say(`total ${blocksOf(call, entries)}`);
      await printEntries(call, entries, on);
      if (on.has("R"))
        folders.splice(
          at + 1,
          0,
          ...entries
            .filter(({ name, node }) => node.kind === "dir" && name !== "." && name !== "..")
            .map(({ name }) => `${path.replace(/\/$/, "")}/${name}`),
        );
    } catch (error) {
      status = await call.failFile(path, error);
    }
  }
  return status;
}

function entriesOf(call: Call, path: string, on: ReadonlySet<string>): Entry[] {
  const full = call.path(path);
  const listed = [...call.files.list(full)].map(([name, node]) => ({ name, node }));
  const shown = on.has("a") || on.has("A") ? listed : listed.filter(({ name }) => !name.startsWith("."));
  if (!on.has("a")) return shown;
  const self = call.files.node(full);
  return [{ name: ".", node: self }, { name: "..", node: call.files.node(`${full}/..`) }, ...shown];
}

function sorted(call: Call, entries: readonly Entry[], on: ReadonlySet<string>): Entry[] {
  const size = ({ node }: Entry): number => call.files.statOf(node).size;
  const order = (a: Entry, b: Entry): number =>
    (on.has("t") ? b.node.mtime - a.node.mtime : on.has("S") ? size(b) - size(a) : 0) ||
    (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
  const result = [...entries].sort(order);
  return on.has("r") ? result.reverse() : result;
}

function blocksOf(call: Call, entries: readonly Entry[]): number {
  return entries.reduce((sum, { node }) => sum + Math.ceil(call.files.statOf(node).size / 4096) * 4, 0);
}

function printEntries(call: Call, entries: readonly Entry[], on: ReadonlySet<string>): Promise<0> {
  const mark = ({ node }: Entry): string => {
    if (!on.has("F") && !on.has("p")) return "";
    if (node.kind === "dir") return "/";
    if (!on.has("F")) return "";
    return node.kind === "link" ? "@" : node.mode & 0o111 ? "*" : "";
  };
  if (!on.has("l") && !on.has("n") && !on.has("o") && !on.has("g")) {
    const prefix = ({ node }: Entry): string =>
      (on.has("i") ? `${node.ino} ` : "") + (on.has("s") ? `${Math.ceil(call.files.statOf(node).size / 4096) * 4} ` : "");
    const names = entries.map((entry) => `${prefix(entry)}${entry.name}${mark(entry)}`);
    return call.io.isTerminal && !on.has("1") ? call.sayAll(columns(names, call.io.size().columns || 80)) : call.sayAll(names);
  }
  const rows = entries.map((entry) => {
    const facts = call.files.statOf(entry.node);
    const owner = on.has("n") ? [String(facts.uid), String(facts.gid)] : [ownerName(facts.uid), ownerName(facts.gid)];
    const target = entry.node.kind === "link" ? ` -> ${entry.node.target}` : mark(entry);
    const inode = on.has("i") ? [String(facts.ino)] : [];
    return {
      left: [...inode, modeText(facts.mode), String(facts.nlink ?? 1)],
      owner,
      size: on.has("h") ? humanSize(facts.size) : String(facts.size),
      tail: `${lsTime(facts.mtime)} ${entry.name}${target}`,
    };
  });
  const widest = (pick: (row: (typeof rows)[number]) => string): number => Math.max(0, ...rows.map((row) => pick(row).length));
  const links = widest((row) => row.left.at(-1) ?? "");
  const [user, group] = [widest((row) => row.owner[0] ?? ""), widest((row) => row.owner[1] ?? "")];
  const sizes = widest((row) => row.size);
  return call.sayAll(
    rows.map(({ left, owner, size, tail }) => {
      const start = [...left.slice(0, -1), (left.at(-1) ?? "").padStart(links)].join(" ");
      return `${start} ${(owner[0] ?? "").padEnd(user)} ${(owner[1] ?? "").padEnd(group)} ${size.padStart(sizes)} ${tail}`;
    }),
  );
}

/** Names in as many columns as fit, read downwards. */
function columns(names: readonly string[], width: number): string[] {
  const widest = Math.max(0, ...names.map((name) => name.length)) + 2;
  const across = Math.max(1, Math.floor(width / widest));
  const down = Math.ceil(names.length / across);
  return Array.from({ length: down }, (_, row) =>
    Array.from({ length: across }, (_unused, column) => names[column * down + row] ?? "")
      .map((name) => name.padEnd(widest))
      .join("")
      .trimEnd(),
  );
}

export const listCommands: CommandSet = { toybox: { ls, ll: (call) => ls(call.as("ls", ["-l", ...call.args])) }, own: {} };
