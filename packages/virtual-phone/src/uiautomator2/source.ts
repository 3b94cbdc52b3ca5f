/** The page source as the server's AccessibilityNodeInfoDumper writes it: an element for each node, named by its class. */
import type { Phone } from "../phone/phone.js";
import { EditText } from "../views/edit-text.js";
import type { AxNode, Snapshot } from "./snapshot.js";

/** Name and value of each attribute, in the server's order; those that a node does not have are left out. */
export function nodeAttributes(node: AxNode, sdk: number): [name: string, value: string][] {
  const { facts, view } = node;
  const { left, top, right, bottom } = facts.bounds;
  const field = view instanceof EditText ? view : undefined;
  const values: [string, string | number | boolean | undefined][] = [
    ["index", facts.index],
    ["package", facts.packageName],
    ["class", facts.className],
    ["text", facts.text],
    ["content-desc", facts.contentDescription || undefined],
    ["resource-id", facts.resourceId || undefined],
    ["checkable", facts.checkable],
    ["checked", facts.checked],
    ["clickable", facts.clickable],
    ["enabled", facts.enabled],
    ["focusable", facts.focusable],
    ["focused", facts.focused],
    ["long-clickable", facts.longClickable],
    ["password", facts.password],
    ["scrollable", facts.scrollable],
    ["selected", facts.selected],
    ["bounds", `[${left},${top}][${right},${bottom}]`],
    ["displayed", true],
    ["hint", facts.hint || undefined],
    ["a11y-important", facts.clickable || facts.text !== "" || facts.contentDescription !== ""],
    ["screen-reader-focusable", sdk >= 28 ? false : undefined],
    ["input-type", field ? inputType(field) : undefined],
    ["drawing-order", facts.index + 1],
    ["showing-hint", field ? field.text === "" && facts.hint !== "" : false],
    ["text-entry-key", sdk >= 29 ? false : undefined],
    ["dismissable", false],
    ["a11y-focused", false],
    ["heading", sdk >= 28 ? false : undefined],
    ["live-region", 0],
    ["context-clickable", false],
    ["content-invalid", false],
  ];
  return values.flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)] as [string, string]]));
}

/** InputType.TYPE_CLASS_TEXT with its variations for passwords and several lines. */
function inputType(field: EditText): number {
  return field.password ? 0x81 : field.multiline ? 0x20001 : 1;
}

/** A class as an XML name: inner classes' `$` becomes a dot. */
export function tagName(className: string): string {
  const name = className
    .replace(/[$@#&]/g, ".")
    .replace(/\.+/g, ".")
    .replace(/^\.|\.$/g, "")
    .replace(/[^\w.-]/g, "_");
  return /^[A-Za-z_]/.test(name) ? name : "android.view.View";
}

/** What the hierarchy's own element says: the display without the navigation bar. */
export function rootAttributes(phone: Phone): [name: string, value: string][] {
  const { width, height, rotation } = phone.display;
  return [
    ["index", "0"],
    ["class", "hierarchy"],
    ["rotation", String(rotation)],
    ["width", String(width)],
    ["height", String(height - phone.ui.system.insets.bottom)],
  ];
}

export function sourceXml(snapshot: Snapshot, phone: Phone): string {
  const lines = ["<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>", `<hierarchy ${written(rootAttributes(phone))}>`];
  const write = (node: AxNode, indent: string): void => {
    const tag = tagName(node.facts.className);
    const start = `${indent}<${tag} ${written(nodeAttributes(node, phone.model.sdk))}`;
    if (node.children.length === 0) {
      lines.push(`${start} />`);
      return;
    }
    lines.push(`${start}>`);
    for (const child of node.children) write(child, `${indent}  `);
    lines.push(`${indent}</${tag}>`);
  };
  for (const root of snapshot.roots) write(root, "  ");
  return `${[...lines, "</hierarchy>"].join("\r\n")}`;
}

function written(attributes: readonly (readonly [string, string])[]): string {
  return attributes.map(([name, value]) => `${name}="${escaped(value)}"`).join(" ");
}

/** Characters that XML 1.0 cannot hold are question marks, as the server's toSafeString makes them. */
export function safeText(value: string): string {
  return value.replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "?");
}

function escaped(value: string): string {
  return safeText(value).replace(
    /[&<>"\n\r\t]/g,
    (character) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[character] ?? `&#${character.charCodeAt(0)};`,
  );
}
