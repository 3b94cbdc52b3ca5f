import { contract, type Device } from "@phonerack/contract/api";
import { expect, test } from "vitest";
import { listDevices } from "./listing.js";

test("gives a cursor that the next request may carry, however long the names are", () => {
  const devices = ["a", "b"].map((end) => ({ id: `d-aaaaaaa${end}`, name: `${"漢".repeat(120)}${end}` })) as Device[];
  const cursor = listDevices(devices, { limit: 1 }).next ?? "";
  expect(contract.devices.list["~orpc"].inputSchema?.safeParse({ cursor })).toMatchObject({ success: true });
  expect(listDevices(devices, { limit: 1, cursor }).items.map(({ id }) => id)).toEqual(["d-aaaaaaab"]);
});
