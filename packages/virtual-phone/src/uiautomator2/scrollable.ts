/** UiScrollable: moves a list by swiping over it until something shows, or to its ends, as UiAutomator does. */
import type { Phone } from "../phone/phone.js";
import { ScrollView } from "../views/scroll-view.js";
import { moveFingers } from "./finger.js";
import { selectorOf } from "./selector-criteria.js";
import { noSuchElement } from "./server-error.js";
import { type AxNode, takeSnapshot } from "./snapshot.js";
import { type Argument, type Expression, type MethodCall, syntaxError } from "./ui-expression.js";
import { ANY, meets, selectNodes, type UiSelector } from "./ui-selector.js";

/** UiScrollable's own: swipes of a search, and the part at each end of the list that no swipe begins in. */
const MAX_SWIPES = 30;
const DEAD_ZONE = 0.1;
const MOVE_MS = 60;
/** The finger rests before it is lifted, so that the list does not fling on. */
const REST_MS = 120;

export interface ScrollAround {
  readonly phone: Phone;
  readonly signal: AbortSignal;
  /** The whole locator, for error messages. */
  readonly whole: string;
}

/** Runs the calls of `new UiScrollable(…)…`. @returns what the locator then means. @throws ServerError */
export async function runScrollable(expression: Expression, around: ScrollAround): Promise<UiSelector> {
  const [first] = expression.args;
  if (typeof first !== "object") throw syntaxError(around.whole, "UiScrollable has no suitable constructor with arguments []");
  const list = new ScrollSearch(selectorOf(first, around.whole), around);
  let meant = list.container;
  for (const call of expression.calls) meant = (await list.call(call)) ?? meant;
  return meant;
}

/** Scrolls the first list that can be scrolled until something shows. @throws ServerError "no such element" where it never does. */
export async function scrollTo(
  wanted: UiSelector,
  { maxSwipes, ...around }: ScrollAround & { maxSwipes: number | undefined },
): Promise<void> {
  const list = new ScrollSearch({ ...ANY, criteria: [({ facts }) => facts.scrollable] }, around);
  if (maxSwipes !== undefined) await list.call({ name: "setMaxSearchSwipes", args: [maxSwipes] });
  if (!(await list.reaches(wanted))) throw noSuchElement();
}

class ScrollSearch {
  readonly container: UiSelector;
  readonly #around: ScrollAround;
  #maxSwipes = MAX_SWIPES;

  constructor(container: UiSelector, around: ScrollAround) {
    this.container = container;
    this.#around = around;
  }

  /** @returns the selector that the call's result stands for, where it has one. */
  async call({ name, args }: MethodCall): Promise<UiSelector | undefined> {
    const [first, second] = args;
    switch (name) {
      case "scrollIntoView":
        return this.#into(this.#selector(first, name));
      case "scrollTextIntoView":
        return this.#into(byFact("text", this.#text(first, name)));
      case "scrollDescriptionIntoView":
        return this.#into(byFact("contentDescription", this.#text(first, name)));
      case "getChildByText":
        await this.#into(byFact("text", this.#text(second, name)));
        return { ...this.container, child: this.#selector(first, name) };
      case "setMaxSearchSwipes":
        this.#maxSwipes = typeof first === "number" ? Math.max(0, Math.min(first, 100)) : MAX_SWIPES;
        return undefined;
      case "setAsVerticalList":
      case "setAsHorizontalList":
      case "setSwipeDeadZonePercentage":
        return undefined;
      case "scrollForward":
      case "flingForward":
        await this.#swipe(1);
        return undefined;
      case "scrollBackward":
      case "flingBackward":
        await this.#swipe(-1);
        return undefined;
      case "scrollToBeginning":
      case "flingToBeginning":
        return this.#toEnd(-1);
      case "scrollToEnd":
      case "flingToEnd":
        return this.#toEnd(1);
      default:
        throw syntaxError(this.#around.whole, `UiScrollable has no \`${name}\` method`);
    }
  }

  async reaches(wanted: UiSelector): Promise<boolean> {
    return this.#exists(await this.#into(wanted));
  }

  async #into(wanted: UiSelector): Promise<UiSelector> {
    if (this.#exists(wanted)) return wanted;
    await this.#toEnd(-1);
    for (let swipes = 0; swipes < this.#maxSwipes && !this.#exists(wanted); swipes++) if (!(await this.#swipe(1))) break;
    return wanted;
  }

  async #toEnd(direction: 1 | -1): Promise<undefined> {
    for (let swipes = 0; swipes < this.#maxSwipes; swipes++) if (!(await this.#swipe(direction))) return undefined;
    return undefined;
  }

  /** @returns false when it was at its end. */
  async #swipe(direction: 1 | -1): Promise<boolean> {
    const { phone, signal } = this.#around;
    const node = this.#container();
    const scroller = node?.view;
    if (!node || !(scroller instanceof ScrollView) || signal.aborted) return false;
    const before = scroller.offset;
    if (direction > 0 ? before >= scroller.range : before <= 0) return false;
    const { left, top, right, bottom } = node.facts.bounds;
    const [x, y] = [(left + right) / 2, (top + bottom) / 2];
    const reach = (scroller.horizontal ? right - left : bottom - top) * (0.5 - DEAD_ZONE) * direction;
    const [from, to] = scroller.horizontal
      ? [
          { x: x + reach, y },
          { x: x - reach, y },
        ]
      : [
          { x, y: y + reach },
          { x, y: y - reach },
        ];
    await moveFingers(
      phone,
      [
        {
          from,
          legs: [
            { to, ms: MOVE_MS },
            { to, ms: REST_MS },
          ],
        },
      ],
      signal,
    );
    return scroller.offset !== before;
  }

  #container(): AxNode | undefined {
    const { roots } = takeSnapshot(this.#around.phone, { allWindows: false });
    const found = selectNodes(this.container, roots);
    return found.find((node) => meets(this.container, node)) ?? found[0];
  }

  #exists(wanted: UiSelector): boolean {
    return selectNodes(wanted, takeSnapshot(this.#around.phone, { allWindows: false }).roots).length > 0;
  }

  #selector(argument: Argument | undefined, name: string): UiSelector {
    if (typeof argument === "object") return selectorOf(argument, this.#around.whole);
    throw this.#unsuitable(name);
  }

  #text(argument: Argument | undefined, name: string): string {
    if (typeof argument === "string") return argument;
    throw this.#unsuitable(name);
  }

  #unsuitable(name: string): Error {
    return syntaxError(this.#around.whole, `\`UiScrollable\` doesn't have suitable method \`${name}\` with these arguments`);
  }
}

function byFact(fact: "text" | "contentDescription", wanted: string): UiSelector {
  return { ...ANY, criteria: [({ facts }) => facts[fact] === wanted] };
}
