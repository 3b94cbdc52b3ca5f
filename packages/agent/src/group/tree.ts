/**
 * The hierarchy as the UiAutomator2 server's `/source` writes it, read into a tree. Its XML is elements and attributes, written by Android's own
 * serializer; whatever else a phone may send is refused.
 */
import { PhonerackError } from "@phonerack/contract/bus";

export interface Bounds {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface UiNode {
  readonly class: string;
  readonly package: string;
  /** `package:id/name`, or empty. */
  readonly id: string;
  readonly text: string;
  readonly description: string;
  readonly clickable: boolean;
  readonly longClickable: boolean;
  readonly checkable: boolean;
  readonly focusable: boolean;
  readonly scrollable: boolean;
  readonly enabled: boolean;
  /** What shows of it, in device pixels. */
  readonly bounds: Bounds;
  readonly depth: number;
  readonly parent: UiNode | null;
  readonly children: UiNode[];
}

export interface UiTree {
  /** In drawing order as the hierarchy has it: parents before children, earlier siblings below later ones. */
  readonly nodes: readonly UiNode[];
  readonly roots: readonly UiNode[];
  /** Quarter turns. */
  readonly rotation: number;
  /** The whole source: two alike look alike. */
  readonly source: string;
}

const MOST_NODES = 20_000;
const MOST_DEPTH = 200;
const TAG = /<(\/?)([A-Za-z_][\w.$-]*)((?:\s+[\w:.-]+="[^"<]*")*)\s*(\/?)>/g;
const ATTRIBUTE = /([\w:.-]+)="([^"<]*)"/g;

/** Throws `phone_protocol` when it is none. */
export function parseTree(source: string): UiTree {
  const nodes: UiNode[] = [];
  const roots: UiNode[] = [];
  const open: (UiNode | null)[] = [];
  let rotation = 0;
  let end = 0;
  for (const match of source.matchAll(TAG)) {
    const [whole, closing, , words = "", empty] = match;
    requireBlank(source.slice(end, match.index), nodes.length === 0 && open.length === 0);
    end = match.index + whole.length;
    if (closing) {
      open.pop();
      continue;
    }
    const attributes = attributesOf(words);
    const parent = open.at(-1) ?? null;
    const isFrame = open.length === 0;
    if (isFrame) rotation = Number(attributes.get("rotation")) || 0;
    const node = isFrame ? null : nodeOf(attributes, parent, open.length - 1);
    if (node) {
      nodes.push(node);
      if (parent) parent.children.push(node);
      else roots.push(node);
    }
    if (nodes.length > MOST_NODES || open.length > MOST_DEPTH) throw malformed("it has too many nodes");
    if (!empty) open.push(node);
  }
  if (open.length > 0 || nodes.length === 0) throw malformed("it is cut short or empty");
  return { nodes, roots, rotation, source };
}

function nodeOf(attributes: ReadonlyMap<string, string>, parent: UiNode | null, depth: number): UiNode {
  const text = (name: string): string => attributes.get(name) ?? "";
  const flag = (name: string): boolean => attributes.get(name) === "true";
  return {
    class: text("class"),
    package: text("package"),
    id: text("resource-id"),
    text: text("text"),
    description: text("content-desc"),
    clickable: flag("clickable"),
    longClickable: flag("long-clickable"),
    checkable: flag("checkable"),
    focusable: flag("focusable"),
    scrollable: flag("scrollable"),
    enabled: attributes.get("enabled") !== "false",
    bounds: boundsOf(text("bounds")),
    depth,
    parent,
    children: [],
  };
}

function attributesOf(words: string): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const [, name = "", value = ""] of words.matchAll(ATTRIBUTE)) attributes.set(name, decoded(value));
  return attributes;
}

function boundsOf(text: string): Bounds {
  const [left = 0, top = 0, right = 0, bottom = 0] =
    /^\[(-?\d+),(-?\d+)\]\[(-?\d+),(-?\d+)\]$/.exec(text)?.slice(1).map(Number) ?? [];
  return { left, top, right, bottom };
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function decoded(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(/&(#x?[0-9a-fA-F]{1,6}|[a-z]{2,4});/g, (whole, name: string) => {
    if (!name.startsWith("#")) return ENTITIES[name] ?? whole;
    const code = name.startsWith("#x") ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/** Between tags is nothing; before the first, the XML declaration. */
function requireBlank(text: string, first: boolean): void {
  const rest = first ? text.replace(/^\uFEFF?\s*<\?xml[^>]*\?>/, "") : text;
  if (rest.trim() !== "") throw malformed("something stands between its elements");
}

function malformed(why: string): PhonerackError {
  return new PhonerackError("phone_protocol", `its hierarchy is none: ${why}`);
}

export function isEmpty({ left, top, right, bottom }: Bounds): boolean {
  return right <= left || bottom <= top;
}

export function contains({ left, top, right, bottom }: Bounds, x: number, y: number): boolean {
  return x >= left && x < right && y >= top && y < bottom;
}
