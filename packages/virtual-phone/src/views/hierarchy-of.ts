/** Makes uiautomator's tree of a window's views: only what shows, bounds cut to what shows, as AccessibilityNodeInfo does. */
import type { HierarchyNode } from "../phone/hierarchy.js";
import { intersect, isEmpty, translate } from "../screen/geometry.js";
import { fullId } from "./resource-id.js";
import type { View } from "./view.js";
import type { Window } from "./window.js";

/** @param views told which view each node was made of, for whoever acts on what it finds. */
export function windowHierarchy(
  window: Window | undefined,
  screen: { readonly width: number; readonly height: number },
  views?: Map<HierarchyNode, View>,
): HierarchyNode {
  if (!window) return emptyNode(screen);
  window.layout();
  return node(window.root, { window, screen, index: 0, views }) ?? emptyNode(screen);
}

interface Place {
  readonly window: Window;
  readonly screen: { readonly width: number; readonly height: number };
  readonly index: number;
  readonly views: Map<HierarchyNode, View> | undefined;
}

function node(view: View, place: Place): HierarchyNode | undefined {
  const { window, screen } = place;
  const onScreen = { x: 0, y: 0, width: screen.width, height: screen.height };
  const rect = intersect(onScreen, translate(view.visibleRect(), window.rect.x, window.rect.y));
  if (!view.visible || isEmpty(rect)) return undefined;
  const children: HierarchyNode[] = [];
  for (const child of view.children) {
    const found = node(child, { ...place, index: children.length });
    if (found) children.push(found);
  }
  const made: HierarchyNode = {
    index: place.index,
    text: view.textValue,
    resourceId: view.id === undefined ? "" : fullId(view.id, window.package),
    className: view.className,
    packageName: window.package,
    contentDescription: view.description,
    hint: view.hintValue,
    checkable: view.checkable,
    checked: view.checked,
    clickable: view.clickable,
    enabled: view.enabled,
    focusable: view.focusable,
    focused: view.focused,
    scrollable: view.scrollable,
    longClickable: view.onLongClick !== undefined,
    password: view.password,
    selected: view.selected,
    bounds: {
      left: Math.round(rect.x),
      top: Math.round(rect.y),
      right: Math.round(rect.x + rect.width),
      bottom: Math.round(rect.y + rect.height),
    },
    children,
  };
  place.views?.set(made, view);
  return made;
}

function emptyNode(screen: { readonly width: number; readonly height: number }): HierarchyNode {
  return {
    index: 0,
    text: "",
    resourceId: "",
    className: "android.widget.FrameLayout",
    packageName: "android",
    contentDescription: "",
    hint: "",
    checkable: false,
    checked: false,
    clickable: false,
    enabled: true,
    focusable: false,
    focused: false,
    scrollable: false,
    longClickable: false,
    password: false,
    selected: false,
    bounds: { left: 0, top: 0, right: screen.width, bottom: screen.height },
    children: [],
  };
}
