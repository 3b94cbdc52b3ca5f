/** What is in a folder of one phone: names are bytes, and each stands behind a mark that nobody on the phone could have guessed. */
import { randomBytes } from "node:crypto";
import { type FileEntry, type FileList, PATH_MAX_BYTES } from "@phonerack/contract/bus";
import { quoted } from "../cleaning/ask.js";
import type { PhoneLink } from "../transports/link.js";
import type { PhoneAtWork } from "../workbench/phone-at-work.js";
import { END, HALF, runScript } from "./places.js";

export interface FolderPage {
  readonly path: string;
  readonly after: string | null;
  readonly limit: number;
}

interface Listing {
  readonly entries: readonly FileEntry[];
  readonly free: number | null;
}

interface Kept extends Listing {
  readonly path: string;
  readonly epoch: number;
  readonly at: number;
}

const LIST_MS = 25_000;
const MOST_BYTES = 32 * 1024 * 1024;
/** Pages of one listing fit together when they are read one after the other. */
const KEPT_MS = 15_000;
const LINKS_AT_ONCE = 50;
const OURS = /^phonerack-/;
const order = new Intl.Collator("en", { numeric: true, sensitivity: "variant" });
const strict = new TextDecoder("utf-8", { fatal: true });

/** The last listing of a phone, for its further pages. */
const kept = new WeakMap<PhoneAtWork, Kept>();

/** Fails with `file_not_found`, `file_refused` or `path_invalid`. */
export async function listFolder(phone: PhoneAtWork, { path, after, limit }: FolderPage): Promise<FileList> {
  const { entries, free } = await listingOf(phone, path, after !== null);
  const from = after === null ? 0 : firstAfter(entries, after);
  const page = entries.slice(from, from + limit);
  const last = page.at(-1);
  return {
    path,
    entries: await withTargets(phone.link(), path, page),
    next: last && from + limit < entries.length ? keyOf(last) : null,
    total: entries.length,
    free,
  };
}

async function listingOf(phone: PhoneAtWork, path: string, further: boolean): Promise<Listing> {
  const { epoch } = phone.custody.held;
  const known = kept.get(phone);
  if (further && known?.path === path && known.epoch === epoch && performance.now() - known.at < KEPT_MS) return known;
  const listing = { ...(await list(phone.link(), path)), path, epoch, at: performance.now() };
  kept.set(phone, listing);
  return listing;
}

async function list(link: PhoneLink, path: string): Promise<Listing> {
  const mark = newMark();
  const lines = [
    `real ${quoted(path)}; [ -d "$r" ] || exit ${END.noFolder}; cd "$r" && [ -r . ] || exit ${END.unread}`,
    `[ "$r" = "$T" ] && echo '${mark}own'`,
    `find . -mindepth 1 -maxdepth 1 -exec stat -c '${mark}%f %s %Y %n' {} + 2>/dev/null`,
    `echo '${mark}free'; df -k . 2>/dev/null; exit 0`,
  ];
  const pieces = await piecesOf(link, lines, mark);
  const own = pieces.some((piece) => piece === "own\n");
  const df = pieces.find((piece) => piece.startsWith("free\n")) ?? "";
  const entries = pieces.flatMap((piece) => {
    const entry = readEntry(piece);
    return entry && !entry.name.startsWith(HALF) && !(own && OURS.test(entry.name)) ? [entry] : [];
  });
  const [, , , available] = /\s(\d+)\s+(\d+)\s+(\d+)\s+\d+%/.exec(df) ?? [];
  return { entries: entries.sort(compare), free: available === undefined ? null : Number(available) * 1024 };
}

/** What a script prints, one character a byte, by its marks. */
async function piecesOf(link: PhoneLink, lines: readonly string[], mark: string): Promise<string[]> {
  const chunks: Buffer[] = [];
  await runScript(link, lines, {
    timeoutMs: LIST_MS,
    maxBytes: MOST_BYTES,
    onStdout: (chunk) => chunks.push(Buffer.from(chunk)),
  });
  return Buffer.concat(chunks).toString("latin1").split(mark).slice(1);
}

function newMark(): string {
  return `@${randomBytes(16).toString("hex")}:`;
}

function readEntry(piece: string): FileEntry | undefined {
  const [, mode, size, seconds, bytes] = /^([0-9a-f]+) (\d+) (-?\d+)[\d.]* \.\/([\s\S]+)\n$/.exec(piece) ?? [];
  if (mode === undefined || bytes === undefined) return undefined;
  const bits = Number.parseInt(mode, 16);
  return {
    ...nameOf(Buffer.from(bytes, "latin1")),
    kind: kindOf(bits),
    size: Number(size),
    modifiedAt: Number(seconds) * 1_000,
    mode: bits & 0o7777,
    target: null,
  };
}

function nameOf(bytes: Buffer): { name: string; raw?: string } {
  try {
    return { name: strict.decode(bytes) };
  } catch {
    return { name: bytes.toString("utf8"), raw: bytes.toString("base64") };
  }
}

function kindOf(mode: number): FileEntry["kind"] {
  const type = mode & 0o170000;
  return type === 0o040000 ? "folder" : type === 0o100000 ? "file" : type === 0o120000 ? "link" : "other";
}

/** Folders first, then as people count; names that look alike to them by their code points, so that each has its place. */
function compare(a: FileEntry, b: FileEntry): number {
  return rank(a.kind) - rank(b.kind) || compareNames(a.name, b.name);
}

function compareNames(a: string, b: string): number {
  return order.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
}

function rank(kind: FileEntry["kind"]): number {
  return kind === "folder" ? 0 : 1;
}

function keyOf({ kind, name }: FileEntry): string {
  return `${rank(kind)}${name}`;
}

function firstAfter(entries: readonly FileEntry[], key: string): number {
  const [at, name] = [key.startsWith("0") ? 0 : 1, key.slice(1)];
  const found = entries.findIndex((entry) => (rank(entry.kind) - at || compareNames(entry.name, name)) > 0);
  return found < 0 ? entries.length : found;
}

/** What the links of a page point to; few folders of a phone have any. */
async function withTargets(link: PhoneLink, path: string, page: readonly FileEntry[]): Promise<FileEntry[]> {
  const links = page.filter(({ kind, raw, name }) => kind === "link" && raw === undefined && name.length <= PATH_MAX_BYTES);
  const targets = new Map<string, string>();
  for (let at = 0; at < links.length; at += LINKS_AT_ONCE) {
    const some = links.slice(at, at + LINKS_AT_ONCE);
    const mark = newMark();
    const reads = some.map(({ name }) => `echo '${mark}'; readlink ${quoted(`./${name}`)}`);
    const pieces = await piecesOf(link, [`real ${quoted(path)}; cd "$r" || exit ${END.missing}`, ...reads, "exit 0"], mark);
    some.forEach(({ name }, index) => {
      const target = pieces[index]?.slice(1, -1);
      if (target) targets.set(name, Buffer.from(target, "latin1").toString("utf8"));
    });
  }
  return page.map((entry) => ({ ...entry, target: targets.get(entry.name) ?? null }));
}
