/** UiSelector: which nodes a chain of criteria means, as UiAutomator's QueryController decides. */
import { type AxNode, walkNodes } from "./snapshot.js";

export interface UiSelector {
  /** All must hold. */
  readonly criteria: readonly ((node: AxNode) => boolean)[];
  /** The n-th match counts, from 0. */
  readonly instance: number | undefined;
  /** Searched below what this one matches. */
  readonly child: UiSelector | undefined;
  /** Searched below the parent of what this one matches. */
  readonly fromParent: UiSelector | undefined;
}

export const ANY: UiSelector = { criteria: [], instance: undefined, child: undefined, fromParent: undefined };

/** Every node that the selector means, in the tree's order. */
export function selectNodes(selector: UiSelector, roots: readonly AxNode[]): AxNode[] {
  const own = [...walkNodes(roots)].filter((node) => selector.criteria.every((criterion) => criterion(node)));
  const chosen = selector.instance === undefined ? own : own.slice(selector.instance, selector.instance + 1);
  const { child, fromParent } = selector;
  if (child) return unique(chosen.flatMap((node) => selectNodes(child, node.children)));
  if (fromParent) return unique(chosen.flatMap((node) => selectNodes(fromParent, node.parent?.children ?? [])));
  return chosen;
}

/** Whether the node itself meets the selector's own criteria. */
export function meets(selector: UiSelector, node: AxNode): boolean {
  return selector.criteria.every((criterion) => criterion(node));
}

function unique(nodes: readonly AxNode[]): AxNode[] {
  return [...new Set(nodes)];
}
