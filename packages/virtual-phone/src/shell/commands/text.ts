/** Programs that read text and write it again: head, tail, sort, cut, tr, wc, xargs. grep, sed and those for bytes have files of their own. */
import { FileError } from "../../adbd/services.js";
import type { Call, Command, CommandSet } from "../command.js";
import { replaceEscapes } from "../formatted.js";
import { readOptions, unknownOption } from "../options.js";
import { openInput } from "../redirects.js";
import { ByteInput } from "../streams.js";
import { grep } from "./grep.js";
import { sed } from "./sed.js";

/** Opens each file in turn, "-" and none being stdin; says which cannot be read. */
export async function eachInput(
  call: Call,
  paths: readonly string[],
  each: (input: ByteInput, name: string) => Promise<unknown>,
): Promise<number> {
  let status = 0;
  for (const path of paths.length > 0 ? paths : ["-"]) {
    if (call.signal.aborted) break;
    try {
      await each(path === "-" ? call.io.stdin : openInput(call.files, call.path(path), call.io), path);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      status = await call.failFile(path, error);
    }
  }
  return status;
}

/** All lines of all inputs. */
async function allLines(call: Call, paths: readonly string[]): Promise<{ lines: string[]; status: number }> {
  const lines: string[] = [];
  const status = await eachInput(call, paths, async (input) => {
    for await (const line of input.lines(call.signal)) lines.push(line);
  });
  return { lines, status };
}

const head: Command = (call) => {
  const args = call.args.map((arg) => (/^-\d+$/.test(arg) ? `-n${arg.slice(1)}` : arg));
  const { values, rest, on, unknown } = readOptions(args, { flags: "qv", values: "nc" });
  if (unknown) return call.fail(unknownOption("head", unknown));
  return eachInput(call, rest, async (input, name) => {
    if (rest.length > 1 && !on.has("q")) await call.say(`==> ${name} <==`);
    const bytes = values.get("c");
    if (bytes !== undefined) {
      let left = Number(bytes) || 0;
      while (left > 0) {
        const chunk = await input.next(call.signal);
        if (!chunk) return;
        await call.write(chunk.subarray(0, left));
        left -= Math.min(left, chunk.length);
      }
      return;
    }
    let left = Number(values.get("n") ?? 10);
    while (left-- > 0) {
      const line = await input.line(call.signal);
      if (line === undefined) return;
      await call.say(line);
    }
  });
};

const tail: Command = (call) => {
  const args = call.args.map((arg, index) => {
    // `-5` and `+5` stand for `-n 5` and `-n +5`, unless they are the value of an option.
    const bare = /^[-+]\d+$/.test(arg) && !/^-[nc]$/.test(call.args[index - 1] ?? "");
    return bare ? `-n${arg.startsWith("+") ? arg : arg.slice(1)}` : arg;
  });
  const { values, rest, on, unknown } = readOptions(args, { flags: "fqF", values: "nc" });
  if (unknown) return call.fail(unknownOption("tail", unknown));
  return eachInput(call, rest, async (input, name) => {
    if (rest.length > 1) await call.say(`==> ${name} <==`);
    const bytes = values.get("c");
    if (bytes !== undefined) {
      const all = await input.all(64 * 1024 * 1024, call.signal);
      return call.write(all.subarray(Math.max(0, all.length - (Number(bytes) || 0))));
    }
    const wanted = values.get("n") ?? "10";
    const fromStart = wanted.startsWith("+");
    const most = fromStart ? Number.POSITIVE_INFINITY : Math.abs(Number(wanted)) || 0;
    const lines: string[] = [];
    for await (const line of input.lines(call.signal)) {
      lines.push(line);
      // Cut in blocks: dropping one for each that comes is quadratic.
      if (lines.length > most * 2 + 1000) lines.splice(0, lines.length - most);
    }
    await call.sayAll(
      fromStart ? lines.slice(Math.max(0, Number(wanted) - 1)) : lines.slice(lines.length - Math.min(most, lines.length)),
    );
    if (on.has("f") && name !== "-") await follow(call, name);
  });
};

/** `tail -f`: looks again now and then, as toybox does without inotify. */
async function follow(call: Call, path: string): Promise<void> {
  let seen = call.files.stat(call.path(path)).size;
  while (await call.sleep(250)) {
    const content = call.files.exists(call.path(path)) ? call.files.contentOf(call.path(path)) : undefined;
    if (!content) continue;
    if (content.size < seen) seen = 0;
    if (content.size > seen) await call.write(await content.slice(seen, content.size));
    seen = content.size;
  }
}

