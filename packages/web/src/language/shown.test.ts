import { expect, test } from "vitest";
import { shown } from "./shown.js";

test("a name stays what it is, and turns nothing around", () => {
  expect(shown("Zoë 手机 👩\u200d💻 42")).toBe("Zoë 手机 👩\u200d💻 42");
  expect(shown(7)).toBe("7");
  expect(shown("שלום")).toBe("\u2068שלום\u2069");
  expect(shown("Ann\u202e dekcik")).toBe("Ann� dekcik");
  expect(shown("a\u0000b\u200bc")).toBe("a�b�c");
});
