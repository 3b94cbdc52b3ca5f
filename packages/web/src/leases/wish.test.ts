import { LeaseRequest } from "@phonerack/contract/api";
import { expect, test } from "vitest";
import { sampleDevice } from "../live/sample-device.js";
import { choicesOf, fitting, NO_WISH, requestOf, type Wish } from "./wish.js";

const wish = (change: Partial<Wish> = {}): Wish => ({ ...NO_WISH, from: 10_000_000, ...change });

test("a wish without any choice asks for one phone, for an hour from now", () => {
  expect(requestOf(wish(), 1_000)).toEqual({ where: {}, count: 1, until: 3_601_000, purpose: "" });
});

test("each wish becomes a request that the contract accepts", () => {
  const wishes = [
    wish({ models: ["V3"], sdk: 33, labels: ["cold"], count: 20 }),
    wish({ whole: true, chassis: "C01", when: "wait" }),
    wish({ when: "later", minutes: 15, purpose: "  soak " }),
  ];
  for (const each of wishes) expect(LeaseRequest.safeParse(requestOf(each, 0)).success).toBe(true);
  expect(requestOf(wishes[1] ?? wish(), 0)).toMatchObject({ wholeChassis: true, wait: true });
  expect(requestOf(wishes[2] ?? wish(), 0)).toMatchObject({ from: 10_000_000, until: 10_900_000 });
});

test("all that is wished must hold for a phone to fit", () => {
  const devices = [
    sampleDevice({ id: "d-0001", sdk: 31, labels: ["cold", "5g"] }),
    sampleDevice({ id: "d-0002", sdk: 34, model: "V5" }),
    sampleDevice({ id: "d-0003", sdk: 33, chassis: "C10" }),
  ];
  const ids = (change: Partial<Wish>) => fitting(devices, wish(change)).map(({ id }) => id);
  expect(ids({})).toHaveLength(3);
  expect(ids({ sdk: 33 })).toEqual(["d-0002", "d-0003"]);
  expect(ids({ sdk: 33, models: ["V3"] })).toEqual(["d-0003"]);
  expect(ids({ labels: ["cold", "5g"], chassis: "C01" })).toEqual(["d-0001"]);
  expect(choicesOf(devices).chassis).toEqual(["C01", "C10"]);
});
