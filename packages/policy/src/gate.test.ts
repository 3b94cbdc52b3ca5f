import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Judged, Standing } from "./apps.js";
import { DAILY, decide, GATE_RULES, type GateAction, type GateFacts, HOURLY, KNOWN_MS } from "./gate.js";

const ACTIONS = [
  "tap",
  "drag",
  "swipe",
  "scroll",
  "navigate",
  "key",
  "text",
  "paste",
  "install",
  "launch",
  "stop",
  "deep-link",
  "shell",
  "file",
  "setting",
  "location",
  "look",
  "read",
] as const satisfies readonly GateAction[];
const OPENING: readonly GateAction[] = ["launch", "stop", "deep-link", "install"];
const PHONES_OWN: readonly GateAction[] = ["navigate", "drag", "look", "file", "setting", "read"];
const WRITING: readonly GateAction[] = ["text", "paste"];

const app = (standing: Standing): Judged => ({ package: "org.example.app", signer: null, standing, by: null });

/** The holder's own hand on an owned app, with nothing against it. */
const HAND: GateFacts = {
  mode: "unicast",
  action: "tap",
  actor: "u-1",
  epoch: 7,
  leaseEpoch: 7,
  phase: "leased",
  holder: "u-1",
  front: app("owned"),
  knownMs: 100,
  fresh: false,
  target: null,
  fence: "open",
  budget: { trial: false, hour: 0, day: 0 },
};
const GROUP: GateFacts = { ...HAND, mode: "group", fence: "closed" };

const judged = fc.constantFrom<(Judged | null)[]>(null, app("owned"), app("system"), app("permitted"), app("other"));
const facts: fc.Arbitrary<GateFacts> = fc.record({
  mode: fc.constantFrom("unicast", "group", "script"),
  action: fc.constantFrom(...ACTIONS),
  actor: fc.constantFrom("", "u-1", "u-1", "u-2"),
  epoch: fc.constantFrom(7, 7, 7, 6, 0),
  leaseEpoch: fc.constantFrom(7, 7, 7, 8),
  phase: fc.constantFrom("leased", "leased", "leased", "free", "cleaning", "dirty"),
  holder: fc.constantFrom("u-1", "u-1", "u-2", ""),
  front: judged,
  knownMs: fc.oneof(fc.constant(null), fc.nat({ max: 2 * KNOWN_MS })),
  fresh: fc.boolean(),
  target: judged,
  fence: fc.constantFrom("open", "closed", "leaky"),
  budget: fc.record({ trial: fc.boolean(), hour: fc.nat({ max: 2 * HOURLY }), day: fc.nat({ max: 2 * DAILY }) }),
  paused: fc.constantFrom(undefined, undefined, undefined, true),
});

/** For all facts: what is allowed fulfils this. */
function allowedOnly(holds: (facts: GateFacts) => boolean): void {
  fc.assert(
    fc.property(facts, (input) => decide(input).decision === "deny" || holds(input)),
    { numRuns: 20_000 },
  );
}

const about = ({ action, front, target }: GateFacts): Judged | null => (OPENING.includes(action) ? target : front);

test("has one decision with its rule and a sentence for all facts, and the same one each time", () => {
  const names = new Set<string>(GATE_RULES.map(({ name }) => name));
  fc.assert(
    fc.property(facts, (input) => {
      const first = decide(input);
      expect(decide(structuredClone(input))).toEqual(first);
      expect(first.reason).toMatch(/^\S.*\.$/);
      expect(names).toContain(first.rule);
    }),
    { numRuns: 5_000 },
  );
});

test("lets nobody in but the present holder, at the present epoch", () => {
  allowedOnly(
    ({ actor, holder, epoch, leaseEpoch, phase }) =>
      actor !== "" && actor === holder && epoch === leaseEpoch && phase === "leased",
  );
});

test("lets whoever holds the phone read, unless it was paused for many", () => {
  fc.assert(
    fc.property(facts, (input) => {
      const { decision, rule } = decide({ ...input, action: "read" });
      const holds = input.actor !== "" && input.actor === input.holder && input.epoch === input.leaseEpoch;
      const free = holds && input.phase === "leased" && !(input.paused === true && input.mode !== "unicast");
      expect([decision, rule === "reads"]).toEqual(free ? ["allow", true] : ["deny", false]);
    }),
  );
});

test("lets many act only behind a closed fence, on a phone that tells what is in front", () => {
  allowedOnly(
    ({ mode, action, fence, front, knownMs, fresh }) =>
      mode === "unicast" ||
      action === "read" ||
      (fence !== "open" &&
        front !== null &&
        knownMs !== null &&
        knownMs <= KNOWN_MS &&
        (fence === "closed" || fresh || action === "drag")),
  );
});

