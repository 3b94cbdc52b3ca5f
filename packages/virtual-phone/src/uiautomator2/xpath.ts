/** XPath over the page source. The `xpath` package knows 1.0; the functions of 2.0 that people write with Appium are added to it. */
import { createRequire } from "node:module";
import { DOMImplementation, type Element } from "@xmldom/xmldom";
import type { Phone } from "../phone/phone.js";
import { ServerError } from "./server-error.js";
import type { AxNode, Snapshot } from "./snapshot.js";
import { nodeAttributes, rootAttributes, safeText, tagName } from "./source.js";

/** What is used of the package. Its own types lack `parse` and bring the browser's globals into all of this package. */
interface XpathPackage {
  parse(expression: string): Parsed;
}
interface Parsed {
  evaluate(options: { node: unknown; functions: typeof FUNCTIONS }): { readonly toArray?: () => unknown[] };
}
const xpath = createRequire(import.meta.url)("xpath") as XpathPackage;

const MAX_LENGTH = 5000;
/** Parsed expressions, shared by all phones: a group asks many of them the same. */
const parsed = new Map<string, Parsed>();
const MAX_PARSED = 200;

/**
 * @param context the element below which is searched; undefined: everywhere.
 * @throws ServerError "invalid selector"
 */
export function selectByXpath(
  expression: string,
  { snapshot, context, phone }: { snapshot: Snapshot; context: AxNode | undefined; phone: Phone },
): AxNode[] {
  const nodes = new Map<unknown, AxNode>();
  const document = new DOMImplementation().createDocument(null, "", null);
  const make = (node: AxNode): Element => {
    const element = document.createElement(tagName(node.facts.className));
    for (const [name, value] of nodeAttributes(node, phone.model.sdk)) element.setAttribute(name, safeText(value));
    for (const child of node.children) element.appendChild(make(child));
    nodes.set(element, node);
    return element;
  };
  if (context) document.appendChild(make(context));
  else {
    const hierarchy = document.createElement("hierarchy");
    for (const [name, value] of rootAttributes(phone)) hierarchy.setAttribute(name, value);
    for (const root of snapshot.roots) hierarchy.appendChild(make(root));
    document.appendChild(hierarchy);
  }
  return evaluate(expression, document).flatMap((found) => nodes.get(found) ?? []);
}

/** What is no set of nodes (a number, a text) finds nothing. */
function evaluate(expression: string, document: unknown): unknown[] {
  try {
    return parse(expression).evaluate({ node: document, functions: FUNCTIONS }).toArray?.() ?? [];
  } catch (error) {
    throw new ServerError(
      "invalid selector",
      `${expression.slice(0, 200)}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function parse(expression: string): Parsed {
  const known = parsed.get(expression);
  if (known) return known;
  if (expression.length > MAX_LENGTH) throw new Error("the expression is too long");
  const made = xpath.parse(expression);
  if (parsed.size >= MAX_PARSED) parsed.clear();
  parsed.set(expression, made);
  return made;
}

interface Value {
  stringValue(): string;
}
const text = (value: Value | undefined): string => value?.stringValue() ?? "";

const FUNCTIONS: Readonly<Record<string, (context: unknown, ...args: Value[]) => string | boolean>> = {
  matches: (_context, ...[value, pattern, flags]) => new RegExp(text(pattern), flagsOf(text(flags))).test(text(value)),
  "ends-with": (_context, value, end) => text(value).endsWith(text(end)),
  "lower-case": (_context, value) => text(value).toLowerCase(),
  "upper-case": (_context, value) => text(value).toUpperCase(),
};

function flagsOf(wanted: string): string {
  return `u${wanted.includes("i") ? "i" : ""}${wanted.includes("s") ? "s" : ""}`;
}
