/** Programs for bytes: od, xxd, base64, checksums, gzip. */
import { createHash } from "node:crypto";
import { FileError } from "../../adbd/services.js";
import type { Command, CommandSet } from "../command.js";
import { readOptions } from "../options.js";
import { eachInput } from "./text.js";

const od: Command = async (call) => {
  const { on, values, rest } = readOptions(call.args, { flags: "vbcdosx", values: "AtNjw" });
  const type = values.get("t") ?? (on.has("x") ? "x2" : on.has("c") ? "c" : on.has("b") ? "o1" : on.has("d") ? "u2" : "o2");
  const limit = Number(values.get("N") ?? Number.POSITIVE_INFINITY);
  const chunks: Uint8Array[] = [];
  const status = await eachInput(call, rest, async (input) =>
    chunks.push(await input.all(Math.min(limit, 16 * 1024 * 1024), call.signal)),
  );
  const bytes = Buffer.concat(chunks).subarray(0, limit);
  const address = values.get("A") ?? "o";
  const at = (offset: number): string =>
    address === "n" ? "" : offset.toString({ d: 10, x: 16 }[address] ?? 8).padStart(7, "0");
  const size = Number(/\d/.exec(type)?.[0] ?? (type === "c" ? 1 : 4));
  const radix = { x: 16, d: 10, u: 10 }[type[0] ?? ""] ?? 8;
  const width = radix === 16 ? size * 2 : radix === 10 ? ([3, 3, 5, 5, 10][size] ?? 10) : ([3, 3, 6, 6, 11][size] ?? 11);
  for (let offset = 0; offset < bytes.length; offset += 16) {
    const row = bytes.subarray(offset, offset + 16);
    let text = at(offset);
    for (let i = 0; i < row.length; i += size) {
      const part = row.subarray(i, i + size);
      if (type === "c")
        text +=
          (part[0] ?? 0) >= 32 && (part[0] ?? 0) < 127
            ? `   ${String.fromCharCode(part[0] ?? 0)}`
            : ` ${({ 0: "\\0", 9: "\\t", 10: "\\n", 13: "\\r" } as Record<number, string>)[part[0] ?? 0]?.padStart(3) ?? (part[0] ?? 0).toString(8).padStart(3, "0")}`;
      else
        text += ` ${[...part]
          .reduceRight((sum, byte) => sum * 256 + byte, 0)
          .toString(radix)
          .padStart(width, radix === 10 ? " " : "0")}`;
    }
    await call.say(text);
  }
  if (address !== "n") await call.say(at(bytes.length));
  return status;
};

const xxd: Command = async (call) => {
  const { on, rest, values } = readOptions(call.args, { flags: "pr", values: "lcgs" });
  return eachInput(call, rest, async (input) => {
    const bytes = await input.all(Number(values.get("l") ?? 16 * 1024 * 1024), call.signal);
    if (on.has("p")) return call.sayAll(bytes.toString("hex").match(/.{1,60}/g) ?? []);
    for (let at = 0; at < bytes.length; at += 16) {
      const row = bytes.subarray(at, at + 16);
      const hex = (row.toString("hex").match(/.{1,4}/g) ?? []).join(" ");
      await call.say(
        `${at.toString(16).padStart(8, "0")}: ${hex.padEnd(39)}  ${[...row].map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : ".")).join("")}`,
      );
    }
    return undefined;
  });
};

const base64: Command = (call) => {
  const { on, rest, values } = readOptions(call.args, { flags: "di", values: "w" });
  const width = Number(values.get("w") ?? 76);
  return eachInput(call, rest, async (input) => {
    const bytes = await input.all(64 * 1024 * 1024, call.signal);
    if (on.has("d")) return call.write(Buffer.from(bytes.toString("latin1"), "base64"));
    const text = bytes.toString("base64");
    return call.sayAll(width > 0 ? (text.match(new RegExp(`.{1,${width}}`, "g")) ?? []) : [text]);
  });
};

const sum =
  (algorithm: string): Command =>
  async (call) => {
    const { on, rest } = readOptions(call.args, { flags: "bcs" });
    return eachInput(call, rest, async (input, name) => {
      const hash = createHash(algorithm);
      for (let chunk = await input.next(call.signal); chunk; chunk = await input.next(call.signal)) hash.update(chunk);
      await call.say(on.has("b") ? hash.digest("hex") : `${hash.digest("hex")}  ${name}`);
    });
  };

const gzip =
  (unpack: boolean): Command =>
  async (call) => {
    const { on, rest } = readOptions(call.args, { flags: "cdfk123456789" });
    const { gzip: pack, gunzip } = await import("node:zlib");
    const inflating = unpack || on.has("d");
    const run = (bytes: Buffer): Promise<Buffer> =>
      new Promise((resolve, reject) => {
        const done = (error: Error | null, result: Buffer): void =>
          error ? reject(new FileError("EINVAL", "")) : resolve(result);
        if (inflating) gunzip(bytes, { maxOutputLength: 256 * 1024 * 1024 }, done);
        else pack(bytes, done);
      });
    return eachInput(call, rest, async (input, name) => {
      const result = await run(await input.all(64 * 1024 * 1024, call.signal));
      if (name === "-" || on.has("c")) return call.write(result);
      await call.files.writeAll(call.path(inflating ? name.replace(/\.gz$/, "") : `${name}.gz`), result);
      if (!on.has("k")) call.files.remove(call.path(name));
      return undefined;
    });
  };

export const byteCommands: CommandSet = {
  toybox: {
    base64,
    gunzip: gzip(true),
    gzip: gzip(false),
    md5sum: sum("md5"),
    od,
    sha1sum: sum("sha1"),
    sha224sum: sum("sha224"),
    sha256sum: sum("sha256"),
    sha512sum: sum("sha512"),
    xxd,
    zcat: (call) => gzip(true)(call.as("zcat", ["-c", ...call.args])),
  },
  own: {},
};
