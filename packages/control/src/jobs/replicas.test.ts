/** Two controls on one database and one bus, as on PostgreSQL and NATS: a job is run by one and known to both. */
import { rm } from "node:fs/promises";
import { JobRequest } from "@phonerack/contract/bus";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { reportOf } from "../../test/fake-agent.js";
import { FakeTaskAgent, printed } from "../../test/fake-task-agent.js";
import { copyDatabase, silent, temporaryFolder, until } from "../../test/running-control.js";
import { ADA, Lab, type Replica } from "../../test/running-desk.js";
import type { Caller } from "../access/caller.js";
import { type Database, openDatabase } from "../database/database.js";
import { createJobDesk, type JobDesk } from "./start.js";

const PHONES = 4;
const WHO: Caller = { ...ADA, kind: "person", tenantName: null, scopes: null, session: null, expiresAt: null };

let database: Database;
let folder: string;
let lab: Lab;
let tasks: FakeTaskAgent;
let phones: string[];
let desks: JobDesk[];

function deskOf(replica: Replica, name: string): JobDesk {
  return createJobDesk({
    bus: lab.bus,
    replica: name,
    db: Promise.resolve(database.db),
    devices: replica.devices,
    trials: { has: () => false, claim: async () => false },
    grounds: { of: async (tenant) => ({ tenant, version: 1, owned: [], permits: [] }) },
    isEnrolled: () => true,
    record: (event) => replica.events.push(event),
    log: silent,
    used: () => undefined,
    hears: () => true,
    ensure: async () => undefined,
    keeper: { do: async () => ({}) },
  });
}

beforeAll(async () => {
  folder = await temporaryFolder();
  await copyDatabase(folder);
  database = await openDatabase({ kind: "pglite" }, { dataDir: folder, log: silent });
});
afterAll(async () => {
  await database.stop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await database.db.execute("TRUNCATE leases, lease_devices, holds, supports, devices, jobs, job_tasks");
  lab = new Lab(database.db);
  tasks = new FakeTaskAgent(lab.bus);
  const [first, second] = [await lab.replica(), await lab.replica()];
  phones = await lab.phones(PHONES);
  await first.take(ADA, { devices: phones });
  for (const [n, id] of phones.entries()) lab.agent.report(reportOf(id, { slot: n + 1 }));
  await until(() => second.devices.counts.devices === PHONES, "the devices");
  desks = [deskOf(first, "control-1"), deskOf(second, "control-2")];
  for (const desk of desks) await desk.start();
  return async () => {
    for (const desk of desks) await desk.stop();
    tasks.stop();
    await lab.stop();
  };
});

const request = (more: object = {}) =>
  JobRequest.parse({ devices: phones, action: { type: "shell", command: "x" }, pace: { concurrency: 2 }, ...more });

test("what one runs the other shows, stops, and takes over when the first stops", async () => {
  const [first, second] = desks as [JobDesk, JobDesk];
  const changed: string[] = [];
  second.onChange((id) => changed.push(id));
  tasks.outcome = () => undefined;
  const stopped = await first.jobs.create(WHO, request());
  await until(() => tasks.begun.length === 2, "two");
  await until(() => changed.includes(stopped.id), "the word of it");
  expect((await second.jobs.cancel(WHO, stopped.id)).state).toBe("stopping");
  await until(async () => (await first.jobs.get(WHO, stopped.id)).counts.cancelled === 2, "the other to hear of it");
  for (const { task } of tasks.begun) tasks.end(task, printed(""));
  const over = await until(async () => {
    const job = await second.jobs.get(WHO, stopped.id);
    return job.state === "ended" && job;
  }, "its end");
  expect(over).toMatchObject({ counts: { done: 2, cancelled: 2 }, reason: expect.stringContaining("cancelled by") });

  const taken = await first.jobs.create(WHO, request());
  await until(() => tasks.begun.length === 4, "two more");
  await first.stop();
  tasks.outcome = () => printed("");
  for (const { task } of tasks.begun.slice(2)) tasks.end(task, printed("while nobody listened"));
  await until(async () => (await second.jobs.get(WHO, taken.id)).counts.done === PHONES, "its end at the other");
  expect(tasks.begun.length).toBe(2 + PHONES);
  expect((await second.jobs.outcomes(WHO, taken.id)).map(({ devices, result }) => [devices.length, result?.stdout])).toEqual([
    [2, "while nobody listened"],
    [2, ""],
  ]);
});
