import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { apiReference } from "./reference.js";

test("docs/api.md shows every route of the contract; node scripts/reference.mjs writes it", () => {
  const page = readFileSync(new URL("../../../../docs/api.md", import.meta.url), "utf8");
  expect(page).toBe(apiReference());
});
