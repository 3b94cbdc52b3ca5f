import fc from "fast-check";
import { expect, test } from "vitest";
import { decide, type GateFacts } from "./gate.js";

const HAND: GateFacts = {
  mode: "unicast",
  actor: "u-1",
  epoch: 7,
  leaseEpoch: 7,
  phase: "leased",
  holder: "u-1",
  input: "touch",
  foreground: "org.example.app",
};

const facts: fc.Arbitrary<GateFacts> = fc.record({
  mode: fc.constantFrom("unicast", "group", "script"),
  actor: fc.constantFrom("", "u-1", "u-2"),
  epoch: fc.nat({ max: 2 }),
  leaseEpoch: fc.nat({ max: 2 }),
  phase: fc.constantFrom("free", "leased", "cleaning", "dirty"),
  holder: fc.constantFrom("", "u-1", "u-2"),
  input: fc.constantFrom("touch", "scroll", "key", "text", "rotate"),
  foreground: fc.constantFrom(null, "org.example.app"),
});

test("lets the holder drive the phone by hand", () => {
  expect(decide(HAND)).toMatchObject({ decision: "allow", rule: "holder-by-hand" });
});

test("lets a hand act where the foreground is not known", () => {
  expect(decide({ ...HAND, foreground: null }).decision).toBe("allow");
});

test.each(["group", "script"] as const)("denies %s input while nobody has proved to own an app", (mode) => {
  expect(decide({ ...HAND, mode })).toMatchObject({ decision: "deny", rule: "many-without-ownership" });
});

test("denies a command of a lease that is over", () => {
  expect(decide({ ...HAND, epoch: 6 })).toMatchObject({ decision: "deny", rule: "stale-epoch" });
});

test("denies a command without a lease on a leased phone", () => {
  expect(decide({ ...HAND, epoch: 0 })).toMatchObject({ decision: "deny", rule: "stale-epoch" });
});

test("denies whom nobody names", () => {
  expect(decide({ ...HAND, actor: "", holder: "" })).toMatchObject({ decision: "deny", rule: "nobody" });
});

test.each(["free", "cleaning", "dirty"] as const)("denies even who held it last when the phone is %s", (phase) => {
  expect(decide({ ...HAND, phase })).toMatchObject({ decision: "deny", rule: "no-lease" });
});

test("denies everybody but the holder", () => {
  expect(decide({ ...HAND, actor: "u-2" })).toMatchObject({ decision: "deny", rule: "other-holder" });
});

test("has one decision, with its rule and a sentence, for all facts, and allows the holder's own hand alone", () => {
  fc.assert(
    fc.property(facts, (input) => {
      const first = decide(input);
      expect(decide({ ...input })).toEqual(first);
      expect(first.reason).toMatch(/^[A-Z].*\.$/);
      const { mode, actor, epoch, leaseEpoch, phase, holder } = input;
      const own = mode === "unicast" && epoch === leaseEpoch && phase === "leased" && actor !== "" && actor === holder;
      expect(first.decision).toBe(own ? "allow" : "deny");
    }),
    { numRuns: 2_000 },
  );
});
