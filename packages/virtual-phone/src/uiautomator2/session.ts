/** One WebDriver session of the server: its settings, its elements, and what routes do with them. */
import { randomUUID } from "node:crypto";
import { centreOf } from "../phone/hierarchy.js";
import { pause } from "../phone/latency.js";
import type { Phone } from "../phone/phone.js";
import { EditText } from "../views/edit-text.js";
import { inputView } from "../views/input-view.js";
import { SeekBar } from "../views/switches.js";
import { type Body, isBody, object, required, text } from "./body.js";
import { Elements } from "./elements.js";
import { type FingerPath, moveFingers, type Point } from "./finger.js";
import { findAll, type Locator, locatorOf } from "./locators.js";
import { badArgument, ServerError } from "./server-error.js";
import { ServerSettings } from "./settings.js";
import type { AxNode } from "./snapshot.js";

/** The longest wait for an activity on its way, in milliseconds: the phone may have gone down meanwhile. */
const IDLE_MS = 2000;

/** What routes need of the phone around. */
export interface ServerHost {
  readonly phone: Phone;
  /** The screen, or a part of it, as a PNG; undefined when a window forbids capture. */
  readonly screenshot: (part?: { x: number; y: number; width: number; height: number }) => Promise<Uint8Array | undefined>;
  /** Of the installed server package. */
  readonly version: { readonly name: string; readonly code: number };
  /** The session was deleted: the server ends, as it does on a phone. */
  readonly ended: () => void;
}

export class Session {
  readonly id = randomUUID();
  readonly phone: Phone;
  readonly settings = new ServerSettings();
  readonly elements: Elements;
  readonly capabilities: Body;

  constructor(phone: Phone, capabilities: Body) {
    this.phone = phone;
    this.capabilities = capabilities;
    this.elements = new Elements(phone);
  }

  /** Everything that a find request means. @throws ServerError */
  async find(body: Body, signal: AbortSignal): Promise<{ nodes: AxNode[]; locator: Locator }> {
    const locator = locatorOf(required(text(body, "strategy"), "strategy"), required(text(body, "selector"), "selector"));
    const contextId = text(body, "context");
    const context = contextId ? this.elements.get(contextId) : undefined;
    const appPackage = this.capabilities.appPackage;
    const { phone, settings } = this;
    const around = { phone, settings, appPackage: typeof appPackage === "string" ? appPackage : undefined, signal };
    return { nodes: await findAll(locator, context, around), locator };
  }

  /** Waits as long as a phone takes for it, and until the screen is idle, as the server does before and after what it does. */
  async wait(kind: "source" | "find" | "act"): Promise<void> {
    const [least, most] = this.phone.latency.uiautomator[kind];
    if (most > 0) await pause(this.phone.clock, this.phone.random.between(least, most));
    await this.#idle();
  }

  #idle(): Promise<void> {
    const { activities, clock } = this.phone;
    if (!activities.switching) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        stop();
        cancel();
        resolve();
      };
      const stop = activities.changes.add(() => !activities.switching && done());
      const cancel = clock.after(IDLE_MS, done);
    });
  }

  /** @throws ServerError "invalid element state" for what does not show. */
  centre(node: AxNode): Point {
    const { bounds } = node.facts;
    if (bounds.right <= bounds.left || bounds.bottom <= bounds.top)
      throw new ServerError("invalid element state", "The element has no size: it cannot be clicked where it is now");
    return centreOf(bounds);
  }

  async click(node: AxNode, signal: AbortSignal): Promise<void> {
    await this.move([{ from: this.centre(node), legs: [] }], signal);
  }

  async move(paths: readonly FingerPath[], signal: AbortSignal): Promise<void> {
    this.mustInject();
    await moveFingers(this.phone, paths, signal);
    await this.wait("act");
  }

  /** @throws ServerError where the phone refuses injected input. */
  mustInject(): void {
    const { refusal } = this.phone.input;
    if (refusal !== null) throw new ServerError("unknown error", `java.lang.SecurityException: ${refusal}`);
  }

  /** ACTION_SET_TEXT: no key is pressed, yet the phone's own record counts it as text that came in. @throws ServerError */
  setText(node: AxNode, value: string): void {
    const { view, window } = node;
    if (!(view instanceof EditText) || !view.enabled) {
      throw new ServerError(
        "invalid element state",
        `Cannot set the element to '${value}'. Did you interact with the correct element?`,
      );
    }
    this.phone.inputRecord.text(window, value, inputView(view, window.package));
    view.text = value;
  }

  /** What `/value` and `/keys` do: the text is added to what is there, or put in its place. @throws ServerError */
  type(node: AxNode, body: Body): void {
    const wanted = required(text(body, "text"), "text");
    if (node.view instanceof SeekBar) return this.#slide(node.view, wanted);
    const enter = wanted.endsWith("\\n");
    const added = enter ? wanted.slice(0, -2) : wanted;
    const old = body.replace === true || !(node.view instanceof EditText) ? "" : node.view.text;
    this.setText(node, old + added);
    if (enter) this.phone.input.press(66);
  }

  #slide(bar: SeekBar, wanted: string): void {
    const value = Number(wanted);
    if (!Number.isFinite(value)) throw badArgument(`Cannot convert '${wanted}' to float`);
    bar.moveTo(value / 100);
  }
}

/** Capabilities as W3C sends them: what must match, with the first choice over it. @throws ServerError */
export function capabilitiesOf(body: Body): Body {
  const wanted = object(body, "capabilities");
  if (!wanted) throw new ServerError("session not created", "'capabilities' are mandatory for session creation");
  const first = Array.isArray(wanted.firstMatch) ? wanted.firstMatch.find(isBody) : undefined;
  const merged = { ...object(wanted, "alwaysMatch"), ...first };
  return Object.fromEntries(Object.entries(merged).map(([name, value]) => [name.replace(/^appium:/, ""), value]));
}