test("never lets many near an app that is other or permitted, be it in front or opened; a shell opens beside a permitted one", () => {
  allowedOnly(
    (input) =>
      input.mode === "unicast" ||
      input.action === "read" ||
      ["owned", "system"].includes(about(input)?.standing ?? "") ||
      (input.action === "shell" && input.front?.standing === "permitted"),
  );
});

test("tells a made-up location to nobody but owned apps and the system", () => {
  allowedOnly(({ action, front }) => action !== "location" || ["owned", "system"].includes(front?.standing ?? ""));
});

test("lets many write nothing into the system, and open but not stop, install or link into it", () => {
  allowedOnly(
    (input) =>
      input.mode === "unicast" ||
      about(input)?.standing !== "system" ||
      (!WRITING.includes(input.action) && !["stop", "deep-link", "install"].includes(input.action)),
  );
});

test("lets a hand beyond its trials do no more in others' apps than look, leave, open and touch within the budgets", () => {
  allowedOnly((input) => {
    const standing = about(input)?.standing ?? "other";
    if (input.mode !== "unicast" || input.budget.trial || standing !== "other") return true;
    if (PHONES_OWN.includes(input.action)) return true;
    const within = input.budget.hour < HOURLY && input.budget.day < DAILY;
    return within && ["tap", "swipe", "scroll", "launch", "stop"].includes(input.action);
  });
});

test("opens no link into others' apps, whoever asks", () => {
  allowedOnly(({ action, target }) => action !== "deep-link" || (target !== null && target.standing !== "other"));
});

test("opens no shell on a phone whose fence has a gap", () => {
  allowedOnly(({ action, fence }) => action !== "shell" || fence === "closed");
});

test.each(ACTIONS.filter((action) => action !== "shell"))(
  "lets the holder's hand %s freely in what is owned, system or permitted",
  (action) => {
    for (const standing of ["owned", "system", "permitted"] as const) {
      if (action === "location" && standing === "permitted") continue;
      const target = OPENING.includes(action) ? app(standing) : null;
      const input = { ...HAND, action, front: app(standing), target, knownMs: null };
      expect(decide(input).decision).toBe("allow");
    }
  },
);

test.each(ACTIONS.filter((action) => !["deep-link", "shell", "location"].includes(action)))(
  "lets somebody with a device of their trials %s in others' apps",
  (action) => {
    const input = { ...HAND, action, front: app("other"), target: app("other"), budget: { trial: true, hour: 99, day: 999 } };
    expect(decide(input).decision).toBe("allow");
  },
);

test.each(ACTIONS)("lets a group %s in an owned app", (action) => {
  expect(decide({ ...GROUP, action, target: OPENING.includes(action) ? app("owned") : null }).decision).toBe("allow");
});

test.each([
  ["hand-hourly", { hour: HOURLY, day: HOURLY }],
  ["hand-daily", { hour: 0, day: DAILY }],
  ["hand-budget", { hour: HOURLY - 1, day: DAILY - 1 }],
] as const)("counts what a hand did in others' apps: %s", (rule, used) => {
  expect(decide({ ...HAND, front: app("other"), budget: { trial: false, ...used } }).rule).toBe(rule);
});

test("says in words whose app it is and what to do", () => {
  expect(decide({ ...GROUP, front: { ...app("other"), package: "com.example.bazaar" } }).reason).toBe(
    "com.example.bazaar is not yours: group taps are not delivered. Prove ownership or use one phone by hand.",
  );
});

test("a pause stops group and script input whatever is in front, and by hand all that concerns others' apps", () => {
  allowedOnly(({ mode, paused }) => paused !== true || mode === "unicast");
  allowedOnly((input) => input.paused !== true || about(input)?.standing !== "other" || PHONES_OWN.includes(input.action));
  expect(decide({ ...GROUP, paused: true })).toMatchObject({ decision: "deny", rule: "paused" });
  expect(decide({ ...HAND, paused: true })).toMatchObject({ decision: "allow", rule: "hand-owned" });
  const trying = { ...HAND, front: app("other"), budget: { trial: true, hour: 0, day: 0 } };
  expect(decide(trying)).toMatchObject({ decision: "allow" });
  expect(decide({ ...trying, paused: true })).toMatchObject({ decision: "deny", rule: "paused" });
  expect(decide({ ...trying, action: "navigate", paused: true })).toMatchObject({ decision: "allow" });
});

test("docs/lawful-use.md shows exactly the rules, in their order", () => {
  const page = readFileSync(new URL("../../../docs/lawful-use.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| `([a-z-]+)`\s*\| (allow|deny)\s*\| (.*?)\s*\|$/gm)].map(([, name, decision, when]) => ({
    name,
    decision,
    when,
  }));
  expect(rows).toEqual(GATE_RULES.map(({ name, decision, when }) => ({ name, decision, when })));
});
