/**
 * Controls and the agent that die at any moment, news and answers that get lost: no task that must not be repeated is begun twice, each ends, and what the
 * database says of it is what its agent knows.
 */
import { rm } from "node:fs/promises";
import { type Bus, createInProcessBus, type Device, REPEATABLE, TASK_OVER, type TaskState } from "@phonerack/contract/bus";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { reportOf } from "../../test/fake-agent.js";
import { FakeTaskAgent, printed } from "../../test/fake-task-agent.js";
import { copyDatabase, silent, temporaryFolder, until } from "../../test/running-control.js";
import { type Database, openDatabase } from "../database/database.js";
import type { Devices } from "../devices/devices.js";
import { newId } from "../ids.js";
import { Errands } from "./errands.js";
import type { JobRow, TaskRow } from "./rows.js";
import { Runner } from "./runner.js";
import { JobStore } from "./store.js";

const PHONES = 8;
const ACTOR = "u-1";
const IDS = Array.from({ length: PHONES }, (_, at) => `phone-${at}`);
/** The runner's clock beside ours: what takes it seconds takes us a part of one. */
const FASTER = 8;

/** As if its time were up. */
const DIED = "UPDATE jobs SET runner = 'dead', runner_until = now() - interval '1 second' WHERE state <> 'ended'";

type Blow = { readonly after: number; readonly what: "control" | "agent" | "mute" | "deaf" | "cancel" };

let folder: string;
let database: Database;

beforeAll(async () => {
  folder = await temporaryFolder();
  await copyDatabase(folder);
  database = await openDatabase({ kind: "pglite" }, { dataDir: folder, log: silent });
});
afterAll(async () => {
  await database.stop();
  await rm(folder, { recursive: true, force: true });
});

const devices = {
  get: (id: string) => ({ ...reportOf(id), holder: { actor: ACTOR, tenant: "acme", lease: "l-1" } }) as unknown as Device,
  reportOf: (id: string) => reportOf(id),
  epochOf: () => 1,
} as unknown as Devices;

class Lab {
  readonly bus: Bus = createInProcessBus();
  readonly agent = new FakeTaskAgent(this.bus);
  readonly store = new JobStore({ db: Promise.resolve(database.db), replica: "c-0" });
  runner = this.newRunner(0);
  #runs = 0;

  newRunner(run: number): Runner {
    const store = new JobStore({ db: Promise.resolve(database.db), replica: `c-${run}` });
    const [bus, now] = [this.bus, () => Date.now() * FASTER];
    const errands = new Errands({ bus, isTrial: async () => false });
    const nothing = () => undefined;
    const never = async () => ({});
    const parts = {
      store,
      devices,
      errands,
      log: silent,
      now,
      used: nothing,
      ensure: async () => undefined,
      keeper: { do: never },
    };
    const runner: Runner = new Runner({ ...parts, changed: nothing, ended: nothing });
    bus.subscribe("agent.*.task", ({ payload }) => {
      const { agentId, tasks } = JSON.parse(Buffer.from(payload).toString());
      if (runner === this.runner) runner.hear(agentId, tasks);
      return undefined;
    });
    return runner;
  }

  async begin(type: "shell" | "clipboard"): Promise<JobRow> {
    const action = type === "shell" ? { type, command: "x", timeoutMs: 60_000 } : { type, text: "x" };
    const row: JobRow = {
      id: newId("j"),
      tenant: "acme",
      actor: ACTOR,
      actorName: "Ada",
      name: "it",
      action,
      mode: "group",
      agreed: true,
      pace: { concurrency: 3, wave: null, stopAt: null },
      state: "running",
      reason: null,
      size: PHONES,
      createdAt: Date.now(),
      endedAt: null,
    };
    const nothing = { startedAt: null, endedAt: null, error: null, result: null };
    const tasks = IDS.map((id, number): TaskRow => {
      const of = { jobId: row.id, number, deviceId: id, deviceName: id, epoch: 1, leaseId: "l-1" };
      return { ...of, state: "waiting", attempt: 1, ...nothing };
    });
    await this.store.insert(row, tasks);
    await this.runner.start();
    return row;
  }

  /** Without a word: what it had in memory is lost, and another takes over once its time is up. */
  async killControl(): Promise<void> {
    const dead = this.runner;
    Object.assign(dead, { save: async () => undefined });
    await dead.stop().catch(() => undefined);
    await database.db.execute(DIED);
    this.runner = this.newRunner(++this.#runs);
    await this.runner.start();
  }

  async blow({ what }: Blow, row: JobRow): Promise<void> {
    if (what === "control") await this.killControl();
    else if (what === "agent") this.agent.kill();
    else if (what === "mute") this.agent.mute = !this.agent.mute;
    else if (what === "deaf") this.agent.dead = !this.agent.dead;
    else if (await this.store.stop(row.id, "cancelled")) this.runner.stopped(row.id, "cancelled");
  }

  async stop(): Promise<void> {
    await this.runner.stop();
    this.agent.stop();
    await this.bus.stop();
  }
}

const blow: fc.Arbitrary<Blow> = fc.record({
  after: fc.integer({ min: 5, max: 120 }),
  what: fc.constantFrom("control", "control", "agent", "mute", "deaf", "cancel"),
});

test("whoever dies when, nothing is begun twice that must not be, and each task ends", { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("shell" as const, "clipboard" as const),
      fc.array(blow, { minLength: 1, maxLength: 5 }),
      async (type, blows) => {
        const lab = new Lab();
        lab.agent.outcome = async () => {
          await new Promise((resolve) => setTimeout(resolve, 40));
          return printed("");
        };
        const row = await lab.begin(type);
        for (const one of blows) {
          await new Promise((resolve) => setTimeout(resolve, one.after));
          await lab.blow(one, row);
        }
        lab.agent.dead = false;
        await until(async () => (await lab.store.byIds([row.id]))[0]?.state === "ended", "the end of the job");
        const tasks = await lab.store.tasks(row.id);
        await lab.stop();
        const begun = new Map<string, number>();
        for (const { deviceId } of lab.agent.begun) begun.set(deviceId, (begun.get(deviceId) ?? 0) + 1);
        for (const { deviceId, state, number } of tasks) {
          expect(TASK_OVER.has(state)).toBe(true);
          const often = begun.get(deviceId) ?? 0;
          if (!REPEATABLE.has(type)) expect(often).toBeLessThanOrEqual(1);
          if (state === "done") expect(often).toBeGreaterThanOrEqual(1);
          const known = lab.agent.stateOf(`${row.id}.${number}.1`);
          if (often > 0 && known !== undefined) expect<TaskState>(state).toBe(known);
          if (!blows.some(({ what }) => what === "cancel")) expect(["done", "interrupted"]).toContain(state);
        }
      },
    ),
    { numRuns: 8 },
  );
});
