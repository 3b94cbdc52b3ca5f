import { expect, test } from "vitest";
import { addressesOf, checkNames, type Resolver } from "./names.js";

const names: Record<string, string> = {
  "81.2.69.0": "p0.egress.lab.example",
  "81.2.69.1": "p1.egress.lab.example",
  "81.2.69.2": "p2.egress.lab.example.evil.example",
};
const resolver: Resolver = {
  reverse: async (address) => (names[address] ? [names[address]] : Promise.reject(new Error("ENOTFOUND"))),
  addresses: async (name) => (name === "p1.egress.lab.example" ? ["81.2.69.9"] : ["81.2.69.0"]),
};

test("asks for a name below the suffix that leads back to the same address", async () => {
  expect(await checkNames(["81.2.69.0/30"], "egress.lab.example", resolver)).toEqual([
    { address: "81.2.69.0", wrong: null },
    { address: "81.2.69.1", wrong: "p1.egress.lab.example does not lead back to it" },
    { address: "81.2.69.2", wrong: "its name is p2.egress.lab.example.evil.example, not below egress.lab.example" },
    { address: "81.2.69.3", wrong: "it has no name" },
  ]);
});

test("asks for all of a small prefix, and for the ends of a large one", () => {
  expect(addressesOf("81.2.69.8/31")).toEqual(["81.2.69.8", "81.2.69.9"]);
  expect(addressesOf("81.2.0.0/20")).toEqual(["81.2.0.0", "81.2.15.255"]);
  expect(addressesOf("2a00:1450::/48")).toEqual(["2a00:1450::"]);
});
