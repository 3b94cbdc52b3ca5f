import { TenantId } from "@phonerack/contract/api";
import fc from "fast-check";
import { expect, test } from "vitest";
import { idOf } from "./tenant-id.js";

test("makes an id that people recognise", () => {
  expect(idOf("Acme Games, Inc.")).toBe("acme-games-inc");
  expect(idOf("Société Générale")).toBe("societe-generale");
  expect(idOf("乐视")).toBe("");
});

test("fits the contract, or is too short to be one", () => {
  fc.assert(fc.property(fc.string(), (name) => idOf(name).length < 2 || TenantId.safeParse(idOf(name)).success));
});
