/** What `uiautomator dump` and the UiAutomator2 server show of the window in front. Bounds are device pixels. */

export interface Bounds {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface HierarchyNode {
  readonly index: number;
  readonly text: string;
  /** `package:id/name`, or empty. */
  readonly resourceId: string;
  readonly className: string;
  readonly packageName: string;
  readonly contentDescription: string;
  readonly hint: string;
  readonly checkable: boolean;
  readonly checked: boolean;
  readonly clickable: boolean;
  readonly enabled: boolean;
  readonly focusable: boolean;
  readonly focused: boolean;
  readonly scrollable: boolean;
  readonly longClickable: boolean;
  readonly password: boolean;
  readonly selected: boolean;
  readonly bounds: Bounds;
  readonly children: readonly HierarchyNode[];
}

export interface Hierarchy {
  readonly rotation: number;
  /** The package of the focused window. */
  readonly packageName: string;
  readonly root: HierarchyNode;
}

/** Depth first, root included. */
export function* walkHierarchy(node: HierarchyNode): Generator<HierarchyNode> {
  yield node;
  for (const child of node.children) yield* walkHierarchy(child);
}

/** The first node, depth first, for which `wanted` holds. */
export function findNode(hierarchy: Hierarchy, wanted: (node: HierarchyNode) => boolean): HierarchyNode | undefined {
  for (const node of walkHierarchy(hierarchy.root)) if (wanted(node)) return node;
  return undefined;
}

/** Where a finger would press it. */
export function centreOf({ left, top, right, bottom }: Bounds): { readonly x: number; readonly y: number } {
  return { x: Math.floor((left + right) / 2), y: Math.floor((top + bottom) / 2) };
}
