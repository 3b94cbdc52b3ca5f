/** What stands in the log: one canonical JSON object for each leaf. Who acted is named by a pseudonym; what was typed or touched is never there. */
import type { GateFacts } from "../gate.js";
import { textOf, utf8 } from "./bytes.js";
import { canonicalJson, type Json } from "./canonical.js";
import { decisionJson } from "./decision-json.js";
import { isObject, readFacts } from "./facts.js";
import { LONGEST_ENTRY } from "./tiles.js";

export const LEAF_VERSION = 1;

interface Placed {
  readonly v: typeof LEAF_VERSION;
  /** Its place in the log, from 0. */
  readonly seq: number;
  /** When it was appended: milliseconds since the Unix epoch, never less than the leaf before. */
  readonly at: number;
}

/** What one leaf says, before it has its place. */
export type LeafBody =
  | {
      readonly kind: "start";
      readonly version: string;
      /** Digest of the gate's rules, by which this build decides. */
      readonly policy: string;
      readonly origin: string;
      /** Apps that count as everybody's own, on virtual phones alone. */
      readonly demo: readonly { readonly package: string; readonly signer: string }[];
    }
  /** One answer of the gate: every denial, every input of a group or script. */
  | {
      readonly kind: "decision";
      readonly device: string;
      readonly lease: string | null;
      readonly tenant: string | null;
      readonly agent: string;
      readonly journal: string;
      /** Its number in the agent's journal. */
      readonly n: number;
      /** By the agent's own clock. */
      readonly agentAt: number;
      readonly facts: GateFacts;
      readonly decision: "allow" | "deny";
      readonly rule: string;
      readonly policy: string;
      /** Which service of adb, by its name. */
      readonly service?: string | undefined;
    }
  /** What hands did on one device in ten seconds: a salted commitment to a bulk that can be deleted. */
  | {
      readonly kind: "hands";
      readonly device: string;
      readonly lease: string | null;
      readonly tenant: string | null;
      readonly epoch: number;
      readonly from: number;
      readonly to: number;
      readonly count: number;
      /** How many by which rule. */
      readonly rules: Readonly<Record<string, number>>;
      readonly policy: string;
      /** SHA-256 of salt and bulk, hex. */
      readonly commitment: string;
    }
  /** A row of control's database that was made, changed or taken away. */
  | {
      readonly kind: "change";
      readonly table: string;
      readonly op: "insert" | "update" | "delete";
      readonly row: Readonly<Record<string, Json>>;
    }
  /** Something that was done, as control's own record has it. */
  | {
      readonly kind: "event";
      readonly event: string;
      readonly actor: string;
      readonly tenant: string | null;
      readonly subject: string;
      readonly detail: Readonly<Record<string, Json>>;
    };

export type Leaf = LeafBody & Placed;

/** The bytes that are hashed. @throws NotJson, RangeError for one that is too long. */
export function encodeLeaf(leaf: Leaf): Uint8Array {
  const bytes = utf8((leaf.kind === "decision" ? decisionJson(leaf) : undefined) ?? canonicalJson(leaf as unknown as Json));
  if (bytes.length > LONGEST_ENTRY) throw new RangeError("a leaf of the log is too long");
  return bytes;
}

export type ReadLeaf = { readonly leaf: Leaf } | { readonly wrong: string };

/** Strictly: one leaf has one form only. */
export function readLeaf(bytes: Uint8Array): ReadLeaf {
  const text = textOf(bytes);
  if (text === undefined) return { wrong: "it is no UTF-8" };
  let value: unknown;
  try {
    value = JSON.parse(text);
    if (canonicalJson(value as Json) !== text) return { wrong: "it is not in canonical form" };
  } catch {
    return { wrong: "it is no JSON" };
  }
  const wrong = wrongIn(value);
  return wrong === undefined ? { leaf: value as Leaf } : { wrong };
}

function wrongIn(value: unknown): string | undefined {
  if (!isObject(value)) return "it is no object";
  const { v, seq, at, kind } = value;
  if (v !== LEAF_VERSION) return `its version is not ${LEAF_VERSION}`;
  if (!Number.isSafeInteger(seq) || !Number.isSafeInteger(at)) return "it has no place or time";
  const fields = typeof kind === "string" && Object.hasOwn(FIELDS, kind) ? FIELDS[kind as LeafBody["kind"]] : undefined;
  if (!fields) return "its kind is none of ours";
  const odd = Object.entries(fields).find(([name, fits]) => !fits(value[name]));
  if (odd) return `its '${odd[0]}' is not as it should be`;
  const more = Object.keys(value).find((name) => !Object.hasOwn(fields, name) && !PLACE.has(name));
  return more === undefined ? undefined : `it has a '${more}', which such leaves have not`;
}

type Fits = (value: unknown) => boolean;
const PLACE: ReadonlySet<string> = new Set(["v", "seq", "at", "kind"]);
const isText: Fits = (value) => typeof value === "string";
const isMaybeText: Fits = (value) => value === null || typeof value === "string";
const isNumber: Fits = (value) => Number.isSafeInteger(value);
const isOptional: Fits = (value) => value === undefined || typeof value === "string";

const FIELDS: Readonly<Record<LeafBody["kind"], Readonly<Record<string, Fits>>>> = {
  start: { version: isText, policy: isText, origin: isText, demo: Array.isArray },
  decision: {
    device: isText,
    lease: isMaybeText,
    tenant: isMaybeText,
    agent: isText,
    journal: isText,
    n: isNumber,
    agentAt: isNumber,
    facts: (value) => readFacts(value) !== undefined,
    decision: (value) => value === "allow" || value === "deny",
    rule: isText,
    policy: isText,
    service: isOptional,
  },
  hands: {
    device: isText,
    lease: isMaybeText,
    tenant: isMaybeText,
    epoch: isNumber,
    from: isNumber,
    to: isNumber,
    count: isNumber,
    rules: (value) => isObject(value) && Object.values(value).every(isNumber),
    policy: isText,
    commitment: (value) => typeof value === "string" && /^[0-9a-f]{64}$/.test(value),
  },
  change: { table: isText, op: (value) => value === "insert" || value === "update" || value === "delete", row: isObject },
  event: { event: isText, actor: isText, tenant: isMaybeText, subject: isText, detail: isObject },
};
