import { expect, test } from "vitest";
import { programOf } from "./user-agent.js";

test("names the browser, not those that it claims to be like", () => {
  const mac =
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
  expect(programOf(mac)).toEqual({ program: "Chrome", system: "macOS" });
  expect(programOf(`${mac} Edg/156.0`)).toEqual({ program: "Edge", system: "macOS" });
  const phone =
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Mobile Safari/537.36";
  expect(programOf(phone)).toEqual({ program: "Chrome", system: "Android" });
  const iphone =
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Version/17.0 Mobile/15E148 Safari/604.1";
  expect(programOf(iphone)).toEqual({ program: "Safari", system: "iOS" });
});

test("knows a terminal, and says nothing of what it does not know", () => {
  expect(programOf("node").program).toBe("terminal");
  expect(programOf("")).toEqual({ program: undefined, system: undefined });
});