const wc: Command = async (call) => {
  const { on, rest } = readOptions(call.args, { flags: "lwcm" });
  const total = [0, 0, 0];
  const wanted = ["l", "w", "c"].map((letter) => on.size === 0 || on.has(letter) || (letter === "c" && on.has("m")));
  const print = (counts: readonly number[], name: string): Promise<0> => {
    const shown = counts.filter((_, index) => wanted[index]);
    const text = shown.length === 1 ? String(shown[0]) : shown.map((count) => String(count).padStart(7)).join(" ");
    return call.say(name === "-" && rest.length === 0 ? text : `${text} ${name}`);
  };
  const status = await eachInput(call, rest, async (input, name) => {
    const counts = [0, 0, 0] as [number, number, number];
    let inWord = false;
    for (let chunk = await input.next(call.signal); chunk; chunk = await input.next(call.signal)) {
      for (const byte of chunk) {
        if (byte === 10) counts[0]++;
        const space = byte === 32 || (byte >= 9 && byte <= 13);
        if (!space && !inWord) counts[1]++;
        inWord = !space;
      }
      counts[2] += chunk.length;
    }
    counts.forEach((count, index) => {
      total[index] = (total[index] ?? 0) + count;
    });
    await print(counts, name);
  });
  if (rest.length > 1) await print(total, "total");
  return status;
};

const sort: Command = async (call) => {
  const { on, rest, values } = readOptions(call.args, { flags: "rnuVfbhg", values: "kto" });
  const { lines, status } = await allLines(call, rest);
  const field = Number(/^\d+/.exec(values.get("k") ?? "")?.[0] ?? 0);
  const separator = values.get("t");
  const key = (line: string): string =>
    field > 0 ? ((separator ? line.split(separator) : line.trim().split(/\s+/))[field - 1] ?? "") : line;
  const compare = (a: string, b: string): number => {
    if (on.has("n") || on.has("g"))
      return (Number.parseFloat(key(a)) || 0) - (Number.parseFloat(key(b)) || 0) || (a < b ? -1 : Number(a > b));
    if (on.has("V")) return key(a).localeCompare(key(b), "en", { numeric: true });
    const [x, y] = on.has("f") ? [key(a).toLowerCase(), key(b).toLowerCase()] : [key(a), key(b)];
    return x < y ? -1 : Number(x > y);
  };
  lines.sort(compare);
  if (on.has("r")) lines.reverse();
  await call.sayAll(
    on.has("u") ? lines.filter((line, index) => index === 0 || compare(lines[index - 1] ?? "", line) !== 0) : lines,
  );
  return status;
};

const uniq: Command = async (call) => {
  const { on, rest } = readOptions(call.args, { flags: "cdui" });
  const { lines, status } = await allLines(call, rest);
  const groups: { line: string; count: number }[] = [];
  for (const line of lines) {
    const last = groups.at(-1);
    if (last && last.line === line) last.count++;
    else groups.push({ line, count: 1 });
  }
  const shown = groups.filter(({ count }) => (!on.has("d") || count > 1) && (!on.has("u") || count === 1));
  await call.sayAll(shown.map(({ line, count }) => (on.has("c") ? `${String(count).padStart(7)} ${line}` : line)));
  return status;
};

const cut: Command = async (call) => {
  const { values, rest, on } = readOptions(call.args, { flags: "sn", values: "dfcb" });
  const list = values.get("f") ?? values.get("c") ?? values.get("b");
  if (list === undefined) return call.fail("Must specify one of -b, -c, -f");
  const ranges = list.split(",").map((range) => {
    const [from = "", to] = range.split("-");
    return [Number(from || 1), to === undefined ? Number(from) : Number(to || Number.POSITIVE_INFINITY)] as const;
  });
  const wanted = (_: string, index: number): boolean => ranges.some(([from, to]) => index + 1 >= from && index + 1 <= to);
  const separator = values.get("d") ?? "\t";
  return eachInput(call, rest, async (input) => {
    for await (const line of input.lines(call.signal)) {
      if (!values.has("f")) await call.say(Array.from(line).filter(wanted).join(""));
      else if (line.includes(separator)) await call.say(line.split(separator).filter(wanted).join(separator));
      else if (!on.has("s")) await call.say(line);
    }
  });
};

const CLASSES: Readonly<Record<string, string>> = {
  alpha: "a-zA-Z",
  digit: "0-9",
  alnum: "a-zA-Z0-9",
  upper: "A-Z",
  lower: "a-z",
  space: " \t\n\r\f\v",
  blank: " \t",
  punct: "!-/:-@[-`{-~",
};

function characterSet(text: string): string[] {
  const source = Array.from(replaceEscapes(text.replace(/\[:(\w+):\]/g, (all, name: string) => CLASSES[name] ?? all)).text);
  const found: string[] = [];
  for (let i = 0; i < source.length; i++) {
    const [from = "", dash, to] = source.slice(i, i + 3);
    if (dash === "-" && to !== undefined) {
      for (let code = from.codePointAt(0) ?? 0; code <= (to.codePointAt(0) ?? 0); code++) found.push(String.fromCodePoint(code));
      i += 2;
    } else found.push(from);
  }
  return found;
}

