/** Parsers of single flags and words: what is wrong gets a sentence that names the flag, before anything is started. */
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { DirectTarget } from "@phonerack/agent";
import { InvalidArgumentError } from "commander";

const PORT_MAX = 65_535;

export function parsePort(text: string): number {
  return parseWhole(text, { least: 0, most: PORT_MAX, what: "a port" });
}

/** How many virtual phones: one process holds them all. */
export function parseCount(text: string): number {
  return parseWhole(text, { least: 0, most: 2_000, what: "a number of phones" });
}

export function parseSeconds(text: string): number {
  return parseWhole(text, { least: 1, most: 3_600, what: "a number of seconds" });
}

export function parseMs(text: string): number {
  return parseWhole(text, { least: 0, most: 10_000, what: "a number of milliseconds" });
}

export function parseWhole(text: string, range: { least: number; most: number; what: string }): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < range.least || number > range.most) {
    throw new InvalidArgumentError(`'${text}' is not ${range.what} (${range.least} to ${range.most}).`);
  }
  return number;
}

/** Device pixels; a negative one is written as `-- -1`. */
export function parseCoordinate(text: string): number {
  const number = Number(text);
  if (!/^-?\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError(`'${text}' is not a number of pixels.`);
  return number;
}

/** `HOST:PORT`, and where the board sits when said: `HOST:PORT@CHASSIS/SLOT`. Repeatable. */
export function collectTarget(text: string, before: readonly DirectTarget[] = []): DirectTarget[] {
  const [address = "", place] = text.split("@");
  const match = /^(\[[0-9a-fA-F:]+\]|[^\s:@/]+):(\d{1,5})$/.exec(address);
  const port = Number(match?.[2]);
  if (!match?.[1] || port < 1 || port > PORT_MAX) throw new InvalidArgumentError(`'${text}' is not HOST:PORT.`);
  const host = match[1].replaceAll(/[[\]]/g, "");
  if (place === undefined) return [...before, { host, port }];
  const [, chassis, slot] = /^([\w-]{1,40})\/([1-9]\d?)$/.exec(place) ?? [];
  if (!chassis) throw new InvalidArgumentError(`'${place}' is not CHASSIS/SLOT, e.g. A1/7.`);
  return [...before, { host, port, chassis, slot: Number(slot) }];
}

export function collect(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

export function parseUrl(protocols: readonly string[]) {
  return (text: string): string => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (!url || !protocols.includes(url.protocol)) {
      throw new InvalidArgumentError(
        // Not repeated: it may hold a password.
        `this is not an address that begins with ${protocols.map((p) => `${p}//`).join(" or ")}.`,
      );
    }
    return text;
  };
}

/** Where phonerack keeps its data unless told: the place the XDG base directory specification gives to programs' data. */
export function defaultDataDir(): string {
  const base = process.env.XDG_DATA_HOME;
  return base?.startsWith("/") ? join(base, "phonerack") : join(homedir(), ".local/share/phonerack");
}

export function parseFolder(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("the folder's name is empty.");
  return resolve(text);
}
