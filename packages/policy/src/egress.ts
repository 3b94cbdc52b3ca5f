/**
 * Which addresses a lab may say are its own, and how often it may change them: a fixed, published set. Whoever wants addresses that change has come to the wrong
 * place: there is no list to choose from, no schedule, and few changes.
 */

export interface Prefix {
  /** As it is written, e.g. `198.51.100.0/24`. */
  readonly text: string;
  readonly family: 4 | 6;
  /** 4 or 16 bytes. */
  readonly bytes: readonly number[];
  readonly length: number;
}

/** A change takes effect at the earliest so long after it was announced. */
export const ANNOUNCED_MS = 24 * 3_600_000;
/** Renumbering takes two: the new beside the old, then without it. A lab that does so twice a month still fits. */
export const MOST_CHANGES = 4;
export const CHANGES_MS = 30 * 24 * 3_600_000;
export const MOST_PREFIXES = 16;
/** A lab's uplink, not a provider's whole network. */
const WIDEST = { 4: 20, 6: 40 } as const;

/** Addresses that nobody has in the public network (IANA's special-purpose registries), and the world's own documentation. */
const RESERVED = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "::/8",
  "64:ff9b::/96",
  "100::/64",
  "2001::/23",
  "2001:db8::/32",
  "2002::/16",
  "3fff::/20",
  "fc00::/7",
  "fe80::/10",
  "ff00::/8",
] as const;

/** undefined: this is no prefix in the one way in which it is written. */
export function parsePrefix(text: string): Prefix | undefined {
  const [address = "", digits = "", more] = text.split("/");
  const bytes = address.includes(":") ? parse6(address) : parse4(address);
  const length = Number(digits);
  if (!bytes || more !== undefined || !/^(?:0|[1-9]\d{0,2})$/.test(digits) || length > bytes.length * 8) return undefined;
  const prefix: Prefix = { text, family: bytes.length === 4 ? 4 : 6, bytes, length };
  return bytes.every((byte, at) => byte === masked(byte, at, length)) ? prefix : undefined;
}

/** Why a lab cannot have this prefix; undefined: it can. */
export function wrongWithPrefix(text: string): string | undefined {
  const prefix = parsePrefix(text);
  if (!prefix) return "it is no prefix, e.g. 81.2.69.0/28, with no bit set beyond its length";
  if (prefix.length < WIDEST[prefix.family]) return `it is wider than a lab's own uplink (/${WIDEST[prefix.family]})`;
  const reserved = RESERVED.find((one) => overlaps(parsePrefix(one), prefix));
  return reserved === undefined ? undefined : `it lies in ${reserved}, which nobody has in the public network`;
}

/** Whether an address lies in a prefix. */
export function covers(prefix: Prefix, address: string): boolean {
  const bytes = address.includes(":") ? parse6(address) : parse4(address);
  return bytes?.length === prefix.bytes.length && bytes.every((byte, at) => masked(byte, at, prefix.length) === prefix.bytes[at]);
}

export interface Announced {
  readonly prefix: string;
  readonly announcedAt: number;
  readonly from: number;
  readonly until: number | null;
}

/** Why the lab may not change to these prefixes then; undefined: it may. */
export function wrongWithChange(
  known: readonly Announced[],
  change: { readonly prefixes: readonly string[]; readonly from: number; readonly now: number },
): string | undefined {
  const { prefixes, from, now } = change;
  if (prefixes.length > MOST_PREFIXES) return `a lab has at most ${MOST_PREFIXES} prefixes`;
  if (new Set(prefixes).size < prefixes.length) return "one prefix stands there twice";
  for (const text of prefixes) {
    const wrong = wrongWithPrefix(text);
    if (wrong) return `${text}: ${wrong}`;
  }
  // The first set of all is no change, and still announced.
  const first = known.length === 0;
  if (!first && from < now + ANNOUNCED_MS) return "a change is announced 24 hours before it takes effect";
  if (known.some((one) => one.from > now || (one.until !== null && one.until > now)))
    return "a change is announced already; it takes effect first";
  const times = new Set(known.filter(({ announcedAt }) => announcedAt > now - CHANGES_MS).map(({ announcedAt }) => announcedAt));
  if (times.size >= MOST_CHANGES) return `a lab changes its addresses at most ${MOST_CHANGES} times in 30 days`;
  return undefined;
}

function overlaps(a: Prefix | undefined, b: Prefix): boolean {
  if (!a || a.bytes.length !== b.bytes.length) return false;
  const length = Math.min(a.length, b.length);
  return a.bytes.every((byte, at) => masked(byte, at, length) === masked(b.bytes[at] ?? 0, at, length));
}

/** What is left of the byte at this place when all beyond `length` bits is 0. */
function masked(byte: number, at: number, length: number): number {
  const bits = Math.max(0, Math.min(8, length - at * 8));
  return byte - (byte % 2 ** (8 - bits));
}

function parse4(text: string): number[] | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) return undefined;
  return parts.map(Number);
}

function parse6(text: string): number[] | undefined {
  const halves = text.split("::");
  if (halves.length > 2 || !/^[0-9a-f:]+$/.test(text)) return undefined;
  const [left, right] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const gap = 8 - (left?.length ?? 0) - (right?.length ?? 0);
  if (halves.length === 1 ? gap !== 0 : gap < 1) return undefined;
  const groups = [...(left ?? []), ...Array.from({ length: gap }, () => "0"), ...(right ?? [])];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/.test(group))) return undefined;
  return groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]);
}
