import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Lines, readable, Words } from "./words.js";

const UNSEEN = [
  ["a terminal's escape", "Lab\u001b[2J"],
  ["NUL", "Lab\u0000"],
  ["a C1 control", "Lab\u009b31m"],
  ["a line end", "Lab\nLab"],
  ["an override of direction", "Lab\u202egpj.exe"],
  ["an isolate", "\u2067Lab"],
  ["a space without width", "La\u200bb"],
  ["a joiner between Latin letters", "La\u200db"],
  ["a joiner at the end", "Lab👩\u200d"],
  ["a byte order mark", "\ufeffLab\ufeff."],
  ["a soft hyphen", "La\u00adb"],
  ["a Hangul filler", "Lab\u3164"],
  ["hidden tags", "Lab\u{e0041}\u{e0042}"],
  ["half a surrogate pair", "Lab\ud800"],
  ["a tower of marks", `a${"\u0489\u030d\u0301".repeat(4)}`],
] as const;

describe("what people write", () => {
  test.each([
    "Zoë",
    "手机一号",
    "Ольга",
    "شركة الهاتف",
    "می\u200cخواهم",
    "क्\u200dष",
    "👩\u200d💻 👍🏽",
    "C01-01 (hot!)",
    "한국어",
  ])("may be %s", (name) => {
    expect(Words(80).parse(name)).toBe(name);
  });

  test("is one, however it was typed", () => {
    expect(Words(80).parse("  Zoe\u0308 ")).toBe("Zoë");
    expect(Words(80).safeParse("   ").success).toBe(false);
  });

  test.each(UNSEEN)("has no %s", (_, name) => {
    expect(Words(80).safeParse(name).error?.issues[0]?.message).toMatch(/nobody sees/);
  });

  test("may have lines where there is room for them, and nothing unseen on them", () => {
    expect(Lines(100).parse("one\r\ntwo\tthree\n\nfour")).toBe("one\r\ntwo\tthree\n\nfour");
    expect(Lines(100).safeParse("one\ntw\u202eo").success).toBe(false);
  });
});

describe("what others wrote", () => {
  test.each(UNSEEN.filter(([what]) => !/tower|line end/.test(what)))("shows %s as what it is", (_, name) => {
    expect(readable(name)).toContain("�");
    expect(Words(200).safeParse(readable(name)).success).toBe(true);
  });

  test("never drives a terminal, whatever it is", () => {
    const unicode = fc.string({ unit: "binary", maxLength: 60 });
    fc.assert(
      fc.property(unicode, (text) => {
        const seen = readable(text);
        expect(seen.replaceAll(/[\n\t]/g, "")).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
        expect(readable(seen)).toBe(seen);
        const { data: name } = Words(200).safeParse(text);
        if (name !== undefined) expect(readable(name)).toBe(name);
      }),
    );
  });
});