const tr: Command = async (call) => {
  const { on, rest } = readOptions(call.args, { flags: "dsc" });
  const [first = "", second] = rest;
  if (first === "") return call.fail("Needs 1 argument");
  const from = characterSet(first);
  const to = second === undefined ? [] : characterSet(second);
  const set = new Set(from);
  const input = (await call.io.stdin.all(64 * 1024 * 1024, call.signal)).toString();
  const complement = on.has("c");
  let result = "";
  let previous = "";
  for (const character of input) {
    const hit = set.has(character) !== complement;
    if (hit && on.has("d")) continue;
    const mapped = hit && to.length > 0 ? (complement ? to.at(-1) : (to[from.lastIndexOf(character)] ?? to.at(-1))) : character;
    const squeezed = on.has("s") && hit && mapped === previous;
    if (!squeezed) result += mapped ?? "";
    previous = mapped ?? "";
  }
  await call.write(result);
  return 0;
};

const xargs: Command = async (call) => {
  const { values, rest, on } = readOptions(call.args, { flags: "0rpt", values: "nIL", strict: true });
  const text = (await call.io.stdin.all(undefined, call.signal)).toString();
  const items = on.has("0")
    ? text.split("\0").filter(Boolean)
    : values.has("I")
      ? text.split("\n").filter(Boolean)
      : text.split(/\s+/).filter(Boolean);
  const command = rest.length > 0 ? rest : ["echo"];
  if (items.length === 0 && on.has("r")) return 0;
  const each = values.has("I") ? 1 : Number(values.get("n") ?? (items.length || 1)) || 1;
  let status = 0;
  for (let at = 0; at < Math.max(1, items.length) && !call.signal.aborted; at += each) {
    const part = items.slice(at, at + each);
    const replace = values.get("I");
    const words = replace ? command.map((word) => word.replaceAll(replace, part[0] ?? "")) : [...command, ...part];
    if ((await call.run.command(words, { stdin: ByteInput.of(), signal: call.signal })) !== 0) status = 123;
  }
  return status;
};

const tac: Command = async (call) => {
  const { lines, status } = await allLines(call, call.args);
  await call.sayAll(lines.reverse());
  return status;
};

const nl: Command = async (call) => {
  const { lines, status } = await allLines(
    call,
    call.args.filter((arg) => !arg.startsWith("-")),
  );
  let number = 0;
  await call.sayAll(lines.map((line) => (line === "" ? "" : `${String(++number).padStart(6)}\t${line}`)));
  return status;
};

const rev: Command = (call) =>
  eachInput(call, call.args, async (input) => {
    for await (const line of input.lines(call.signal)) await call.say(Array.from(line).reverse().join(""));
  });

const seq: Command = (call) => {
  const [a = 1, b, c] = call.args.filter((arg) => !/^-[a-z]/.test(arg)).map(Number);
  const [from, step, to] = c !== undefined ? [a, b ?? 1, c] : b !== undefined ? [a, 1, b] : [1, 1, a];
  const found: string[] = [];
  for (let value = from; step > 0 ? value <= to : step < 0 && value >= to; value += step) {
    if (found.push(String(value)) >= 1_000_000) break;
  }
  return call.sayAll(found);
};

const yes: Command = async (call) => {
  const line = `${call.args.join(" ") || "y"}\n`.repeat(512);
  while (!call.signal.aborted) {
    await call.write(line);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  return 0;
};

const cmp: Command = async (call) => {
  const { on, rest } = readOptions(call.args, { flags: "sl" });
  const [a = "", b = ""] = rest;
  const [left, right] = [
    await call.files.readAll(call.path(a), { limit: 256 * 1024 * 1024 }),
    await call.files.readAll(call.path(b), { limit: 256 * 1024 * 1024 }),
  ];
  if (left.equals(right)) return 0;
  let at = 0;
  while (at < Math.min(left.length, right.length) && left[at] === right[at]) at++;
  if (!on.has("s"))
    await (at === Math.min(left.length, right.length)
      ? call.complain(`cmp: EOF on ${left.length < right.length ? a : b}`)
      : call.say(`${a} ${b} differ: char ${at + 1}, line ${left.subarray(0, at).filter((byte) => byte === 10).length + 1}`));
  return 1;
};

export const textCommands: CommandSet = {
  toybox: {
    cmp,
    cut,
    egrep: (call) => grep(call.as("grep", ["-E", ...call.args])),
    fgrep: (call) => grep(call.as("grep", ["-F", ...call.args])),
    grep,
    head,
    nl,
    rev,
    sed,
    seq,
    sort,
    tac,
    tail,
    tr,
    uniq,
    wc,
    xargs,
    yes,
  },
  own: {},
};
