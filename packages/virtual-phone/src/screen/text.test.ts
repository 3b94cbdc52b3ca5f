import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ellipsize, measureText, wrapText } from "./text.js";

const style = { size: 20 };

describe("text", () => {
  it("is as wide as its size says", () => {
    const width = measureText("Hello", style);
    expect(width).toBeGreaterThan(30);
    expect(measureText("Hello", { size: 40 })).toBeCloseTo(width * 2);
    expect(measureText("Hello", { size: 20, weight: "bold" })).toBeGreaterThan(width);
    expect(measureText("中文", style)).toBeCloseTo(40);
  });

  it("cuts what is too long with an ellipsis, never inside a character", () => {
    expect(ellipsize("short", style, 500)).toBe("short");
    const cut = ellipsize("A family 👨‍👩‍👧 on the beach", style, 110);
    expect(cut.endsWith("…")).toBe(true);
    expect(measureText(cut, style)).toBeLessThanOrEqual(110);
    expect(cut.includes("👨") && !cut.includes("👨‍👩‍👧")).toBe(false);
  });

  it("breaks at spaces, between ideographs, and keeps closing marks with what they close", () => {
    expect(wrapText("one two", style, { maxWidth: measureText("one t", style) })).toEqual(["one", "two"]);
    expect(wrapText("中文输入", style, { maxWidth: 41 })).toEqual(["中文", "输入"]);
    expect(wrapText("中文。", style, { maxWidth: 41 })).toEqual(["中", "文。"]);
    expect(wrapText("a\n\nb", style, { maxWidth: 100 })).toEqual(["a", "", "b"]);
  });

  it("shows that lines are missing", () => {
    const lines = wrapText("one two three four five", style, { maxWidth: 60, maxLines: 2 });
    expect(lines).toHaveLength(2);
    expect(lines[1]?.endsWith("…")).toBe(true);
  });

  it("wraps any text without losing any of it, into lines that fit", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 60 }), fc.integer({ min: 1, max: 200 }), (text, maxWidth) => {
        const lines = wrapText(text, style, { maxWidth });
        const squeeze = (value: string): string => value.replace(/\s/gu, "");
        expect(squeeze(lines.join(""))).toBe(squeeze(text));
        for (const line of lines) {
          const parts = [...new Intl.Segmenter().segment(line)];
          if (parts.length > 1) expect(measureText(line, style)).toBeLessThanOrEqual(maxWidth + 1e-6);
        }
      }),
      { numRuns: 200 },
    );
  });
});
