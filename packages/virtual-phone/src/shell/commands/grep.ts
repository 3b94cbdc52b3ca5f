/** grep, with what scripts use of it. */
import { FileError } from "../../adbd/services.js";
import type { Call, Command } from "../command.js";
import { readOptions, unknownOption } from "../options.js";
import { openInput } from "../redirects.js";
import type { ByteInput } from "../streams.js";
import { posixRegExp } from "./basic-regexp.js";
import { walk } from "./files.js";

interface Search {
  readonly matches: (line: string) => RegExpMatchArray[];
  readonly on: ReadonlySet<string>;
  readonly named: boolean;
  readonly before: number;
  readonly after: number;
  readonly most: number;
}

export const grep: Command = async (call) => {
  const patterns: string[] = [];
  const args: string[] = [];
  for (let i = 0; i < call.args.length; i++) {
    const arg = call.args[i] ?? "";
    if (arg === "-e") patterns.push(call.args[++i] ?? "");
    else args.push(arg);
  }
  const { on, values, rest, unknown } = readOptions(args, {
    flags: "EFivncloqrRHhwxsaL",
    values: "mABC",
    long: ["color", "color=", "line-buffered", "include="],
  });
  if (unknown) return call.fail(unknownOption("grep", unknown), 2);
  const paths = patterns.length > 0 ? rest : rest.slice(1);
  const wanted = (patterns.length > 0 ? patterns : rest.slice(0, 1)).flatMap((pattern) => pattern.split("\n"));
  if (wanted.length === 0) return call.fail("No REGEX", 2);
  const context = Number(values.get("C") ?? 0);
  const search: Search = {
    matches: matcher(wanted, on),
    on,
    named: on.has("H") || (!on.has("h") && (paths.length > 1 || on.has("r") || on.has("R"))),
    before: Number(values.get("B") ?? context),
    after: Number(values.get("A") ?? context),
    most: Number(values.get("m") ?? Number.POSITIVE_INFINITY),
  };
  return searchAll(call, paths, search);
};

function matcher(patterns: readonly string[], on: ReadonlySet<string>): Search["matches"] {
  const kind = on.has("F") ? "fixed" : on.has("E") ? "extended" : "basic";
  const flags = `g${on.has("i") ? "i" : ""}`;
  const expressions = patterns.map((pattern) => posixRegExp(pattern, { kind, flags }));
  const whole = (line: string, match: RegExpMatchArray): boolean => {
    const start = match.index ?? 0;
    if (on.has("x")) return match[0].length === line.length;
    return !on.has("w") || !(/\w/.test(line[start - 1] ?? "") || /\w/.test(line[start + match[0].length] ?? ""));
  };
  return (line) => expressions.flatMap((expression) => [...line.matchAll(expression)].filter((match) => whole(line, match)));
}

async function searchAll(call: Call, paths: readonly string[], search: Search): Promise<number> {
  const recursive = search.on.has("r") || search.on.has("R");
  let found = false;
  let status = 1;
  const names = recursive
    ? (paths.length > 0 ? paths : ["."]).flatMap((path) =>
        [...walk(call, path)].filter(({ node }) => node.kind === "file").map((entry) => entry.path),
      )
    : paths.length > 0
      ? paths
      : ["-"];
  for (const name of names) {
    if (call.signal.aborted) break;
    try {
      const input = name === "-" ? call.io.stdin : openInput(call.files, call.path(name), call.io);
      if (await searchOne(call, input, { ...search, name })) found = true;
      if (found && search.on.has("q")) return 0;
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      status = 2;
      if (!search.on.has("s")) await call.failFile(name, error);
    }
  }
  return found ? 0 : status;
}

async function searchOne(call: Call, input: ByteInput, search: Search & { name: string }): Promise<boolean> {
  const { on, name, named } = search;
  const title = named ? (name === "-" ? "(standard input)" : name) : "";
  const print = (line: string, number: number, mark: string): Promise<0> =>
    call.say(`${title ? `${title}${mark}` : ""}${on.has("n") ? `${number}${mark}` : ""}${line}`);
  const before: [string, number][] = [];
  let count = 0;
  let number = 0;
  let trailing = 0;
  for await (const line of input.lines(call.signal)) {
    number++;
    const matches = search.matches(line);
    if (matches.length > 0 === on.has("v")) {
      if (trailing-- > 0) await print(line, number, "-");
      else if (search.before > 0 && before.push([line, number]) > search.before) before.shift();
      continue;
    }
    count++;
    if (on.has("q")) return true;
    if (on.has("l")) {
      await call.say(name);
      return true;
    }
    if (!on.has("c") && !on.has("L")) {
      for (const [text, at] of before.splice(0)) await print(text, at, "-");
      if (on.has("o")) for (const match of matches) await print(match[0], number, ":");
      else await print(line, number, ":");
    }
    trailing = search.after;
    if (count >= search.most) break;
  }
  if (on.has("c")) await call.say(`${title ? `${title}:` : ""}${count}`);
  if (on.has("L") && count === 0) await call.say(name);
  return count > 0;
}
