import { rm } from "node:fs/promises";
import { GroupRequest, type GroupStep } from "@phonerack/contract/bus";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { reportOf } from "../../test/fake-agent.js";
import { FakeGroupAgent } from "../../test/fake-group-agent.js";
import { copyDatabase, silent, temporaryFolder, until } from "../../test/running-control.js";
import { ADA, Lab, type Replica } from "../../test/running-desk.js";
import { type Database, openDatabase } from "../database/database.js";
import { createGroupDesk, type GroupDesk } from "./start.js";

/** Two controls on one database and one bus: what they would be on PostgreSQL and NATS. */
let database: Database;
let folder: string;
let lab: Lab;
let agent: FakeGroupAgent;
let phones: string[];
const desks: GroupDesk[] = [];

const TAP: GroupStep = { type: "tap", at: { id: "save" } };

function deskOf(replica: Replica, name: string): GroupDesk {
  const desk = createGroupDesk({
    bus: lab.bus,
    replica: name,
    db: Promise.resolve(database.db),
    devices: replica.devices,
    leases: replica.desk.board,
    record: (event) => replica.events.push(event),
    log: silent,
    hears: () => true,
    used: () => undefined,
    isEnrolled: () => true,
  });
  desks.push(desk);
  return desk;
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
  await database.db.execute("TRUNCATE leases, lease_devices, holds, supports, devices, groups");
  lab = new Lab(database.db);
  agent = new FakeGroupAgent(lab.bus);
  const replica = await lab.replica();
  deskOf(replica, "control-1");
  phones = await lab.phones(3);
  await replica.take(ADA, { devices: phones });
  return async () => {
    for (const desk of desks.splice(0)) await desk.stop();
    agent.stop();
    await lab.stop();
  };
});

async function second(): Promise<GroupDesk> {
  const replica = await lab.replica();
  const desk = deskOf(replica, "control-2");
  for (const [n, id] of phones.entries()) lab.agent.report(reportOf(id, { slot: n + 1 }));
  await until(() => replica.devices.counts.devices === 3, "the devices");
  await desk.start();
  return desk;
}

const begin = (desk: GroupDesk | undefined) => {
  if (!desk) throw new Error("no desk");
  return desk.groups.start(ADA, GroupRequest.parse({ devices: phones }));
};
const step = (desk: GroupDesk, id: string) => desk.groups.step(ADA, id, { step: TAP, wait: 5_000 });

test("both know of a group, of its members and of each other's steps, which never have the same number", async () => {
  const [first] = desks;
  const other = await second();
  const { id } = await begin(first);
  await until(() => other.board.get(id), "the other to know");
  const records = await Promise.all([step(other, id), step(first as GroupDesk, id), step(other, id)]);
  expect(new Set(records.map(({ seq }) => seq)).size).toBe(3);
  for (const desk of desks) {
    await until(() => desk.board.get(id)?.ledger.records.length === 3, "the ledger");
    expect(desk.board.get(id)?.ledger.records.map(({ counts, waiting }) => [counts.applied, waiting])).toEqual([
      [3, 0],
      [3, 0],
      [3, 0],
    ]);
    expect(desk.board.get(id)?.view(phones[2] ?? "")?.state).toBe("followed");
  }
  await other.groups.change(ADA, id, { paused: true });
  await until(() => first?.board.get(id)?.row.paused, "the pause");
  await other.groups.end(ADA, id);
  await until(() => first?.board.get(id)?.over, "the end");
  expect(agent.of("end")).toHaveLength(1);
});

test("two that start groups of the same devices at once make one", async () => {
  const [first] = desks;
  const other = await second();
  const made = await Promise.allSettled([begin(first), begin(other)]);
  expect(made.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
});

test("a control that starts again takes groups up where they are, and ends those whose lease ended meanwhile", async () => {
  const [first] = desks;
  const { id } = await begin(first);
  const before = await step(first as GroupDesk, id);
  await desks.splice(0)[0]?.stop();
  const again = await second();
  await until(() => again.board.get(id)?.view(phones[1] ?? "")?.state === "followed", "the members");
  const after = await step(again, id);
  expect(after.seq).toBeGreaterThan(before.seq);
  expect(after.counts.applied).toBe(3);
  await again.stop();
  desks.length = 0;
  const lease = again.board.get(id)?.row.leaseId ?? "";
  await lab.replicas[0]?.desk.leases.release(ADA, lease);
  const third = await second();
  await until(() => third.board.get(id)?.over ?? true, "the end");
  expect((await third.groups.get(ADA, id)).endReason).toMatch(/^its lease is over/);
});
