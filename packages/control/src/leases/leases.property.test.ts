/**
 * Any interleaving of grants, extensions, hand-overs, releases, expiry, crashes of a control and of the agent, at two replicas on one
 * database, beside a model that only knows what was answered: no device ever has two holders, and epochs only rise.
 */
import { PhonerackError } from "@phonerack/contract/bus";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasPostgres, type PostgresServer, startPostgres } from "../../test/postgres-server.js";
import { silent, temporaryFolder } from "../../test/running-control.js";
import { ADA, BOB, Lab } from "../../test/running-desk.js";
import { type Database, openDatabase } from "../database/database.js";

const PHONES = 4;
const MINUTE = 60_000;

type Step =
  | { readonly do: "grant"; readonly at: number; readonly devices: number[]; readonly minutes: number; readonly wait: boolean }
  | { readonly do: "book"; readonly at: number; readonly devices: number[]; readonly inMinutes: number }
  | { readonly do: "extend" | "release" | "hand-over"; readonly at: number; readonly lease: number }
  | { readonly do: "pass"; readonly minutes: number }
  | { readonly do: "crash"; readonly at: number }
  | { readonly do: "agent"; readonly what: "forgets" | "deaf" | "hears" | "ends"; readonly device: number };

const device = fc.nat(PHONES - 1);
const devices = fc.uniqueArray(device, { minLength: 1, maxLength: PHONES });
const replica = fc.nat(1);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("grant" as const),
      at: replica,
      devices,
      minutes: fc.integer({ min: 1, max: 30 }),
      wait: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("book" as const), at: replica, devices, inMinutes: fc.integer({ min: 5, max: 60 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom("extend" as const, "release" as const, "hand-over" as const),
      at: replica,
      lease: fc.nat(5),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("pass" as const), minutes: fc.integer({ min: 1, max: 40 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("crash" as const), at: replica }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("agent" as const),
      what: fc.constantFrom("forgets" as const, "deaf" as const, "hears" as const, "ends" as const),
      device,
    }),
  },
);

let postgres: PostgresServer;
let database: Database;

/** Runs a step; steps of one batch run at the same time. Refusals are answers; anything else fails the test. */
async function run(lab: Lab, ids: readonly string[], one: Step): Promise<void> {
  const desk = (at: number) => lab.replicas[at]?.desk.leases;
  const open = async () => (await desk(0)?.list(ADA, { limit: 100 }))?.filter(({ phase }) => phase !== "ended") ?? [];
  try {
    switch (one.do) {
      case "grant": {
        const until = lab.now() + one.minutes * MINUTE;
        await lab.replicas[one.at]?.take(ADA, {
          devices: one.devices.flatMap((n) => ids[n] ?? []),
          until,
          wait: one.wait,
          idleMinutes: null,
        });
        return;
      }
      case "book": {
        const from = lab.now() + one.inMinutes * MINUTE;
        await lab.replicas[one.at]?.take(BOB, {
          devices: one.devices.flatMap((n) => ids[n] ?? []),
          from,
          until: from + 10 * MINUTE,
        });
        return;
      }
      case "extend":
      case "release":
      case "hand-over": {
        const leases = await open();
        const lease = leases[one.lease % Math.max(1, leases.length)];
        if (!lease) return;
        const who = lease.actor === "ada" ? ADA : BOB;
        if (one.do === "extend") await desk(one.at)?.extend(who, lease.id, lease.until + 15 * MINUTE);
        else if (one.do === "release") await desk(one.at)?.release(who, lease.id);
        else await desk(one.at)?.handOver(who, lease.id, "bob");
        return;
      }
      case "pass":
        return await lab.pass(one.minutes * MINUTE);
      case "crash": {
        const crashed = lab.replicas.splice(one.at, 1)[0];
        await crashed?.vanish();
        await lab.replica();
        await lab.phones(PHONES);
        return;
      }
      case "agent": {
        const id = ids[one.device] ?? "";
        if (one.what === "deaf" || one.what === "hears") lab.agent.deaf = one.what === "deaf";
        else if (one.what === "forgets") lab.agent.hold(id, { epoch: 0, phase: "free", note: null });
        else {
          const hold = lab.agent.holds.get(id);
          if (hold?.phase === "leased") lab.agent.hold(id, { ...hold, phase: "free" });
        }
        return;
      }
    }
  } catch (error) {
    if (!(error instanceof PhonerackError)) throw error;
  }
}

interface HoldView {
  device: string;
  epoch: number;
  state: string;
  lease: string | null;
  phase: string | null;
}

/** What the database says, which is what everybody is told in the end. */
async function holdsNow(): Promise<HoldView[]> {
  const found = await database.db.execute(
    "SELECT h.device_id AS device, h.epoch, h.state, h.lease_id AS lease, l.phase FROM holds h LEFT JOIN leases l ON l.id = h.lease_id",
  );
  return (found as unknown as { rows: HoldView[] }).rows;
}

describe.runIf(hasPostgres)("leases of any history", () => {
  beforeAll(async () => {
    postgres = await startPostgres();
    database = await openDatabase({ kind: "postgres", url: postgres.url }, { dataDir: await temporaryFolder(), log: silent });
  });
  afterAll(async () => {
    await database.stop();
    await postgres.stop();
  });

  test("have one holder per device, epochs that only rise, and end with every device free or accounted for", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 10 }),
        async (batches) => {
          await database.db.execute("TRUNCATE leases, lease_devices, holds, clean_records, supports, quotas, devices");
          const lab = new Lab(database.db);
          try {
            await lab.replica();
            await lab.replica();
            const ids = await lab.phones(PHONES);
            const epochs = new Map<string, number>();
            for (const batch of batches) {
              await Promise.all(batch.map((one) => run(lab, ids, one)));
              for (const hold of await holdsNow()) {
                expect(hold.epoch).toBeGreaterThanOrEqual(epochs.get(hold.device) ?? 0);
                epochs.set(hold.device, hold.epoch);
                // Held exactly while an active lease holds it.
                expect(hold.state === "leased").toBe(hold.lease !== null);
                if (hold.lease !== null) expect(hold.phase).toBe("active");
              }
            }
            await expectOrder(lab, ids);
          } finally {
            await lab.stop();
          }
        },
      ),
      { numRuns: 25, endOnFailure: true },
    );
  }, 180_000);
});

/** Once everybody hears again and all leases are over, every device comes back by itself, under an epoch that its agent agrees to. */
async function expectOrder(lab: Lab, ids: readonly string[]): Promise<void> {
  lab.agent.deaf = false;
  await lab.pass(24 * 60 * MINUTE);
  for (let tries = 0; ; tries++) {
    const holds = await holdsNow();
    const agreed = holds.every(
      ({ device: id, epoch, state }) => state === "free" && (lab.agent.holds.get(id)?.epoch ?? 0) === epoch,
    );
    const open = lab.replicas.flatMap(({ desk }) => desk.board.open);
    if (agreed && open.length === 0) break;
    if (tries > 40) expect({ holds, agent: [...lab.agent.holds], open }).toBe("in order");
    for (const id of ids)
      for (const { devices: known } of lab.replicas)
        if (known.get(id)) lab.agent.hold(id, lab.agent.holds.get(id) ?? { epoch: 0, phase: "free", note: null });
    // What waited is granted meanwhile, and ends too.
    await lab.pass(60 * MINUTE);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
