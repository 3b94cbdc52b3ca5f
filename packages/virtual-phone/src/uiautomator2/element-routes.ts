/** Finding elements and what is asked of one. */
import { required, text } from "./body.js";
import type { Locator } from "./locators.js";
import type { Route, RouteCall } from "./route.js";
import { MESSAGE, noSuchElement, ServerError } from "./server-error.js";
import { type AxNode, takeSnapshot, walkNodes } from "./snapshot.js";
import { nodeAttributes } from "./source.js";

/** The server's names of attributes beside those of the page source. */
const ALIASES: Readonly<Record<string, string>> = {
  classname: "class",
  contentdescription: "content-desc",
  longclickable: "long-clickable",
  resourceid: "resource-id",
  importantforaccessibility: "a11y-important",
  screenreaderfocusable: "screen-reader-focusable",
  inputtype: "input-type",
  showinghinttext: "showing-hint",
  name: "text",
};
const ATTRIBUTES =
  "checkable,checked,{class,className},clickable,{content-desc,contentDescription},enabled,focusable,focused,{long-clickable,longClickable},package,password,{resource-id,resourceId},scrollable,selection-start,selection-end,selected,{text,name},hint,extras,bounds,displayed,contentSize";
/** Known, and not there where the value is none. */
const OPTIONAL = new Set([
  "content-desc",
  "resource-id",
  "hint",
  "selection-start",
  "selection-end",
  "extras",
  "contentsize",
  "input-type",
]);

function elementModel(call: RouteCall, node: AxNode, found: { locator: Locator | undefined; single: boolean }): object {
  const id = call.session.elements.add(node, found);
  return { ELEMENT: id, "element-6066-11e4-a52e-4f735466cecf": id };
}

function element({ session, path }: RouteCall): AxNode {
  return session.elements.get(path.id ?? "");
}

async function findOne(call: RouteCall): Promise<object> {
  await call.session.wait("find");
  const { nodes, locator } = await call.session.find(call.body, call.signal);
  const [node] = nodes;
  if (!node) throw noSuchElement();
  return elementModel(call, node, { locator, single: true });
}

async function findMany(call: RouteCall): Promise<object[]> {
  await call.session.wait("find");
  const { nodes, locator } = await call.session.find(call.body, call.signal);
  return nodes.map((node) => elementModel(call, node, { locator, single: false }));
}

function active(call: RouteCall): AxNode {
  const { roots } = takeSnapshot(call.session.phone, { allWindows: false });
  for (const node of walkNodes(roots)) if (node.facts.focused) return node;
  throw noSuchElement();
}

/** @returns text, or null for what this element does not have. @throws ServerError for names nobody knows. */
export function attributeOf(node: AxNode, name: string, sdk: number): string | null {
  const small = name.toLowerCase();
  const wanted = ALIASES[small] ?? small;
  const { bounds } = node.facts;
  const shown = bounds.right > bounds.left && bounds.bottom > bounds.top;
  if (wanted === "displayed") return String(shown);
  const found = nodeAttributes(node, sdk).find(([known]) => known === wanted);
  if (found) return found[1];
  if (OPTIONAL.has(wanted)) return null;
  throw new ServerError(
    "unknown command",
    `'${name}' attribute is unknown for the element. Only the following attributes are supported: [${ATTRIBUTES}]`,
  );
}

function rectOf(node: AxNode): { x: number; y: number; width: number; height: number } {
  const { left, top, right, bottom } = node.facts.bounds;
  return { x: left, y: top, width: right - left, height: bottom - top };
}

async function screenshotOf(call: RouteCall): Promise<string> {
  const png = await call.host.screenshot(rectOf(element(call)));
  if (!png) throw new ServerError("unable to capture screen", MESSAGE.screenshot);
  return Buffer.from(png).toString("base64");
}

export const elementRoutes: readonly Route[] = [
  { method: "POST", path: "/element", handle: findOne },
  { method: "POST", path: "/elements", handle: findMany },
  {
    method: "GET",
    path: "/element/active",
    handle: (call) => elementModel(call, active(call), { locator: undefined, single: true }),
  },
  {
    method: "POST",
    path: "/element/:id/click",
    handle: async (call) => {
      await call.session.click(element(call), call.signal);
      return null;
    },
  },
  {
    method: "POST",
    path: "/element/:id/clear",
    handle: async (call) => {
      await call.session.wait("act");
      call.session.setText(element(call), "");
      return null;
    },
  },
  {
    method: "POST",
    path: "/element/:id/value",
    handle: async (call) => {
      await call.session.wait("act");
      call.session.type(element(call), call.body);
      return null;
    },
  },
  {
    method: "POST",
    path: "/keys",
    handle: async (call) => {
      await call.session.wait("act");
      required(text(call.body, "text"), "text");
      call.session.type(active(call), call.body);
      return null;
    },
  },
  { method: "GET", path: "/element/:id/text", handle: (call) => element(call).facts.text },
  { method: "GET", path: "/element/:id/name", handle: (call) => element(call).facts.contentDescription || null },
  {
    method: "GET",
    path: "/element/:id/attribute/:name",
    handle: (call) => attributeOf(element(call), call.path.name ?? "", call.session.phone.model.sdk),
  },
  { method: "GET", path: "/element/:id/rect", handle: (call) => rectOf(element(call)) },
  {
    method: "GET",
    path: "/element/:id/size",
    handle: (call) => {
      const { width, height } = rectOf(element(call));
      return { width, height };
    },
  },
  {
    method: "GET",
    path: "/element/:id/location",
    handle: (call) => {
      const { x, y } = rectOf(element(call));
      return { x, y };
    },
  },
  { method: "GET", path: "/element/:id/screenshot", handle: screenshotOf },
  { method: "GET", path: "/screenshot/:id", handle: screenshotOf },
  {
    method: "GET",
    path: "/appium/element/:id/first_visible",
    handle: (call) => {
      const [first] = element(call).children;
      if (!first) throw noSuchElement();
      return elementModel(call, first, { locator: undefined, single: true });
    },
  },
];
