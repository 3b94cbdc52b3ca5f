/** Finding by what a thing is called, on hierarchies as the UiAutomator2 server writes them. */
import type { AimedElement } from "@phonerack/contract/bus";
import fc from "fast-check";
import { expect, test } from "vitest";
import { findElement, findSelected, targetAt, touchable, wordsOf } from "./find.js";
import { signatureOf } from "./signature.js";
import { parseTree } from "./tree.js";

const APP = "dev.example.app";
const raw = (text: string) => [text];

interface Piece {
  readonly class?: string;
  readonly id?: string;
  readonly text?: string;
  readonly description?: string;
  readonly clickable?: boolean;
  readonly scrollable?: boolean;
  readonly box: readonly [number, number, number, number];
  readonly inside?: readonly Piece[];
}

function xml({ box: [left, top, right, bottom], inside = [], ...piece }: Piece): string {
  const kind = piece.class ?? "android.view.View";
  const attributes = {
    index: "0",
    package: APP,
    class: kind,
    text: piece.text ?? "",
    ...(piece.description ? { "content-desc": piece.description } : {}),
    ...(piece.id ? { "resource-id": `${APP}:id/${piece.id}` } : {}),
    clickable: String(piece.clickable ?? false),
    enabled: "true",
    scrollable: String(piece.scrollable ?? false),
    bounds: `[${left},${top}][${right},${bottom}]`,
    displayed: "true",
  };
  const words = Object.entries(attributes).map(
    ([name, value]) => `${name}="${value.replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/</g, "&lt;")}"`,
  );
  return `<${kind} ${words.join(" ")}>${inside.map(xml).join("")}</${kind}>`;
}

function tree(...pieces: readonly Piece[]) {
  const root: Piece = { class: "android.widget.FrameLayout", box: [0, 0, 720, 1280], inside: pieces };
  return parseTree(
    `<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>\n<hierarchy index="0" class="hierarchy" rotation="0" width="720" height="1280">${xml(root)}</hierarchy>`,
  );
}

const save: Piece = { class: "android.widget.Button", id: "save", text: "Save", clickable: true, box: [500, 40, 700, 100] };
const row = (title: string, at: number): Piece => ({
  class: "android.widget.LinearLayout",
  clickable: true,
  box: [0, at, 720, at + 100],
  inside: [{ class: "android.widget.TextView", id: "title", text: title, box: [20, at + 20, 400, at + 60] }],
});
const list = (...titles: readonly string[]): Piece => ({
  class: "androidx.recyclerview.widget.RecyclerView",
  id: "list",
  scrollable: true,
  box: [0, 200, 720, 1280],
  inside: titles.map((title, at) => row(title, 200 + at * 100)),
});

const element = (change: Partial<AimedElement>): AimedElement => ({
  package: APP,
  activity: "",
  resourceId: null,
  description: null,
  text: null,
  class: "android.widget.LinearLayout",
  textNames: [],
  descriptionNames: [],
  index: 0,
  of: 1,
  at: { x: 0.5, y: 0.5 },
  bounds: { left: 0, top: 0, right: 1, bottom: 1 },
  within: `${APP}:id/list`,
  near: null,
  words: "",
  ...change,
});
const saveElement = element({ resourceId: `${APP}:id/save`, text: "Save", class: "android.widget.Button", within: null });

test("takes what a tap is meant for, not the text that the finger happens to be on", () => {
  const screen = tree(list("Display", "Sound"));
  expect(targetAt(screen, 100, 240)).toMatchObject({ class: "android.widget.LinearLayout", clickable: true });
  expect(wordsOf(targetAt(screen, 100, 240) ?? fail())).toBe("element “Display”");
});

test("finds by id whatever the language says", () => {
  const german = tree({ ...save, text: "Sichern" });
  expect(findElement(german, saveElement, raw)).toMatchObject({ found: "one", node: { text: "Sichern" } });
});

test("finds a row by its title in the phone's language", () => {
  const wanted = element({ near: "Sound", textNames: ["sound"], index: 1, of: 2 });
  const translate = (_text: string, names: readonly string[]) => (names.includes("sound") ? ["Ton"] : []);
  const found = findElement(tree(list("Anzeige", "Ton", "Akku")), wanted, translate);
  expect(found).toMatchObject({ found: "one", node: { bounds: { top: 300 } } });
});

