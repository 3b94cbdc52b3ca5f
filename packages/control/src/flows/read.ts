/**
 * A Maestro flow as steps of a group: the common commands, with the meaning that Maestro gives them. What cannot be replayed is refused by
 * name and line before anything is done, never left out.
 */
import { type GroupStep, PhonerackError, Selector, type StepPoint } from "@phonerack/contract/bus";
import { isMap, isScalar, type Node } from "yaml";
import { hasScript, keyOf, literalOf, untypedOf } from "./names.js";
import { FlowFile } from "./nodes.js";

export interface FlowCommand {
  readonly line: number;
  /** As it is called in the flow. */
  readonly name: string;
  /** One after the other; none where there is only to wait. */
  readonly steps: readonly GroupStep[];
  /** Whoever fails at it goes on nevertheless. */
  readonly optional: boolean;
}

export interface ReadFlow {
  readonly appId: string;
  readonly commands: readonly FlowCommand[];
  /** Something is found by what it is called: a group that aims by point cannot. */
  readonly namesElements: boolean;
}

interface Screen {
  readonly width: number;
  readonly height: number;
}

const MOST_COMMANDS = 1_000;
const MOST_REPEATS = 50;
const ASSERT_MS = 5_000;
const SWIPE_MS = 400;
/** Fields that change nothing of what is done: names, and how long Maestro itself waits. */
const HARMLESS = ["label", "optional", "retryTapIfNoChange", "waitUntilVisible", "waitToSettleTimeoutMs"];
/** Commands that say nothing by themselves. */
const WANTING = new Set([
  "tapOn",
  "doubleTapOn",
  "longPressOn",
  "inputText",
  "setClipboard",
  "swipe",
  "pressKey",
  "openLink",
  "assertVisible",
  "assertNotVisible",
  "extendedWaitUntil",
]);
const ELEMENT = ["text", "id", "index"];
/** Where Maestro's own swipes begin and end, in percent. */
const DIRECTIONS: Record<string, readonly [number, number, number, number]> = {
  UP: [50, 50, 50, 10],
  DOWN: [50, 20, 50, 90],
  RIGHT: [10, 50, 90, 50],
  LEFT: [90, 50, 10, 50],
};

/** `screen`: on which places in pixels are meant. Throws `flow_invalid`, with the line. */
export function readFlow(yaml: string, screen: Screen): ReadFlow {
  const file = new FlowFile(yaml);
  const appId = appOf(file);
  if (file.commands.length > MOST_COMMANDS)
    throw new PhonerackError("flow_invalid", `it has more than ${MOST_COMMANDS} commands`);
  const reader = new Reader(file, { appId, screen });
  const commands = file.commands.map((node) => reader.read(node));
  const namesElements = commands.some(({ steps }) => steps.some((step) => "at" in step && !("x" in step.at)));
  return { appId, commands, namesElements };
}

function appOf(file: FlowFile): string {
  for (const { key } of file.config.items) {
    const name = isScalar(key) ? String(key.value) : "";
    if (["url", "onFlowStart", "onFlowComplete"].includes(name))
      throw file.wrong(key as Node, `'${name}' cannot be replayed here`);
  }
  const appId = file.config.get("appId");
  if (typeof appId !== "string") throw new PhonerackError("flow_invalid", "line 1: the first part names the app: appId: …");
  return appId;
}

class Reader {
  readonly #file: FlowFile;
  readonly #appId: string;
  readonly #screen: Screen;
  #clipboard: string | undefined;

  constructor(file: FlowFile, { appId, screen }: { appId: string; screen: Screen }) {
    this.#file = file;
    this.#appId = appId;
    this.#screen = screen;
  }

