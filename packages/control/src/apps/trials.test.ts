import { PhonerackError } from "@phonerack/contract/bus";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { hasPostgres, type PostgresServer, startPostgres } from "../../test/postgres-server.js";
import { silent, temporaryFolder } from "../../test/running-control.js";
import type { Caller } from "../access/caller.js";
import { type Database, openDatabase } from "../database/database.js";
import { Trials } from "./trials.js";

const DAY = 24 * 3_600_000;
const OPERATOR = { actor: "olga" } as Caller;

let postgres: PostgresServer;
let database: Database;
let ahead = 0;
let replicas: Trials[];
const claimed: string[] = [];

function replica(): Trials {
  return new Trials({
    db: Promise.resolve(database.db),
    log: silent,
    record: ({ actor, subject }) => claimed.push(`${actor} ${subject}`),
    hasTenant: async (id) => id !== "nobody",
    now: () => Date.now() + ahead,
  });
}

/** What many claims of one moment at both replicas come to: how many were granted. */
async function claims(actor: string, devices: number, tenant = "acme"): Promise<number> {
  const wishes = Array.from({ length: devices }, (_, n) => ({ tenant, actor, deviceId: `d-000${n}-${actor}` }));
  const answers = await Promise.all(wishes.map(async (wish, n) => (await replicas[n % 2]?.claim(wish)) ?? false));
  return answers.filter(Boolean).length;
}

describe.runIf(hasPostgres)("trials at two controls of one database", () => {
  beforeAll(async () => {
    postgres = await startPostgres();
    database = await openDatabase({ kind: "postgres", url: postgres.url }, { dataDir: await temporaryFolder(), log: silent });
  });
  afterAll(async () => {
    await database.stop();
    await postgres.stop();
  });
  beforeEach(async () => {
    await database.db.execute("TRUNCATE trials, trial_limits");
    replicas = [replica(), replica()];
    ahead = 0;
    claimed.length = 0;
  });

  test("are two devices a person and day, however many are asked for at once", async () => {
    expect([await claims("ada", 16), await claims("bob", 16)]).toEqual([2, 2]);
    expect(claimed).toHaveLength(4);
    ahead = DAY;
    expect(await claims("ada", 16)).toBe(2);
  });

  test("are ten devices an organisation and day, whoever asks", async () => {
    const people = Array.from({ length: 9 }, (_, n) => claims(`person-${n}`, 2));
    expect((await Promise.all(people)).reduce((a, b) => a + b)).toBe(10);
    expect(await claims("eve", 2, "other")).toBe(2);
  });

  test("once claimed stay claimed, at every replica, and are written down once", async () => {
    const trial = { tenant: "acme", actor: "ada", deviceId: "d-0001" };
    expect(await Promise.all([...replicas, ...replicas].map((one) => one.claim(trial)))).toEqual([true, true, true, true]);
    expect([replicas[0]?.has(trial), claimed]).toEqual([true, ["ada d-0001"]]);
  });

  test("count by the limit that an operator set, also for who was refused a moment ago", async () => {
    const [one] = replicas;
    expect(await one?.limit(OPERATOR, "acme", 0)).toEqual({ devicesPerDay: 0, usedToday: 0 });
    expect(await claims("ada", 4)).toBe(0);
    await one?.limit(OPERATOR, "acme", 1);
    ahead = 31_000;
    expect(await claims("ada", 4)).toBe(1);
    expect(await one?.limit(OPERATOR, "acme", 3)).toEqual({ devicesPerDay: 3, usedToday: 1 });
    await expect(one?.limit(OPERATOR, "nobody", 3)).rejects.toThrow(new PhonerackError("tenant_not_found").message);
  });
});
