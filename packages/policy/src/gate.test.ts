import fc from "fast-check";
import { expect, test } from "vitest";
import { decide, type GateFacts } from "./gate.js";

const HAND: GateFacts = {
  mode: "unicast",
  actor: "admin",
  epoch: 0,
  leaseEpoch: 0,
  input: "touch",
  foreground: "org.example.app",
};

const facts: fc.Arbitrary<GateFacts> = fc.record({
  mode: fc.constantFrom("unicast", "group", "script"),
  actor: fc.constantFrom("", "admin", "someone"),
  epoch: fc.nat({ max: 3 }),
  leaseEpoch: fc.nat({ max: 3 }),
  input: fc.constantFrom("touch", "scroll", "key", "text", "rotate"),
  foreground: fc.constantFrom(null, "org.example.app"),
});

test("lets the local admin drive one phone by hand", () => {
  expect(decide(HAND)).toMatchObject({ decision: "allow", rule: "local-admin" });
});

test("lets a hand act where the foreground is not known", () => {
  expect(decide({ ...HAND, foreground: null }).decision).toBe("allow");
});

test.each(["group", "script"] as const)("denies %s input while nobody has proved to own an app", (mode) => {
  expect(decide({ ...HAND, mode })).toMatchObject({ decision: "deny", rule: "many-without-ownership" });
});

test("denies a command of a lease that is over", () => {
  expect(decide({ ...HAND, epoch: 4, leaseEpoch: 5 })).toMatchObject({ decision: "deny", rule: "stale-epoch" });
});

test("denies a command without a lease on a leased phone", () => {
  expect(decide({ ...HAND, epoch: 0, leaseEpoch: 5 })).toMatchObject({ decision: "deny", rule: "stale-epoch" });
});

test("denies whom nobody names", () => {
  expect(decide({ ...HAND, actor: "" })).toMatchObject({ decision: "deny", rule: "nobody" });
});

test("has one decision, with its rule and a sentence, for all facts", () => {
  fc.assert(
    fc.property(facts, (input) => {
      const first = decide(input);
      expect(decide({ ...input })).toEqual(first);
      expect(first.reason).toMatch(/^[A-Z].*\.$/);
      if (first.decision === "allow") expect(input).toMatchObject({ mode: "unicast", epoch: input.leaseEpoch });
    }),
  );
});