  read(node: Node): FlowCommand {
    const { name, value } = this.#file.command(node);
    return { line: this.#file.lineOf(node), name, steps: this.#steps(name, { node, value }), optional: this.#isOptional(value) };
  }

  #steps(name: string, { node, value }: { node: Node; value: Node | null }): GroupStep[] {
    const file = this.#file;
    if (value === null && WANTING.has(name)) throw file.wrong(node, `${name} wants a text or fields`);
    const given = value ?? node;
    switch (name) {
      case "launchApp":
        return this.#launch(value);
      case "stopApp":
      case "killApp":
        return [{ type: "stop", package: value ? this.#either(value, { where: name, field: "appId" }) : this.#appId }];
      case "tapOn":
      case "doubleTapOn":
      case "longPressOn":
        return this.#taps(name, given);
      case "inputText":
        return [{ type: "text", text: this.#typed(given, { where: name, field: "text" }) }];
      case "setClipboard":
        this.#clipboard = this.#typed(given, { where: name, field: "text" });
        return [];
      case "pasteText":
        if (this.#clipboard === undefined) throw file.wrong(node, "pasteText: put a text there first, with setClipboard");
        return [{ type: "paste", text: this.#clipboard }];
      case "eraseText":
        return [{ type: "clear" }];
      case "swipe":
        return [this.#swipe(given)];
      case "scroll":
        return [this.#direction("UP", SWIPE_MS)];
      case "pressKey":
        return [this.#key(given)];
      case "back":
      case "hideKeyboard":
      case "hide keyboard":
        return [{ type: "key", key: "BACK" }];
      case "openLink":
        return [{ type: "link", url: this.#typed(given, { where: name, field: "link" }) }];
      case "assertVisible":
      case "assertNotVisible":
        return [{ type: "assert", at: this.#selector(given, name), visible: name === "assertVisible", ms: ASSERT_MS }];
      case "extendedWaitUntil":
        return [this.#waitUntil(given)];
      case "waitForAnimationToEnd":
        return [];
      default:
        throw file.wrong(node, `the command '${name}' cannot be replayed here`);
    }
  }

  #isOptional(value: Node | null): boolean {
    if (!isMap(value)) return false;
    const optional = value.get("optional", true);
    return optional !== undefined && this.#file.flag(optional as Node, "optional");
  }

  /** Unless it is said otherwise Maestro stops an app before it starts it. */
  #launch(value: Node | null): GroupStep[] {
    if (value === null) return this.#started(this.#appId, true);
    if (isScalar(value)) return this.#started(this.#text(value, "launchApp"), true);
    const known = ["appId", "stopApp", "clearState", "clearKeychain", "label", "optional"];
    const fields = this.#file.fields(value, known, "launchApp");
    for (const name of ["clearState", "clearKeychain"]) {
      if (fields.has(name) && this.#file.flag(fields.get(name), name))
        throw this.#file.wrong(value, `launchApp: '${name}' cannot be replayed here`);
    }
    const app = fields.has("appId") ? this.#text(fields.get("appId"), "appId") : this.#appId;
    return this.#started(app, fields.has("stopApp") ? this.#file.flag(fields.get("stopApp"), "stopApp") : true);
  }

  #started(app: string, stopFirst: boolean): GroupStep[] {
    const launch = { type: "launch" as const, package: app };
    return stopFirst ? [{ type: "stop", package: app }, launch] : [launch];
  }

  #taps(name: "tapOn" | "doubleTapOn" | "longPressOn", value: Node): GroupStep[] {
    const file = this.#file;
    const fields = isScalar(value) ? undefined : file.fields(value, [...ELEMENT, ...HARMLESS, "point", "repeat", "delay"], name);
    const repeat = fields?.has("repeat") ? file.number(fields.get("repeat"), "repeat") : 1;
    if (repeat > MOST_REPEATS) throw file.wrong(value, `${name}: at most ${MOST_REPEATS} repeats`);
    const at = fields?.has("point") ? this.#onlyPoint(value, fields) : this.#selector(value, name, ["repeat", "delay"]);
    const step: GroupStep =
      name === "tapOn"
        ? { type: "tap", at }
        : name === "doubleTapOn"
          ? { type: "doubleTap", at }
          : { type: "longPress", at, ms: 1_000 };
    return Array.from({ length: Math.max(1, repeat) }, () => step);
  }

  #onlyPoint(value: Node, fields: ReadonlyMap<string, Node | null>): StepPoint {
    if (ELEMENT.some((name) => fields.has(name)))
      throw this.#file.wrong(value, "a point within an element cannot be replayed here");
    return this.#point(fields.get("point"), "point");
  }

  #selector(value: Node, where: string, more: readonly string[] = []): Selector {
    const file = this.#file;
    if (isScalar(value)) return this.#checked(value, { text: this.#literal(value, where) });
    const fields = file.fields(value, [...ELEMENT, ...HARMLESS, ...more], where);
    return this.#checked(value, {
      ...(fields.has("id") && { id: this.#literal(fields.get("id"), "id") }),
      ...(fields.has("text") && { text: this.#literal(fields.get("text"), "text") }),
      ...(fields.has("index") && { index: file.number(fields.get("index"), "index") }),
    });
  }

  #checked(node: Node, selector: Selector): Selector {
    const checked = Selector.safeParse(selector);
    if (checked.success) return checked.data;
    throw this.#file.wrong(node, "name an element by text or id, at most 1000 characters each");
  }

  #literal(node: Node | null | undefined, where: string): string {
    const pattern = this.#text(node, where);
    const literal = literalOf(pattern);
    if (literal === undefined)
      throw this.#file.wrong(
        node,
        `${where}: '${pattern.slice(0, 60)}' stands for many texts; only whole texts are looked for here`,
      );
    return literal;
  }

  #swipe(value: Node): GroupStep {
    const file = this.#file;
    const fields = file.fields(value, ["direction", "start", "end", "duration", ...HARMLESS], "swipe");
    const ms = fields.has("duration") ? Math.min(10_000, file.number(fields.get("duration"), "duration")) : SWIPE_MS;
    if (fields.has("direction"))
      return this.#direction(this.#text(fields.get("direction"), "direction").toUpperCase(), ms, value);
    const from = this.#point(fields.get("start") ?? value, "start");
    return { type: "swipe", from, to: this.#point(fields.get("end") ?? value, "end"), ms };
  }

  #direction(direction: string, ms: number, node?: Node): GroupStep {
    const places = DIRECTIONS[direction];
    if (!places) throw this.#file.wrong(node, "swipe: a direction is UP, DOWN, LEFT or RIGHT");
    const [x, y, toX, toY] = places;
    return { type: "swipe", from: { x, y, width: 100, height: 100 }, to: { x: toX, y: toY, width: 100, height: 100 }, ms };
  }

  #point(node: Node | null | undefined, where: string): StepPoint {
    const text = this.#text(node, where);
    const [, x, percent, y] = /^\s*(\d{1,5})(%?)\s*,\s*(\d{1,5})\2\s*$/.exec(text) ?? [];
    const size = percent === "%" ? { width: 100, height: 100 } : this.#screen;
    const place = { x: Number(x), y: Number(y), width: size.width, height: size.height };
    if (place.x <= place.width && place.y <= place.height) return place;
    throw this.#file.wrong(node, `${where}: '${text.slice(0, 40)}' is no place like 50%,50% on the screen`);
  }

  #key(value: Node): GroupStep {
    const name = this.#either(value, { where: "pressKey", field: "key" });
    const key = keyOf(name);
    if (key === undefined) throw this.#file.wrong(value, `pressKey: the key '${name.slice(0, 40)}' cannot be pressed here`);
    return { type: "key", key };
  }

  #waitUntil(value: Node): GroupStep {
    const fields = this.#file.fields(value, ["visible", "notVisible", "timeout", "label", "optional"], "extendedWaitUntil");
    const name = fields.has("visible") ? "visible" : "notVisible";
    const ms = fields.has("timeout") ? Math.min(30_000, this.#file.number(fields.get("timeout"), "timeout")) : ASSERT_MS;
    return { type: "assert", at: this.#selector(fields.get(name) ?? value, name), visible: name === "visible", ms };
  }

  /** A text by itself or in a field. */
  #either(value: Node, { where, field }: { where: string; field: string }): string {
    if (isScalar(value)) return this.#text(value, where);
    return this.#text(this.#file.fields(value, [field, ...HARMLESS], where).get(field) ?? value, field);
  }

  #typed(value: Node, { where, field }: { where: string; field: string }): string {
    const text = untypedOf(this.#either(value, { where, field }));
    const most = where === "openLink" ? 2_000 : 10_000;
    if (text.length >= 1 && text.length <= most) return text;
    throw this.#file.wrong(value, `${where} takes 1 to ${most} characters`);
  }

  #text(node: Node | null | undefined, where: string): string {
    const text = this.#file.text(node, where);
    if (hasScript(text)) throw this.#file.wrong(node, `${where}: scripts and variables (\${…}) cannot be replayed here`);
    return text;
  }
}
