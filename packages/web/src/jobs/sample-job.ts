/** A job for tests: Ann installs Notes on three phones, one is done; change what the test is about. */
import type { Job, JobTask } from "@phonerack/contract/api";

export const NO_COUNTS: Job["counts"] = { waiting: 0, running: 0, done: 0, failed: 0, stale: 0, interrupted: 0, cancelled: 0 };

export function sampleJob(change: Partial<Job> = {}): Job {
  return {
    id: "j-aaaaaaaaaa",
    tenant: "acme",
    actor: "u-ann",
    actorName: "Ann",
    name: "install dev.phonerack.notes",
    action: {
      type: "install",
      package: "dev.phonerack.notes",
      files: [{ name: "notes.apk", sha256: "ab".repeat(32), size: 1_000 }],
      grant: false,
      downgrade: false,
    },
    pace: { concurrency: 50, wave: null, stopAt: null },
    state: "running",
    reason: null,
    createdAt: 0,
    endedAt: null,
    size: 3,
    counts: { ...NO_COUNTS, running: 2, done: 1 },
    progress: 0.5,
    ...change,
  };
}

export function sampleTask(change: Partial<JobTask> = {}): JobTask {
  return {
    deviceId: "d-0001",
    deviceName: "C01-01",
    state: "done",
    attempt: 1,
    progress: null,
    note: null,
    startedAt: 0,
    endedAt: 1_000,
    error: null,
    result: null,
    ...change,
  };
}
