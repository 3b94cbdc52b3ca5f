import type { Group, StepRecord } from "@phonerack/contract/api";
import { afterEach, expect, test, vi } from "vitest";
import { runCli } from "../program.js";
import { groupStatus, stepWords } from "./group-table.js";
import { fenceWords } from "./starting.js";

afterEach(() => vi.restoreAllMocks());

const name = (id: string) => id.toUpperCase();

const STEP: StepRecord = {
  seq: 3,
  at: 0,
  by: "Ada",
  step: { type: "tap", at: { id: "save" } },
  words: "tap id/save",
  counts: { applied: 18, delivered: 0, "not-found": 0, denied: 1, late: 1, failed: 0 },
  waiting: 0,
  answers: [
    { deviceId: "p-02", outcome: "denied", ms: 1, error: { code: "denied", message: "no", detail: "Bazaar is not yours." } },
    { deviceId: "p-03", outcome: "late", ms: 0 },
  ],
  ms: 312.4,
};

const GROUP: Group = {
  id: "g-aaaaaaaaaaaaa",
  lease: "l-aaaaaaaaaaaaa",
  tenant: "lab",
  actor: "ada",
  actorName: "Ada",
  name: "smoke",
  aim: "element",
  leader: "p-01",
  mode: "hand",
  paused: true,
  recording: false,
  stepsPerSecond: 5,
  createdAt: 0,
  endedAt: null,
  endReason: null,
  members: [
    { deviceId: "p-01", state: "followed", reason: null, screen: null, fence: "closed", engine: true },
    {
      deviceId: "p-02",
      state: "stray",
      reason: "Shows Settings, the leader Notes.",
      screen: null,
      fence: "closed",
      engine: true,
    },
  ],
  steps: [STEP],
};

test("the status shows counts, the last steps and everyone who strays, with why", () => {
  expect(groupStatus(GROUP, name)).toBe(
    [
      "smoke (g-aaaaaaaaaaaaa): 2 phones, P-01 leads, aims by element, paused",
      "1 followed, 1 stray",
      "",
      "STEP  WHAT         HOW IT WENT",
      "3     tap id/save  18 applied, 1 denied, 1 late (312 ms)",
      "",
      "PHONE  STATE  WHY",
      "P-02   stray  Shows Settings, the leader Notes.",
      "",
    ].join("\n"),
  );
});

test("a step's answer names those that did not take it", () => {
  expect(stepWords(STEP, name)).toBe(
    "tap id/save: 18 applied, 1 denied, 1 late (312 ms)\n  P-02: denied, Bazaar is not yours.\n  P-03: late",
  );
});

test("before apps are disabled they are listed, by how many phones have them", () => {
  const packages = [{ package: "com.example.bazaar", label: "Bazaar" }];
  const previews = ["p-01", "p-02"].map((deviceId) => ({ deviceId, packages, ask: true }));
  previews[1]?.packages.push({ package: "org.other", label: "Other" });
  expect(fenceWords(previews.slice(0, 1), name)).toContain("Bazaar (com.example.bazaar): P-01");
  expect(fenceWords([], name)).toContain("none");
});

test.each([
  [["group", "start"], "say which phones: --devices, --chassis, --label, --lease or --all"],
  [["group", "start", "--rate", "99", "--lease", "l-x"], "'99' is not a number of steps (1 to 30)"],
  [["group", "aim", "luck"], "aim by element or by point"],
])("%j is refused in words before anything is done", async (words, said) => {
  const stderr = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  expect(await runCli([...words, "--control", "http://127.0.0.1:9", "--token", "none"])).toBe(2);
  expect(stderr.mock.calls.map(String).join("")).toContain(said);
});
