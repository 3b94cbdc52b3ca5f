/** Finds in a phone's hierarchy what is meant: by a place on the leader, by what was aimed at there, by a selector. Pure. When in doubt: nothing. */
import type { AimedElement, Selector } from "@phonerack/contract/bus";
import type { Place } from "./places.js";
import { type Bounds, contains, isEmpty, type UiNode, type UiTree } from "./tree.js";

/** Texts that mean what the leader's text means, as they stand on this phone. */
export type Translate = (text: string, names: readonly string[]) => readonly string[];

export type Found =
  | { readonly found: "one"; readonly node: UiNode }
  | { readonly found: "none" }
  | { readonly found: "several"; readonly count: number };

const NONE: Found = { found: "none" };
const FIELD = /(EditText|AutoCompleteTextView)$/;
/** How far up a text near by is looked for. */
const NEAR_LEVELS = 3;

/** What a finger at this place would touch first. */
export function hit(nodes: readonly UiNode[], x: number, y: number): UiNode | undefined {
  for (let at = nodes.length - 1; at >= 0; at--) {
    const node = nodes[at];
    if (node && contains(node.bounds, x, y)) return hit(node.children, x, y) ?? node;
  }
  return undefined;
}

/** What a tap there is meant for: the nearest that takes taps, but not a list as a whole. */
export function targetAt(tree: UiTree, x: number, y: number): UiNode | undefined {
  const deepest = hit(tree.roots, x, y);
  for (let node: UiNode | null | undefined = deepest; node; node = node.parent) {
    if (takesTaps(node)) return node;
    if (node.scrollable) break;
  }
  return deepest;
}

function takesTaps(node: UiNode): boolean {
  return node.clickable || node.longClickable || node.checkable || FIELD.test(node.class);
}

/** Its own words; what somebody typed is none of them. */
export function textOf(node: UiNode): string | null {
  return FIELD.test(node.class) || node.text === "" || node.text.length > 1_000 ? null : node.text;
}

export function descriptionOf(node: UiNode): string | null {
  return node.description === "" || node.description.length > 1_000 ? null : node.description;
}

/** The first text in it, else in what is around it: a row's title. */
export function nearOf(node: UiNode): string | null {
  let around: UiNode | null = node;
  for (let level = 0; around && level <= NEAR_LEVELS; level++, around = around.parent) {
    // What holds other things to tap too says nothing of this one.
    if (around !== node && (around.scrollable || hasOthers(around, node))) return null;
    const text = firstText(around, node);
    if (text !== null) return text;
  }
  return null;
}

function hasOthers(around: UiNode, node: UiNode): boolean {
  return around.children.some((child) => !isInside(node, child) && (takesTaps(child) || hasOthers(child, node)));
}

function firstText(node: UiNode, except: UiNode): string | null {
  for (const child of node.children) {
    if (child === except) continue;
    const text = textOf(child) ?? firstText(child, except);
    if (text !== null) return text;
  }
  return null;
}

export function withinOf(node: UiNode): string | null {
  for (let at = node.parent; at; at = at.parent) if (at.id !== "") return at.id;
  return null;
}

/** Those that could be taken for it by the strongest thing that it has. */
export function alike(
  tree: UiTree,
  like: Pick<AimedElement, "package" | "resourceId" | "class" | "within">,
  words: Words,
): UiNode[] {
  const all = tree.nodes.filter((node) => node.package === like.package && !isEmpty(node.bounds));
  if (like.resourceId !== null) return all.filter(({ id }) => id === like.resourceId);
  if (words.descriptions) return all.filter((node) => says(words.descriptions, descriptionOf(node)));
  if (words.texts) return all.filter((node) => says(words.texts, textOf(node)));
  return all.filter((node) => node.class === like.class && withinOf(node) === like.within);
}

/** What it may say on this phone; undefined: it says nothing. */
export interface Words {
  readonly descriptions: readonly string[] | undefined;
  readonly texts: readonly string[] | undefined;
  readonly nears: readonly string[] | undefined;
}

export function wordsFor(element: AimedElement, translate: Translate): Words {
  const { description, text, near, descriptionNames, textNames } = element;
  return {
    descriptions: description === null ? undefined : translate(description, descriptionNames),
    texts: text === null ? undefined : translate(text, textNames),
    nears: text !== null || near === null ? undefined : translate(near, textNames),
  };
}

/** What was aimed at on the leader. */
export function findElement(tree: UiTree, element: AimedElement, translate: Translate): Found {
  const words = wordsFor(element, translate);
  const candidates = alike(tree, element, words);
  if (candidates.length === 0) return findByWords(tree, element, words);
  const [only] = candidates;
  if (only && candidates.length === 1 && element.of === 1) return { found: "one", node: only };
  const fitting = narrowed(candidates, element, words);
  if (fitting.length === 1 && fitting[0]) return { found: "one", node: fitting[0] };
  if (fitting.length === 0) return NONE;
  // As many as on the leader: then it is the same one of them, if it also fits.
  const same = candidates.length === element.of ? candidates[element.index] : undefined;
  if (same && fitting.includes(same)) return { found: "one", node: same };
  return { found: "several", count: fitting.length };
}

