import { expect, test } from "vitest";
import { readSecureWindow } from "./secure-window.js";

const dump = (flags: string, focus = "2b2") => `  Window #2 Window{1a1 u0 com.example/com.example.Main}:
      fl=LAYOUT_IN_SCREEN SECURE HARDWARE_ACCELERATED
  Window #1 Window{2b2 u0 com.bank/com.bank.Login}:
      fl=${flags}
      pfl=NO_MOVE_ANIMATION
  mCurrentFocus=Window{${focus} u0 com.bank/com.bank.Login}
`;

test("says whether the window in front is secure, and only that one", () => {
  expect(readSecureWindow(dump("LAYOUT_IN_SCREEN HARDWARE_ACCELERATED"))).toBe(false);
  expect(readSecureWindow(dump("LAYOUT_IN_SCREEN SECURE"))).toBe(true);
});

test("reads the flags of older phones in hex", () => {
  expect(readSecureWindow(dump("#81812100"))).toBe(true);
  expect(readSecureWindow(dump("#81810100"))).toBe(false);
});

test("says no where nothing is in front", () => {
  expect(readSecureWindow(dump("SECURE", "dead"))).toBe(false);
  expect(readSecureWindow("")).toBe(false);
});
