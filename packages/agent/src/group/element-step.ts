/** Touches, or looks for, an element on one phone: found in its own hierarchy, scrolled to if need be, and never another one in its place. */
import { setTimeout as sleep } from "node:timers/promises";
import { type AimedElement, type GroupStep, PhonerackError, type Selector } from "@phonerack/contract/bus";
import type { Engine } from "./engine.js";
import { type Found, findElement, findSelected, scrollableFor, touchable, wordsOf } from "./find.js";
import { type Follower, isPoint, lookRefused } from "./follower.js";
import { swipe, type TouchStep, touchParts } from "./places.js";
import { play } from "./play.js";
import { type Answer, APPLIED, denied, type StepRun } from "./step-run.js";
import type { UiNode, UiTree } from "./tree.js";
import { verified } from "./verified.js";

/** What has been still for two looks is still. */
const STILL_MS = 80;
const STILL_WITHIN_MS = 1_500;
const MOST_SWIPES = 12;
const SWIPE_MS = 350;
const ASSERT_EVERY_MS = 150;
const CENTRE = { x: 0.5, y: 0.5 };

type Finder = (tree: UiTree) => Found;
interface Seen {
  readonly tree: UiTree;
  readonly node: UiNode;
}

/** undefined: it has answered. Fails with `engine_unavailable`, `step_refused` and the phone's errors. */
export async function touchElement(follower: Follower, run: StepRun, step: TouchStep): Promise<Answer | undefined> {
  const refusal = await lookRefused(follower);
  if (refusal) return denied(refusal);
  const engine = requireEngine(follower);
  const { element } = run.order;
  const selector = isPoint(step.at) ? undefined : step.at;
  if (!selector && !element) throw new PhonerackError("step_refused", "nothing was found at this place on the leader");
  const find = selector ? await selectorFinder(follower, selector) : await elementFinder(follower, element as AimedElement);
  const seen = await search({ follower, run, engine, within: element?.within ?? null }, find);
  if ("outcome" in seen) return seen;
  const place = touchable(seen.tree, seen.node, selector ? CENTRE : (element?.at ?? CENTRE));
  if (!place) return notFound("something lies over it");
  const words = wordsOf(seen.node);
  const act = async (): Promise<Answer> => ({ ...(await play(follower, run, touchParts(step, place))), element: words });
  return verified({ follower, run, before: seen.tree }, act);
}

export async function assertElement(
  follower: Follower,
  run: StepRun,
  step: Extract<GroupStep, { type: "assert" }>,
): Promise<Answer> {
  const engine = requireEngine(follower);
  const until = performance.now() + step.ms;
  for (;;) {
    const refusal = await lookRefused(follower);
    if (refusal) return denied(refusal);
    const find = await selectorFinder(follower, step.at);
    const isThere = find(await engine.tree()).found !== "none";
    if (isThere === step.visible) return APPLIED;
    if (performance.now() >= until || !run.isOpen(follower.phone.id))
      return notFound(step.visible ? "it is not on the screen" : "it is on the screen");
    await sleep(ASSERT_EVERY_MS);
  }
}

interface SearchParts {
  readonly follower: Follower;
  readonly run: StepRun;
  readonly engine: Engine;
  readonly within: string | null;
}

/** At once, then when the screen is still, then by scrolling: to the end, and back to the beginning. */
async function search(parts: SearchParts, find: Finder): Promise<Seen | Answer> {
  const { engine, run, follower } = parts;
  let tree = await (engine.restless ? still(engine) : engine.tree());
  let found = find(tree);
  if (found.found !== "one") {
    tree = await still(engine);
    found = find(tree);
  }
  for (const forward of [true, false]) {
    for (let count = 0; count < MOST_SWIPES && found.found === "none"; count++) {
      const list = scrollableFor(tree, parts.within);
      if (!list) break;
      if (!run.isOpen(follower.phone.id)) return late();
      const moved = await play(follower, run, swipeIn(list, forward));
      if (moved.outcome !== "delivered") return moved;
      const next = await still(engine);
      const isEnd = next.source === tree.source;
      tree = next;
      found = find(tree);
      if (isEnd) break;
    }
  }
  if (!run.isOpen(follower.phone.id)) return late();
  if (found.found === "one") return { tree, node: found.node };
  return notFound(found.found === "several" ? `ambiguous: ${found.count} look like it` : "it is not there, scrolled for too");
}

/** Slow enough not to fling far. */
function swipeIn({ bounds }: UiNode, forward: boolean) {
  const x = Math.round((bounds.left + bounds.right) / 2);
  const y = (part: number): number => Math.round(bounds.top + (bounds.bottom - bounds.top) * part);
  const [from, to] = forward ? [0.75, 0.25] : [0.25, 0.75];
  return swipe({ x, y: y(from) }, { x, y: y(to) }, SWIPE_MS);
}

async function still(engine: Engine): Promise<UiTree> {
  const until = performance.now() + STILL_WITHIN_MS;
  let before = await engine.tree();
  for (;;) {
    await sleep(STILL_MS);
    const now = await engine.tree();
    if (now.source === before.source || performance.now() > until) return now;
    before = now;
  }
}

async function elementFinder(follower: Follower, element: AimedElement): Promise<Finder> {
  const named = element.textNames.length > 0 || element.descriptionNames.length > 0;
  const texts = named ? await follower.strings.of(element.package) : null;
  const translate = (text: string, names: readonly string[]): readonly string[] => {
    const here = names.flatMap((name) => texts?.here.text(name) ?? []);
    return here.length > 0 ? here : [text];
  };
  return (tree) => findElement(tree, element, translate);
}

/** A selector's words may be in any language of the app in front. */
async function selectorFinder(follower: Follower, selector: Selector): Promise<Finder> {
  const name = follower.phone.report.foreground?.package;
  const words = selector.text ?? selector.description;
  const texts = name !== undefined && words !== undefined ? await follower.strings.of(name) : null;
  const translate = (text: string): readonly string[] => {
    const here = texts?.anywhere.names(text).flatMap((one) => texts.here.text(one) ?? []) ?? [];
    return [text, ...here];
  };
  return (tree) => findSelected(tree, selector, translate);
}

function requireEngine({ engine }: Follower): Engine {
  if (!engine) throw new PhonerackError("engine_unavailable", "this group aims by point");
  return engine;
}

function notFound(detail: string): Answer {
  return { outcome: "not-found", error: new PhonerackError("step_refused", detail).toJSON() };
}

function late(): Answer {
  return { outcome: "late", error: new PhonerackError("too_late").toJSON() };
}
