/** The methods of UiSelector, made into criteria. Text that is contained or begins is compared without case, as UiSelector does it. */
import type { HierarchyNode } from "../phone/hierarchy.js";
import type { AxNode } from "./snapshot.js";
import { type Argument, type Expression, syntaxError } from "./ui-expression.js";
import { ANY, type UiSelector } from "./ui-selector.js";

type Criterion = (node: AxNode) => boolean;
type TextFact = "text" | "contentDescription" | "resourceId" | "className" | "packageName";
type BooleanFact =
  | "checkable"
  | "checked"
  | "clickable"
  | "enabled"
  | "focusable"
  | "focused"
  | "longClickable"
  | "password"
  | "scrollable"
  | "selected";

const MAX_PATTERN = 1000;

const exact =
  (fact: TextFact) =>
  (wanted: string): Criterion =>
  ({ facts }) =>
    facts[fact] === wanted;

const contains =
  (fact: TextFact) =>
  (wanted: string): Criterion => {
    const small = wanted.toLowerCase();
    return ({ facts }) => facts[fact].toLowerCase().includes(small);
  };

const startsWith =
  (fact: TextFact) =>
  (wanted: string): Criterion => {
    const small = wanted.toLowerCase();
    return ({ facts }) => facts[fact].toLowerCase().startsWith(small);
  };

const matches =
  (fact: TextFact) =>
  (wanted: string): Criterion => {
    const pattern = wholePattern(wanted);
    return ({ facts }) => pattern.test(facts[fact]);
  };

/** Java's `Pattern.matches`: the whole text. @throws SyntaxError */
function wholePattern(wanted: string): RegExp {
  const inline = /^\(\?([a-z]+)\)/.exec(wanted);
  const flags = `u${inline?.[1]?.includes("i") ? "i" : ""}${inline?.[1]?.includes("s") ? "s" : ""}`;
  return new RegExp(`^(?:${wanted.slice(inline?.[0].length ?? 0, MAX_PATTERN)})$`, flags);
}

const TEXTS: Readonly<Record<string, (wanted: string) => Criterion>> = {
  text: exact("text"),
  textContains: contains("text"),
  textStartsWith: startsWith("text"),
  textMatches: matches("text"),
  description: exact("contentDescription"),
  descriptionContains: contains("contentDescription"),
  descriptionStartsWith: startsWith("contentDescription"),
  descriptionMatches: matches("contentDescription"),
  resourceId: exact("resourceId"),
  resourceIdMatches: matches("resourceId"),
  className: exact("className"),
  classNameMatches: matches("className"),
  packageName: exact("packageName"),
  packageNameMatches: matches("packageName"),
};

const BOOLEANS: ReadonlySet<string> = new Set<BooleanFact>([
  "checkable",
  "checked",
  "clickable",
  "enabled",
  "focusable",
  "focused",
  "longClickable",
  "password",
  "scrollable",
  "selected",
]);

/** @throws ServerError "invalid selector" */
export function selectorOf(expression: Expression, whole: string): UiSelector {
  if (expression.className !== "UiSelector") throw syntaxError(whole, `${expression.className} is not a UiSelector`);
  return expression.calls.reduce<UiSelector>((selector, { name, args }) => applied(selector, { name, args, whole }), ANY);
}

function applied(
  selector: UiSelector,
  { name, args, whole }: { name: string; args: readonly Argument[]; whole: string },
): UiSelector {
  const [argument] = args;
  const bad = (): Error =>
    syntaxError(whole, `\`UiSelector\` doesn't have suitable method \`${name}\` with arguments [${args.map(String).join(", ")}]`);
  const add = (criterion: Criterion): UiSelector => ({ ...selector, criteria: [...selector.criteria, criterion] });
  const textual = Object.hasOwn(TEXTS, name) ? TEXTS[name] : undefined;
  if (args.length !== 1 || argument === undefined) throw bad();
  if (textual) {
    if (typeof argument !== "string") throw bad();
    return add(criterionOf(textual, argument, whole));
  }
  if (BOOLEANS.has(name)) {
    if (typeof argument !== "boolean") throw bad();
    const fact = name as keyof Pick<HierarchyNode, BooleanFact>;
    return add(({ facts }) => facts[fact] === argument);
  }
  if (name === "index" && typeof argument === "number") return add(({ facts }) => facts.index === argument);
  if (name === "instance" && typeof argument === "number") return { ...selector, instance: argument };
  if (name === "childSelector" && typeof argument === "object") return below(selector, "child", selectorOf(argument, whole));
  if (name === "fromParent" && typeof argument === "object") return below(selector, "fromParent", selectorOf(argument, whole));
  throw known(name) ? bad() : syntaxError(whole, `UiSelector has no \`${name}\` method`);
}

function known(name: string): boolean {
  return ["index", "instance", "childSelector", "fromParent"].includes(name);
}

function criterionOf(make: (wanted: string) => Criterion, argument: string, whole: string): Criterion {
  try {
    return make(argument);
  } catch (error) {
    if (error instanceof SyntaxError) throw syntaxError(whole, error.message);
    throw error;
  }
}

/** A second child selector stands below the first. */
function below(selector: UiSelector, kind: "child" | "fromParent", inner: UiSelector): UiSelector {
  const old = selector[kind];
  return { ...selector, [kind]: old ? below(old, kind, inner) : inner };
}
