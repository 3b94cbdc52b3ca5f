/** A group for tests: Ann's, of three phones, driven by hand; change what the test is about. */
import type { Group, GroupMember, StepRecord } from "@phonerack/contract/api";

export function sampleMember(change: Partial<GroupMember> = {}): GroupMember {
  return {
    deviceId: "d-0001",
    state: "followed",
    reason: null,
    screen: { package: "dev.phonerack.notes", activity: ".List", signature: "a1" },
    fence: "closed",
    engine: true,
    ...change,
  };
}

export function sampleStep(change: Partial<StepRecord> = {}): StepRecord {
  return {
    seq: 1,
    at: 0,
    by: "u-ann",
    step: { type: "key", key: "BACK" },
    words: "key BACK",
    counts: { applied: 3, delivered: 0, "not-found": 0, denied: 0, late: 0, failed: 0 },
    waiting: 0,
    answers: [],
    ms: 40,
    ...change,
  };
}

export function sampleGroup(change: Partial<Group> = {}): Group {
  return {
    id: "g-aaaaaaaaaa",
    lease: "l-aaaaaaaaaa",
    tenant: "acme",
    actor: "u-ann",
    actorName: "Ann",
    name: "Notes 2.4",
    aim: "element",
    leader: "d-0000",
    mode: "hand",
    paused: false,
    recording: false,
    stepsPerSecond: 5,
    createdAt: 0,
    endedAt: null,
    endReason: null,
    members: ["d-0000", "d-0001", "d-0002"].map((deviceId) => sampleMember({ deviceId })),
    steps: [],
    ...change,
  };
}