test("never takes another row in its place", () => {
  const wanted = element({ near: "Sound", index: 1, of: 3 });
  expect(findElement(tree(list("Display", "Battery", "Apps")), wanted, raw)).toEqual({ found: "none" });
  expect(findElement(tree(list("Display", "Sound", "Sound", "Apps")), wanted, raw)).toEqual({ found: "several", count: 2 });
});

test("takes the same one of as many that are alike", () => {
  const star = (at: number): Piece => ({
    class: "android.widget.ImageButton",
    id: "star",
    clickable: true,
    box: [600, at, 700, at + 80],
  });
  const wanted = element({ resourceId: `${APP}:id/star`, class: "android.widget.ImageButton", index: 1, of: 3, within: null });
  expect(findElement(tree(star(100), star(300), star(500)), wanted, raw)).toMatchObject({ node: { bounds: { top: 300 } } });
  expect(findElement(tree(star(100), star(300)), wanted, raw)).toEqual({ found: "several", count: 2 });
});

test("takes one that another version calls otherwise only where it is the only one that says so", () => {
  const renamed = { ...save, id: "action_save" };
  expect(findElement(tree(renamed), saveElement, raw)).toMatchObject({ found: "one" });
  expect(findElement(tree(renamed, { ...renamed, box: [0, 0, 50, 50] }), saveElement, raw)).toMatchObject({ found: "several" });
  expect(findElement(tree({ ...renamed, text: "Send" }), saveElement, raw)).toEqual({ found: "none" });
});

test("does not touch what something lies over", () => {
  const screen = tree(save, { class: "android.widget.FrameLayout", clickable: true, box: [0, 0, 720, 1280] });
  const found = findElement(screen, saveElement, raw);
  expect(found.found === "one" && touchable(screen, found.node, { x: 0.5, y: 0.5 })).toBeUndefined();
});

test("touches beside what covers a part of it", () => {
  const screen = tree(list("Display"), {
    class: "android.widget.ImageButton",
    id: "add",
    clickable: true,
    box: [300, 200, 420, 300],
  });
  const found = findElement(screen, element({ near: "Display" }), raw);
  const place = found.found === "one" ? touchable(screen, found.node, { x: 0.5, y: 0.5 }) : undefined;
  expect(place && targetAt(screen, place.x, place.y)).toMatchObject({ class: "android.widget.LinearLayout" });
});

test("finds what a selector names, by the short id too", () => {
  const screen = tree(save, list("Display", "Sound"));
  expect(findSelected(screen, { id: "save" }, raw)).toMatchObject({ node: { text: "Save" } });
  expect(findSelected(screen, { text: "Sound" }, raw)).toMatchObject({ node: { text: "Sound" } });
  expect(findSelected(screen, { id: "title" }, raw)).toEqual({ found: "several", count: 2 });
  expect(findSelected(screen, { id: "title", index: 1 }, raw)).toMatchObject({ node: { text: "Sound" } });
  expect(findSelected(screen, { text: "Bluetooth" }, raw)).toEqual({ found: "none" });
});

test("takes a selector's text for a description where nothing says it, as Maestro's flows do", () => {
  const bell = { ...save, id: "remind", text: "", description: "Remind me", box: [0, 900, 100, 1000] as const };
  const said = { ...save, id: "said", text: "Remind me" };
  expect(findSelected(tree(save, bell), { text: "Remind me" }, raw)).toMatchObject({ node: { description: "Remind me" } });
  expect(findSelected(tree(said, bell), { text: "Remind me" }, raw)).toMatchObject({ node: { text: "Remind me" } });
});

test("has one signature for a screen in any language, with any content", () => {
  const one = signatureOf(tree(save, list("Display", "Sound")));
  expect(signatureOf(tree({ ...save, text: "Sichern" }, list("A", "B", "C", "D")))).toBe(one);
  expect(signatureOf(tree({ ...save, id: "send" }, list("Display", "Sound")))).not.toBe(one);
});

test("reads nothing into what is no hierarchy", () => {
  const bad = [
    "",
    "hello",
    "<hierarchy>",
    "<hierarchy></hierarchy>",
    "<!DOCTYPE a><hierarchy><a/></hierarchy>",
    `<hierarchy><a b="&x;"`,
  ];
  for (const source of bad) expect(() => parseTree(source)).toThrow(/DEVICE|device/i);
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (junk) => {
      try {
        parseTree(junk);
      } catch (error) {
        expect(error).toMatchObject({ code: "phone_protocol" });
      }
    }),
    { numRuns: 200 },
  );
});

function fail(): never {
  throw new Error("nothing there");
}
