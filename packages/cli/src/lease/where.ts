/** What a phone must be, as words: `model=Pixel 7`, `sdk>=30`, `width>=1080`, `chassis=A1`, `label=camera`. */
import { LeaseWhere } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";

export const WHERE_KEYS = "model, manufacturer, sdk, width, height, site, rack, chassis, reach, label";

/** Every word must hold; `model` and `label` may come more than once: one of the models, all of the labels. Fails with `usage`. */
export function readWhere(words: readonly string[]): LeaseWhere | undefined {
  if (words.length === 0) return undefined;
  const where: Draft = {};
  for (const word of words) add(where, word);
  const read = LeaseWhere.safeParse(where);
  if (!read.success) throw wrong(words.join(" "), read.error.issues[0]?.message ?? "");
  return read.data;
}

interface Draft {
  [key: string]: unknown;
  model?: string[];
  labels?: string[];
  sdk?: number | { atLeast?: number; atMost?: number };
  screen?: Record<string, number>;
}

function add(where: Draft, word: string): void {
  const [, key = "", sign = "", value = ""] = /^([a-z]+)\s*(>=|<=|=)\s*(.+)$/.exec(word.trim()) ?? [];
  if (key === "width" || key === "height") return addSize(where, { key, sign, value, word });
  if (key === "sdk") where.sdk = sdkOf(where.sdk, { sign, value, word });
  else if (sign !== "=") throw wrong(word, key === "" ? "it is not KEY=VALUE" : `${key} takes = only`);
  else if (key === "model") where.model = [...(where.model ?? []), ...value.split(",").map((each) => each.trim())];
  else if (key === "label") where.labels = [...(where.labels ?? []), value];
  else if (["manufacturer", "site", "rack", "chassis", "reach"].includes(key)) {
    if (where[key] !== undefined && where[key] !== value) throw wrong(word, `${key} cannot be two things`);
    where[key] = value;
  } else throw wrong(word, `the keys are ${WHERE_KEYS}`);
}

interface Part {
  readonly sign: string;
  readonly value: string;
  readonly word: string;
}

function sdkOf(before: Draft["sdk"], part: Part): Draft["sdk"] {
  const [, from, to] = /^(\d+)\.\.(\d+)$/.exec(part.value) ?? [];
  if (from !== undefined && part.sign === "=") return { atLeast: Number(from), atMost: Number(to) };
  const number = whole(part);
  if (part.sign === "=") return number;
  const range = typeof before === "object" ? before : {};
  return { ...range, [part.sign === ">=" ? "atLeast" : "atMost"]: number };
}

function addSize(where: Draft, part: Part & { readonly key: "width" | "height" }): void {
  const side = part.key === "width" ? "Width" : "Height";
  const number = whole(part);
  const least = part.sign === "<=" ? {} : { [`min${side}`]: number };
  const most = part.sign === ">=" ? {} : { [`max${side}`]: number };
  where.screen = { ...where.screen, ...least, ...most };
}

function whole({ value, word }: Part): number {
  if (!/^\d{1,6}$/.test(value)) throw wrong(word, `'${value}' is not a whole number`);
  return Number(value);
}

function wrong(word: string, why: string): PhonerackError {
  return new PhonerackError("usage", `--where '${word}': ${why}`);
}
