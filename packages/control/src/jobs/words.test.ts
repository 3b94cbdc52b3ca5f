import { expect, test } from "vitest";
import { filesOf } from "./words.js";

test("a file that is put is named by its digest and size alone, as it is asked for on its way to the host", () => {
  const file = { sha256: "ab".repeat(32), size: 7 };
  expect(filesOf({ type: "put", path: "/sdcard/f", ...file })).toEqual([file]);
});
