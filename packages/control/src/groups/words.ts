/** Steps as people read them in the ledger, and as they may be kept: what was typed stays out of both. */
import type { AimedElement, GroupStep, Selector, StepTarget } from "@phonerack/contract/bus";

const LONGEST = 300;

/** E.g. `tap “Save” (id/save)`. */
export function wordsOf(step: GroupStep, element: AimedElement | null): string {
  return cut(sentence(step, element));
}

function sentence(step: GroupStep, element: AimedElement | null): string {
  switch (step.type) {
    case "tap":
      return `tap ${targetWords(step.at, element)}`;
    case "longPress":
      return `long press ${targetWords(step.at, element)}`;
    case "doubleTap":
      return `double tap ${targetWords(step.at, element)}`;
    case "swipe":
      return `swipe ${place(step.from)} to ${place(step.to)}`;
    case "pinch":
      return `${step.toSpan > step.fromSpan ? "pinch open" : "pinch close"} at ${place(step.at)}`;
    case "text":
    case "paste":
      return `${step.type} (${characters(step.text)})`;
    case "clear":
      return "clear the field";
    case "key":
      return `key ${step.key}`;
    case "launch":
      return `launch ${step.package}`;
    case "stop":
      return `stop ${step.package}`;
    case "link":
      return `open ${step.url}`;
    case "assert":
      return `${step.visible ? "see" : "do not see"} ${selectorWords(step.at)}`;
    case "touch":
      return `touch ${place(step.at)}`;
  }
}

/** The step without what was typed: as many dots as it had characters. */
export function redacted(step: GroupStep): GroupStep {
  return step.type === "text" || step.type === "paste" ? { ...step, text: "•".repeat(step.text.length) } : step;
}

/** Whether it can be done again from what is kept of it. */
export function isRedacted(step: GroupStep): boolean {
  return step.type === "text" || step.type === "paste";
}

/** What was aimed at, for “did not find …”. */
export function targetOf(step: GroupStep, element: AimedElement | null): string {
  return "at" in step ? cut(targetWords(step.at, element)) : step.type;
}

function targetWords(at: StepTarget, element: AimedElement | null): string {
  if (element) return element.words;
  return "x" in at ? place(at) : selectorWords(at);
}

function selectorWords({ id, description, text, class: kind, index }: Selector): string {
  const name = text ?? description;
  const parts = [
    name === undefined ? undefined : `“${name}”`,
    id === undefined ? undefined : name === undefined ? `id/${id}` : `(id/${id})`,
    kind,
    index === undefined ? undefined : `no. ${index + 1}`,
  ];
  return parts.filter((part) => part !== undefined).join(" ");
}

function place({ x, y }: { x: number; y: number }): string {
  return `${Math.round(x)},${Math.round(y)}`;
}

function characters(text: string): string {
  const count = Array.from(text).length;
  return count === 1 ? "1 character" : `${count} characters`;
}

function cut(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
}
