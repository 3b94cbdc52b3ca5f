/** Finds elements: the server's five strategies over a snapshot. */
import type { Phone } from "../phone/phone.js";
import { runScrollable } from "./scrollable.js";
import { selectorOf } from "./selector-criteria.js";
import { badArgument, ServerError } from "./server-error.js";
import type { ServerSettings } from "./settings.js";
import { type AxNode, type Snapshot, takeSnapshot, walkNodes } from "./snapshot.js";
import { parseExpressions } from "./ui-expression.js";
import { ANY, selectNodes, type UiSelector } from "./ui-selector.js";
import { selectByXpath } from "./xpath.js";

/** Each strategy with the name that the server's messages give it. */
const STRATEGIES = {
  id: "id",
  xpath: "xpath",
  "accessibility id": "accessibilityId",
  "class name": "clazz",
  "-android uiautomator": "AndroidUiAutomator",
} as const;
type Strategy = keyof typeof STRATEGIES;

export interface Locator {
  readonly strategy: Strategy;
  readonly name: (typeof STRATEGIES)[Strategy];
  readonly selector: string;
}

/** @throws ServerError "invalid selector" for a strategy the server does not have. */
export function locatorOf(strategy: string, selector: string): Locator {
  if (!Object.hasOwn(STRATEGIES, strategy)) {
    const names = Object.keys(STRATEGIES).join(", ");
    throw new ServerError(
      "invalid selector",
      `Selector strategy '${strategy}' is not supported. Only the following selector strategies are supported: [${names}]`,
    );
  }
  const known = strategy as Strategy;
  return { strategy: known, name: STRATEGIES[known], selector };
}

export interface SearchAround {
  readonly phone: Phone;
  readonly settings: ServerSettings;
  /** Whose ids may go without their package. */
  readonly appPackage: string | undefined;
  readonly signal: AbortSignal;
}

/** Everything the locator means, in the tree's order. @param context below which is searched; undefined: everywhere. @throws ServerError */
export async function findAll(locator: Locator, context: AxNode | undefined, around: SearchAround): Promise<AxNode[]> {
  const { phone, settings } = around;
  if (locator.strategy === "-android uiautomator") return findByUiAutomator(locator.selector, context, around);
  const snapshot = takeSnapshot(phone, { allWindows: settings.on("enableMultiWindows") });
  if (locator.strategy === "xpath") {
    const scope = settings.on("limitXPathContextScope") ? context : undefined;
    return selectByXpath(locator.selector, { snapshot, context: scope, phone });
  }
  const wanted = criterion(locator, snapshot, around);
  return [...walkNodes(context ? context.children : snapshot.roots)].filter(wanted);
}

function criterion({ strategy, selector }: Locator, snapshot: Snapshot, around: SearchAround): (node: AxNode) => boolean {
  if (strategy === "accessibility id") return ({ facts }) => facts.contentDescription === selector;
  if (strategy === "class name") return ({ facts }) => facts.className === selector;
  const whole = selector.includes(":") || around.settings.on("disableIdLocatorAutocompletion");
  const owner = around.appPackage ?? snapshot.roots[0]?.facts.packageName ?? "";
  const id = whole ? selector : `${owner}:id/${selector}`;
  return ({ facts }) => facts.resourceId === id;
}

/** What `scroll_to` may look for, as a UiSelector. @throws ServerError for the other strategies. */
export function scrollTarget({ strategy, selector }: Locator): UiSelector {
  if (strategy === "accessibility id") return { ...ANY, criteria: [({ facts }) => facts.contentDescription === selector] };
  if (strategy === "class name") return { ...ANY, criteria: [({ facts }) => facts.className === selector] };
  const [expression] = strategy === "-android uiautomator" ? parseExpressions(selector) : [];
  if (expression) return selectorOf(expression, selector);
  throw badArgument(
    `Unsupported strategy: '${strategy}'. The only supported strategies are: [accessibility id, class name, -android uiautomator].`,
  );
}

async function findByUiAutomator(text: string, context: AxNode | undefined, around: SearchAround): Promise<AxNode[]> {
  const found = new Set<AxNode>();
  for (const expression of parseExpressions(text)) {
    const selector =
      expression.className === "UiScrollable"
        ? await runScrollable(expression, { phone: around.phone, signal: around.signal, whole: text })
        : selectorOf(expression, text);
    const roots = context ? context.children : takeSnapshot(around.phone, { allWindows: false }).roots;
    for (const node of selectNodes(selector, roots)) found.add(node);
  }
  return [...found];
}
