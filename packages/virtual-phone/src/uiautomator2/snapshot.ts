/**
 * What accessibility sees of the phone at one moment: the active window's views (or all windows'), as the server's UiElementSnapshot takes them.
 * A node keeps its view, so that what is found can be pressed later.
 */
import type { HierarchyNode } from "../phone/hierarchy.js";
import type { Phone } from "../phone/phone.js";
import { windowHierarchy } from "../views/hierarchy-of.js";
import type { View } from "../views/view.js";
import type { Window } from "../views/window.js";
import { ServerError } from "./server-error.js";

export interface AxNode {
  readonly facts: HierarchyNode;
  readonly view: View;
  readonly window: Window;
  readonly parent: AxNode | undefined;
  readonly children: readonly AxNode[];
}

export interface Snapshot {
  /** One root for each window, the topmost first. */
  readonly roots: readonly AxNode[];
}

/** @throws ServerError where no window has the focus, as when the screen is off. */
export function takeSnapshot(phone: Phone, { allWindows }: { allWindows: boolean }): Snapshot {
  const { ui } = phone;
  ui.layout();
  const active = phone.power.interactive ? ui.focusedWindow : undefined;
  if (!active) {
    throw new ServerError(
      "unknown error",
      "Timed out after 10000ms waiting for the root AccessibilityNodeInfo in the active window. Make sure the active window is not constantly hogging the main UI thread (e.g. the application is being idle long enough), so the accessibility manager could do its work",
    );
  }
  const windows = allWindows ? [...ui.layers].reverse() : [active];
  return { roots: windows.flatMap((window) => windowNode(window, phone) ?? []) };
}

function windowNode(window: Window, phone: Phone): AxNode | undefined {
  const views = new Map<HierarchyNode, View>();
  const root = windowHierarchy(window, phone.display, views);
  return views.has(root) ? nodeOf(root, { window, views, parent: undefined }) : undefined;
}

function nodeOf(
  facts: HierarchyNode,
  around: { window: Window; views: ReadonlyMap<HierarchyNode, View>; parent: AxNode | undefined },
): AxNode {
  const { window, views, parent } = around;
  const children: AxNode[] = [];
  const view = views.get(facts) ?? window.root;
  const node: AxNode = { facts, view, window, parent, children };
  for (const child of facts.children) children.push(nodeOf(child, { window, views, parent: node }));
  return node;
}

/** Depth first, the nodes themselves included. */
export function* walkNodes(nodes: readonly AxNode[]): Generator<AxNode> {
  for (const node of nodes) {
    yield node;
    yield* walkNodes(node.children);
  }
}
