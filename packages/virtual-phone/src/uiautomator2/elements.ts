/**
 * The elements a session has found, by id. An id belongs to one view: the same view found again has the same id, and when it has left its
 * window the id is stale, as the server's ElementsCache has it.
 */
import type { Phone } from "../phone/phone.js";
import type { View } from "../views/view.js";
import type { Window } from "../views/window.js";
import type { Locator } from "./locators.js";
import { noSuchElement, ServerError } from "./server-error.js";
import { type AxNode, takeSnapshot, walkNodes } from "./snapshot.js";

interface Known {
  readonly view: View;
  readonly window: Window;
  /** By which it was found; undefined for the active element. */
  readonly locator: Locator | undefined;
  /** Found as one: the server would look for it again. */
  readonly single: boolean;
}

/** Elements kept; the longest unused is forgotten first. */
const MAX_ELEMENTS = 500;

/** Ids of views, for all sessions: accessibility's own are the view's too. */
const viewIds = new WeakMap<View, number>();
const windowIds = new WeakMap<Window, number>();
let nextId = 1;

function numberOf<Key extends object>(ids: WeakMap<Key, number>, key: Key): number {
  const known = ids.get(key) ?? nextId++;
  ids.set(key, known);
  return known;
}

/** A window's number, which is also in the ids of its elements. */
export function windowNumber(window: Window): number {
  return numberOf(windowIds, window);
}

/** The id of a node's view, made of its window and itself as AccessibilityNodeInfo's is. */
export function elementId({ window, view }: Pick<AxNode, "window" | "view">): string {
  const windowHex = windowNumber(window).toString(16).padStart(4, "0").slice(-4);
  return `00000000-0000-${windowHex}-ffff-ffff${numberOf(viewIds, view).toString(16).padStart(8, "0")}`;
}

export class Elements {
  readonly #phone: Phone;
  readonly #known = new Map<string, Known>();

  constructor(phone: Phone) {
    this.#phone = phone;
  }

  /** @returns its id. */
  add(node: AxNode, found: { readonly locator: Locator | undefined; readonly single: boolean }): string {
    const id = elementId(node);
    this.#known.delete(id);
    this.#known.set(id, { view: node.view, window: node.window, ...found });
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_ELEMENTS && oldest !== undefined) this.#known.delete(oldest);
    return id;
  }

  /** The element as it is now. What scrolled out of sight is still there, with what it said of itself. @throws ServerError */
  get(id: string): AxNode {
    const known = this.#known.get(id);
    if (!known) {
      throw noSuchElement(`The element identified by '${id}' is not present in the cache or has expired. Try to find it again`);
    }
    this.#known.delete(id);
    this.#known.set(id, known);
    const { ui } = this.#phone;
    ui.layout();
    if (known.view.host !== known.window || !ui.layers.includes(known.window) || !known.view.shown) throw stale(id, known);
    return this.#node(known) ?? hidden(known);
  }

  #node({ view }: Known): AxNode | undefined {
    for (const node of walkNodes(takeSnapshot(this.#phone, { allWindows: true }).roots)) if (node.view === view) return node;
    return undefined;
  }
}

/** A view that is there and shows nothing of itself: scrolled away. */
function hidden({ view, window }: Known): AxNode {
  const none = { left: 0, top: 0, right: 0, bottom: 0 };
  const facts = {
    index: 0,
    text: view.textValue,
    resourceId: view.id === undefined ? "" : view.id.includes(":") ? view.id : `${window.package}:id/${view.id}`,
    className: view.className,
    packageName: window.package,
    contentDescription: view.description,
    hint: view.hintValue,
    checkable: view.checkable,
    checked: view.checked,
    clickable: view.clickable,
    enabled: view.enabled,
    focusable: view.focusable,
    focused: view.focused,
    scrollable: view.scrollable,
    longClickable: view.onLongClick !== undefined,
    password: view.password,
    selected: view.selected,
    bounds: none,
    children: [],
  };
  return { facts, view, window, parent: undefined, children: [] };
}

function stale(id: string, { locator, single }: Known): ServerError {
  const by = locator && `By.${locator.name}: ${locator.selector}`;
  const message = !by
    ? `The element '${id}' does not exist in DOM anymore`
    : single
      ? `The element '${by}' does not exist in DOM anymore`
      : `Cached elements '${by}' do not exist in DOM anymore`;
  return new ServerError("stale element reference", message);
}
