/**
 * The texts of apps by the names that their makers gave them, so that a text on the leader is found on a phone that speaks another language. Read from
 * the app's own APK on the phone, by small reads, once for each version of an app.
 */
import { createHash } from "node:crypto";
import { type ByteRange, openZip, readEntry, readStringTable, type StringTable } from "@phonerack/apk";
import { PackageName } from "@phonerack/contract/bus";
import { quoted } from "../cleaning/ask.js";
import type { PhoneLink } from "../transports/link.js";
import { readToEnd, runShell } from "../transports/shell.js";
import { plainText } from "./find.js";
import type { GroupPhone } from "./group-phone.js";

const TABLE = "resources.arsc";
const MOST_TABLE = 16 * 1024 * 1024;
const MOST_APKS = 8;
const MOST_APPS = 50;
const READ_MS = 20_000;
const BLOCK = 4_096;
/** An APK's end tells it from every other: the directory of its files with their checksums. */
const END_BYTES = 64 * 1024;

/** Of one app in one language, others' where that has no text. */
export interface Language {
  text(name: string): string | undefined;
  names(text: string): readonly string[];
}

export interface Texts {
  /** In the phone's language. */
  readonly here: Language;
  /** In any. */
  readonly anywhere: Language;
}

export class AppStrings {
  /** By package and what its APKs end with. */
  readonly #tables = new Map<string, Promise<StringTable>>();

  /** The app's texts in the phone's language; null when they cannot be read. Never rejects. */
  async read(link: PhoneLink, name: string): Promise<Texts | null> {
    if (!PackageName.safeParse(name).success) return null;
    try {
      const { paths, locale } = await apksOf(link, name);
      const apks = paths.map(({ path, size }) => onPhone(link, path, size));
      const table = await this.#table(name, apks);
      return { here: inLanguage(table, chainOf(locale)), anywhere: inLanguage(table, [...table.keys()]) };
    } catch {
      return null;
    }
  }

  async #table(name: string, apks: readonly ByteRange[]): Promise<StringTable> {
    const hash = createHash("sha256");
    for (const apk of apks) hash.update(`${apk.size}:`).update(await apk.slice(Math.max(0, apk.size - END_BYTES), apk.size));
    const key = `${name} ${hash.digest("hex")}`;
    const known = this.#tables.get(key);
    if (known) return known;
    const reading = readTables(apks);
    this.#tables.set(key, reading);
    reading.catch(() => this.#tables.delete(key));
    const oldest = this.#tables.size > MOST_APPS ? this.#tables.keys().next().value : undefined;
    if (oldest !== undefined) this.#tables.delete(oldest);
    return reading;
  }
}

async function apksOf(link: PhoneLink, name: string): Promise<{ paths: { path: string; size: number }[]; locale: string }> {
  const ask = `for p in $(pm path ${name} | cut -d: -f2); do stat -c '%s %n' $p; done; echo; getprop persist.sys.locale; getprop ro.product.locale`;
  const { stdout } = await runShell(link, ask, { timeoutMs: READ_MS, maxBytes: 64 * 1024 });
  const [files = "", properties = ""] = stdout.split("\n\n");
  const all = [...files.matchAll(/^(\d+) (\/\S+\.apk)\s*$/gm)].map(([, size, path = ""]) => ({ path, size: Number(size) }));
  // Of split APKs those for a language hold texts too.
  const paths = all.filter(({ path }) => !/\/split_/.test(path) || /\/split_config\.[a-z]{2,3}(_\w+)?\.apk$/.test(path));
  return { paths: paths.slice(0, MOST_APKS), locale: properties.trim().split("\n")[0]?.trim() ?? "" };
}

/** A file on the phone, of which only what is asked for travels. */
function onPhone(link: PhoneLink, path: string, size: number): ByteRange {
  const slice = async (start: number, end: number): Promise<Buffer> => {
    if (end <= start) return Buffer.alloc(0);
    const [first, last] = [Math.floor(start / BLOCK), Math.ceil(Math.min(end, size) / BLOCK)];
    const most = (last - first) * BLOCK;
    const socket = await link.open(`exec:dd if=${quoted(path)} bs=${BLOCK} skip=${first} count=${last - first} 2>/dev/null`);
    const chunks: Uint8Array[] = [];
    try {
      await link.life.guard(
        readToEnd(socket, most, (chunk) => chunks.push(chunk)),
        READ_MS,
        "reading an app",
      );
    } finally {
      socket.close();
    }
    return Buffer.concat(chunks).subarray(start - first * BLOCK, end - first * BLOCK);
  };
  return { size, slice };
}

async function readTables(apks: readonly ByteRange[]): Promise<StringTable> {
  const merged = new Map<string, Map<string, string>>();
  for (const apk of apks) {
    const bytes = await readEntry(await openZip(apk), TABLE, MOST_TABLE);
    if (!bytes) continue;
    for (const [language, texts] of readStringTable(bytes)) {
      const into = merged.get(language) ?? new Map<string, string>();
      merged.set(language, into);
      for (const [name, text] of texts) if (!into.has(name)) into.set(name, text);
    }
  }
  return merged;
}

/** `zh-Hans-CN` → zh-CN, zh, and what has no language. */
function chainOf(locale: string): string[] {
  const [language = "", ...rest] = locale.split(/[-_]/);
  const region = rest.find((part) => /^[A-Z]{2}$/.test(part));
  return [...(region ? [`${language}-${region}`] : []), language, ""];
}

function inLanguage(table: StringTable, chain: readonly string[]): Language {
  const text = (name: string): string | undefined => {
    for (const language of chain) {
      const found = table.get(language)?.get(name);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return {
    text,
    names: (wanted) => {
      const plain = plainText(wanted);
      const names = new Set<string>();
      for (const language of chain) {
        for (const [name, value] of table.get(language) ?? []) if (plainText(value) === plain) names.add(name);
      }
      return [...names];
    },
  };
}

/** A phone's language and an app's version hold for a while. */
const GOOD_MS = 20_000;

/** The texts of the apps of one phone that may be read: the tenant's own and the system's. */
export class PhoneStrings {
  readonly #phone: GroupPhone;
  readonly #strings: AppStrings;
  readonly #read = new Map<string, { readonly at: number; readonly texts: Promise<Texts | null> }>();

  constructor(phone: GroupPhone, strings: AppStrings) {
    this.#phone = phone;
    this.#strings = strings;
  }

  /** null when they cannot or must not be read. Never rejects. */
  of(name: string): Promise<Texts | null> {
    const known = this.#read.get(name);
    if (known && performance.now() - known.at < GOOD_MS) return known.texts;
    const texts = this.#readNow(name);
    this.#read.set(name, { at: performance.now(), texts });
    return texts;
  }

  async #readNow(name: string): Promise<Texts | null> {
    try {
      const { standing } = await this.#phone.gate.judge(name);
      if (standing !== "owned" && standing !== "system") return null;
      return await this.#strings.read(this.#phone.link(), name);
    } catch {
      return null;
    }
  }
}