/** Of several alike, those that say what it says. What is not said anywhere is not narrowed by. */
function narrowed(candidates: readonly UiNode[], element: AimedElement, words: Words): UiNode[] {
  let left = [...candidates];
  if (words.descriptions) left = left.filter((node) => says(words.descriptions, descriptionOf(node)));
  if (words.texts) left = left.filter((node) => says(words.texts, textOf(node)));
  if (words.nears) left = left.filter((node) => says(words.nears, nearOf(node)));
  // A row is meant, not a part of it that is built alike.
  const isOfKind = (node: UiNode) => node.class === element.class;
  const isWithin = (node: UiNode) => withinOf(node) === element.within;
  for (const fits of [takesTaps, isOfKind, isWithin]) {
    const closer = left.filter(fits);
    if (closer.length > 0) left = closer;
  }
  return left;
}

/** Its id is not there: another version may call it otherwise. Only one of its kind that says the same is taken for it. */
function findByWords(tree: UiTree, element: AimedElement, words: Words): Found {
  const { descriptions, texts } = words;
  if (element.resourceId === null || (!descriptions && !texts)) return NONE;
  const found = tree.nodes.filter(
    (node) =>
      node.package === element.package &&
      node.class === element.class &&
      !isEmpty(node.bounds) &&
      (!descriptions || says(descriptions, descriptionOf(node))) &&
      (!texts || says(texts, textOf(node))),
  );
  const [node] = found;
  if (!node) return NONE;
  return found.length === 1 ? { found: "one", node } : { found: "several", count: found.length };
}

/** What a selector names. `translate` is asked without names: it finds them. */
export function findSelected(tree: UiTree, selector: Selector, translate: Translate): Found {
  const { id, description, text, index } = selector;
  const texts = text === undefined ? undefined : translate(text, []);
  const descriptions = description === undefined ? undefined : translate(description, []);
  const named = tree.nodes.filter(
    (node) =>
      !isEmpty(node.bounds) &&
      (id === undefined || node.id === id || node.id.endsWith(`:id/${id}`)) &&
      (selector.class === undefined || node.class === selector.class || node.class.endsWith(`.${selector.class}`)) &&
      (!descriptions || says(descriptions, node.description)),
  );
  const saying = texts ? named.filter((node) => says(texts, node.text)) : named;
  // As in Maestro's flows, a text may be a description: where nothing says it, and no description is asked for.
  const found = texts && saying.length === 0 && !descriptions ? named.filter((node) => says(texts, node.description)) : saying;
  if (index !== undefined) return found[index] ? { found: "one", node: found[index] } : NONE;
  // A row and its title may both be called so: then it is the inner one that was named.
  const inner = found.filter((node) => !found.some((other) => other !== node && isInside(other, node)));
  const [node] = inner;
  if (!node) return NONE;
  return inner.length === 1 ? { found: "one", node } : { found: "several", count: inner.length };
}

/** Where to touch it: at this part of it, else where nothing lies over it; undefined: it is covered. */
export function touchable(tree: UiTree, node: UiNode, at: Place): Place | undefined {
  const { left, top, right, bottom } = node.bounds;
  const parts = [at, { x: 0.5, y: 0.5 }, ...[0.15, 0.5, 0.85].flatMap((y) => [0.15, 0.5, 0.85].map((x) => ({ x, y })))];
  for (const part of parts) {
    const x = Math.min(right - 1, Math.floor(left + part.x * (right - left)));
    const y = Math.min(bottom - 1, Math.floor(top + part.y * (bottom - top)));
    const first = hit(tree.roots, x, y);
    if (first && isInside(first, node)) return { x, y };
  }
  return undefined;
}

/** The list to scroll for it: the one it was in, else the largest there is. */
export function scrollableFor(tree: UiTree, within: string | null): UiNode | undefined {
  const lists = tree.nodes.filter(({ scrollable, bounds }) => scrollable && !isEmpty(bounds));
  const named = lists.filter(({ id }) => within !== null && id === within);
  return (named.length > 0 ? named : lists).reduce<UiNode | undefined>(
    (best, node) => (!best || area(node.bounds) > area(best.bounds) ? node : best),
    undefined,
  );
}

export function isInside(node: UiNode, outer: UiNode): boolean {
  for (let at: UiNode | null = node; at; at = at.parent) if (at === outer) return true;
  return false;
}

const KINDS: readonly (readonly [RegExp, string])[] = [
  [/(Button|Chip)$/, "button"],
  [FIELD, "field"],
  [/(Switch|SwitchCompat|ToggleButton)$/, "switch"],
  [/CheckBox$/, "box"],
  [/ImageView$/, "picture"],
  [/TextView$/, "text"],
];

/** For people: `button "Save" (id/save)`. */
export function wordsOf(node: UiNode): string {
  const kind = KINDS.find(([pattern]) => pattern.test(node.class))?.[1] ?? "element";
  const label = textOf(node) ?? descriptionOf(node) ?? nearOf(node);
  const id = node.id === "" ? "" : ` (${node.id.replace(/^.*:/, "")})`;
  return `${kind}${label === null ? "" : ` “${label.slice(0, 120)}”`}${id}`.slice(0, 300);
}

function says(wanted: readonly string[] | undefined, text: string | null): boolean {
  if (text === null || !wanted) return false;
  const plain = plainText(text);
  return wanted.some((one) => plainText(one) === plain);
}

/** Capitals are a matter of a button's style. */
export function plainText(text: string): string {
  return text.trim().replace(/\s+/g, " ").toLocaleLowerCase();
}

function area({ left, top, right, bottom }: Bounds): number {
  return (right - left) * (bottom - top);
}
