import { describe, expect, test } from "vitest";
import { sampleDevice, sampleHolder } from "../live/sample-device.js";
import { mayManage, mayOpenForSupport, mayTake, mayTouch, mayWatch } from "./may.js";
import { sampleSession } from "./sample-session.js";

const member = sampleSession();
const viewer = sampleSession({ role: "viewer" });
const labOperator = sampleSession({ actor: "u-lab", tenant: "lab", role: "operator", lab: "operator" });
const free = sampleDevice();
const mine = sampleDevice({ lease: "leased", holder: sampleHolder() });
const colleagues = sampleDevice({ lease: "leased", holder: sampleHolder({ actor: "u-bob", actorName: "Bob" }) });
const others = sampleDevice({
  lease: "leased",
  holder: sampleHolder({ actor: "u-eve", tenant: "globex", tenantName: "Globex" }),
});

describe("taking a phone", () => {
  test("is for members, and for phones that are free, ready and out of quarantine", () => {
    expect(mayTake(member, free)).toBe(true);
    expect(mayTake(viewer, free)).toBe(false);
    expect(mayTake(undefined, free)).toBe(false);
    expect(mayTake(member, colleagues)).toBe(false);
    expect(mayTake(member, sampleDevice({ state: "lost" }))).toBe(false);
    expect(mayTake(member, sampleDevice({ quarantine: { reason: "An account was left.", since: 0 } }))).toBe(false);
  });

  test("that are one organisation's alone is for its members", () => {
    expect(mayTake(member, sampleDevice({ tenant: "acme" }))).toBe(true);
    expect(mayTake(labOperator, sampleDevice({ tenant: "acme" }))).toBe(false);
  });

  test("needs a key's scope to drive", () => {
    expect(mayTake(sampleSession({ scopes: ["read"] }), free)).toBe(false);
    expect(mayTake(sampleSession({ scopes: ["read", "drive"] }), free)).toBe(true);
  });
});

describe("a phone's screen", () => {
  test("is touched by its holder alone", () => {
    expect(mayTouch(member, mine)).toBe(true);
    for (const device of [free, colleagues, others]) expect(mayTouch(member, device)).toBe(false);
    expect(mayTouch(labOperator, mine)).toBe(false);
  });

  test("is seen by its holder's organisation, and while free by the lab", () => {
    expect(mayWatch(viewer, colleagues)).toBe(true);
    expect(mayWatch(member, free)).toBe(false);
    expect(mayWatch(member, others)).toBe(false);
    expect(mayWatch(labOperator, free)).toBe(true);
    expect(mayWatch(labOperator, others)).toBe(false);
  });

  test("of another organisation is seen in one's own support session only", () => {
    const support = { by: "u-lab", byName: "Lab", reason: "asked for help", since: 0, until: 1 };
    expect(mayOpenForSupport(labOperator, others)).toBe(true);
    expect(mayOpenForSupport(member, others)).toBe(false);
    expect(mayWatch(labOperator, { ...others, support })).toBe(true);
    expect(mayWatch(sampleSession({ lab: "owner", tenant: "lab" }), { ...others, support })).toBe(false);
  });
});

test("a lease is its holder's and its organisation's operators' to end", () => {
  const lease = { tenant: "acme", actor: "u-bob" };
  expect(mayManage(member, lease)).toBe(false);
  expect(mayManage(member, { ...lease, actor: "u-ann" })).toBe(true);
  expect(mayManage(sampleSession({ role: "operator" }), lease)).toBe(true);
  expect(mayManage(labOperator, lease)).toBe(false);
});
