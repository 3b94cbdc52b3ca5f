import type { Json, Judged, Leaf } from "@phonerack/policy";
import { SAMPLE_FACTS } from "@phonerack/policy/sample";
import { expect, test } from "vitest";
import { KnownGrounds, type Rested } from "./grounds.js";

const AT = 1_795_000_000_000;
const MINUTE = 60_000;

function change(table: string, op: "insert" | "update" | "delete", row: Record<string, Json>, at = AT): Leaf {
  return { v: 1, seq: 0, at, kind: "change", table, op, row };
}

const resting = (front: Judged, of: Partial<Rested> = {}): Rested => ({
  decision: "allow",
  facts: { ...SAMPLE_FACTS, front },
  device: "d-1",
  tenant: "t-1",
  at: AT,
  ...of,
});

test("a permit is for its devices, its organisation and its time", () => {
  const known = new KnownGrounds();
  const row = { id: "p-1", tenant: "t-1", package: "com.other", devices: ["d-1"], until: new Date(AT + MINUTE).toISOString() };
  known.hear(change("permits", "insert", row));
  const front: Judged = { package: "com.other", signer: null, standing: "permitted", by: "p-1" };
  expect(known.wrongIn(resting(front))).toBeUndefined();
  expect(known.wrongIn(resting(front, { device: "d-2" }))).toContain("permitted");
  expect(known.wrongIn(resting(front, { tenant: "t-2" }))).toContain("permitted");
  expect(known.wrongIn(resting(front, { at: AT + 3 * MINUTE }))).toContain("permitted");
  expect(known.wrongIn(resting({ ...front, package: "com.third" }))).toContain("permitted");
  known.hear(change("permits", "delete", row));
  // An agent may not have heard of it yet.
  expect(known.wrongIn(resting(front, { at: AT + 30_000 }))).toBeUndefined();
  expect(known.wrongIn(resting(front, { at: AT + 2 * MINUTE }))).toContain("permitted");
});

test("what was owned is so until it is taken back, and a moment longer", () => {
  const known = new KnownGrounds();
  const row = { id: "a-1", tenant: "t-1", package: "com.mine", signer: "aa", ownership: true };
  const front: Judged = { package: "com.mine", signer: "aa", standing: "owned", by: "a-1" };
  expect(known.wrongIn(resting(front))).toContain("owned");
  known.hear(change("apps", "insert", row));
  expect(known.wrongIn(resting(front))).toBeUndefined();
  expect(known.wrongIn(resting({ ...front, signer: "bb" }))).toContain("owned");
  known.hear(change("apps", "update", { ...row, ownership: false }, AT + MINUTE));
  expect(known.wrongIn(resting(front, { at: AT + MINUTE + 5_000 }))).toBeUndefined();
  expect(known.wrongIn(resting(front, { at: AT + 5 * MINUTE }))).toContain("owned");
  known.hear(change("apps", "update", row, AT + 6 * MINUTE));
  expect(known.wrongIn(resting(front, { at: AT + 7 * MINUTE }))).toBeUndefined();
});

test("a part of Android is one by its name, or by what the phone uses it for", () => {
  const known = new KnownGrounds();
  const system = (name: string, by: string): Judged => ({ package: name, signer: "aa", standing: "system", by });
  expect(known.wrongIn(resting(system("com.android.settings", "part of Android")))).toBeUndefined();
  expect(known.wrongIn(resting(system("com.some.launcher", "home")))).toBeUndefined();
  expect(known.wrongIn(resting(system("com.whatsapp", "part of Android")))).toContain("a part of Android");
  expect(known.wrongIn({ ...resting(SAMPLE_FACTS.front as Judged), decision: "deny" })).toBeUndefined();
  const facts = { ...SAMPLE_FACTS, front: null, target: system("com.whatsapp", "part of Android") };
  expect(known.wrongIn({ ...resting(system("a.b", "home")), facts })).toContain("com.whatsapp");
});
