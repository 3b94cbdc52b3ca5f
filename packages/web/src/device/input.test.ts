import type { HandEvent } from "@phonerack/contract/api";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { inPieces, toKeyPress } from "./keyboard.js";
import { mirrored, seenScreen, toDevice, toScroll } from "./pointer.js";
import { Touches } from "./touches.js";

const screen = { width: 1080, height: 2400 };

describe("a pointer on the picture", () => {
  test("is the device pixel under it, and never off the screen", () => {
    const box = { left: 100, top: 50, width: 270, height: 600 };
    expect(toDevice({ x: 100, y: 50 }, box, screen)).toEqual({ x: 0, y: 0 });
    expect(toDevice({ x: 235, y: 350 }, box, screen)).toEqual({ x: 540, y: 1200 });
    expect(toDevice({ x: 9_999, y: -9 }, box, screen)).toEqual({ x: 1079, y: 0 });
  });

  test("is aimed at the rotation that is seen, whichever report is late", () => {
    expect(seenScreen(screen, { width: 800, height: 360 })).toEqual({ width: 2400, height: 1080 });
    expect(seenScreen({ width: 2400, height: 1080 }, { width: 360, height: 800 })).toEqual(screen);
    expect(seenScreen(screen, undefined)).toEqual(screen);
  });

  test("has its second finger across the middle", () => {
    expect(mirrored({ x: 0, y: 0 }, screen)).toEqual({ x: 1079, y: 2399 });
  });

  test("scrolls as Android counts: steps, up is positive, within what the contract allows", () => {
    expect(toScroll({ deltaX: 0, deltaY: 100, deltaMode: 0 })).toEqual({ dx: 0, dy: -1 });
    expect(toScroll({ deltaX: -1e9, deltaY: 3, deltaMode: 1 })).toEqual({ dx: 16, dy: -0.99 });
  });
});

describe("fingers", () => {
  let sent: Extract<HandEvent, { type: "touch" }>[];
  let frames: (() => void)[];
  let touches: Touches;
  const frame = () => {
    for (const work of frames.splice(0)) work();
  };
  const told = () => sent.map(({ phase, pointer, x, y }) => `${phase} ${pointer} ${x},${y}`);
  const one = { screen, pinch: false };

  beforeEach(() => {
    sent = [];
    frames = [];
    touches = new Touches({ send: (touch) => sent.push(touch), nextFrame: (work) => frames.push(work) });
  });

  test("gather their moves until the next frame", () => {
    touches.down(1, { x: 1, y: 1 }, one);
    for (let x = 2; x < 50; x++) touches.move(1, { x, y: 1 });
    frame();
    frame();
    expect(told()).toEqual(["down 0 1,1", "move 0 49,1"]);
  });

  test("are where they are lifted before they are lifted", () => {
    touches.down(1, { x: 1, y: 1 }, one);
    touches.move(1, { x: 5, y: 5 });
    touches.up(1, { x: 9, y: 9 });
    frame();
    expect(told()).toEqual(["down 0 1,1", "move 0 9,9", "up 0 9,9"]);
  });

  test("keep apart, and free their numbers", () => {
    touches.down(7, { x: 1, y: 1 }, one);
    touches.down(8, { x: 2, y: 2 }, one);
    touches.up(7, { x: 1, y: 1 });
    touches.down(9, { x: 3, y: 3 }, one);
    expect(told()).toEqual(["down 0 1,1", "down 1 2,2", "up 0 1,1", "down 0 3,3"]);
  });

  test("pinch with one mouse: the other finger does the opposite", () => {
    touches.down(1, { x: 540, y: 1000 }, { screen, pinch: true });
    touches.move(1, { x: 540, y: 800 });
    frame();
    expect(told()).toEqual(["down 0 540,1000", "down 1 539,1399", "move 0 540,800", "move 1 539,1599"]);
    expect(touches.spots.length).toBe(2);
    touches.cancel();
    expect(told().slice(-2)).toEqual(["cancel 0 540,800", "cancel 1 539,1599"]);
  });

  test("leave nothing behind: every finger that went down comes up or is cancelled, and no number is used twice", () => {
    const action = fc.tuple(fc.constantFrom("down", "pinch", "move", "up", "frame"), fc.integer({ min: 0, max: 12 }));
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        sent = [];
        frames = [];
        touches = new Touches({ send: (touch) => sent.push(touch), nextFrame: (work) => frames.push(work) });
        for (const [kind, id] of actions) {
          const at = { x: id * 3, y: id };
          if (kind === "down" || kind === "pinch") touches.down(id, at, { screen, pinch: kind === "pinch" });
          else if (kind === "move") touches.move(id, { x: at.x + 1, y: at.y });
          else if (kind === "up") touches.up(id, at);
          else frame();
        }
        touches.cancel();
        const held = new Set<number>();
        for (const { phase, pointer } of sent) {
          expect(held.has(pointer)).toBe(phase !== "down");
          if (phase === "down") held.add(pointer);
          if (phase === "up" || phase === "cancel") held.delete(pointer);
        }
        expect(held.size).toBe(0);
      }),
    );
  });
});

describe("the keyboard", () => {
  const stroke = (key: string, held: Partial<Record<"shiftKey" | "altKey" | "ctrlKey" | "metaKey", boolean>> = {}) =>
    toKeyPress({ key, shiftKey: false, altKey: false, ctrlKey: false, metaKey: false, ...held }, "down");

  test("leaves what makes characters to the text field", () => {
    for (const key of ["a", "é", "你", "Dead", "Process", "Shift", "F5", "Unidentified"]) expect(stroke(key)).toBeUndefined();
    expect(stroke("a", { ctrlKey: true, altKey: true })).toBeUndefined();
    expect(stroke("v", { ctrlKey: true })).toBeUndefined();
  });

  test("sends keys as keys, with what is held", () => {
    expect(stroke("Backspace")).toEqual({ type: "keyPress", key: "DEL", phase: "down", meta: 0 });
    expect(stroke("ArrowLeft", { shiftKey: true })).toMatchObject({ key: "DPAD_LEFT", meta: 1 });
    expect(stroke("A", { metaKey: true, shiftKey: true })).toMatchObject({ key: "A", meta: 4097 });
  });

  test("cuts a long text into messages without cutting a character, and loses none of it", () => {
    expect(inPieces("ab😀cd", 3)).toEqual(["ab", "😀c", "d"]);
    expect(inPieces("")).toEqual([]);
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), fc.integer({ min: 2, max: 20 }), (text, most) => {
        const pieces = inPieces(text, most);
        expect(pieces.join("")).toBe(text);
        expect(pieces.every((piece) => piece.length > 0 && piece.length <= most)).toBe(true);
      }),
    );
  });
});
