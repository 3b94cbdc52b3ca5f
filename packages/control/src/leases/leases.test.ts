import { setTimeout as sleep } from "node:timers/promises";
import { LEASE_MAX_MS, PhonerackError, subjects } from "@phonerack/contract/bus";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { hasPostgres, type PostgresServer, startPostgres } from "../../test/postgres-server.js";
import { silent, temporaryFolder, until } from "../../test/running-control.js";
import { ADA, BOB, EVE, Lab, OPERATOR, type Replica } from "../../test/running-desk.js";
import { type Database, openDatabase } from "../database/database.js";
import { Hands } from "../devices/hands.js";
import { requireHeld } from "./held.js";

const HOUR = 3_600_000;

let postgres: PostgresServer;
let database: Database;
let lab: Lab;
let control: Replica;
let phones: string[];

const id = (n: number) => phones[n - 1] ?? "";

async function refusal(run: Promise<unknown>): Promise<string> {
  const error = await run.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof PhonerackError ? `${error.code}: ${error.detail ?? ""}` : `no refusal: ${String(error)}`;
}

describe.runIf(hasPostgres)("leases", () => {
  beforeAll(async () => {
    postgres = await startPostgres();
    database = await openDatabase({ kind: "postgres", url: postgres.url }, { dataDir: await temporaryFolder(), log: silent });
  });
  afterAll(async () => {
    await database.stop();
    await postgres.stop();
  });
  beforeEach(async () => {
    await database.db.execute("TRUNCATE leases, lease_devices, holds, clean_records, supports, quotas, devices");
    lab = new Lab(database.db);
    control = await lab.replica();
    phones = await lab.phones(20, (n) => ({ sdk: n < 14 ? 33 : 34, model: n % 2 === 0 ? "R1" : "R2" }));
  });
  afterEach(() => lab.stop());

  const device = (n: number) => control.devices.require(id(n));

  describe("a grant", () => {
    test("gives the devices, their new epoch, and says so to the agent before it answers", async () => {
      const lease = await control.take(ADA, { devices: [id(1), id(2)], purpose: "smoke test" });
      expect(lease).toMatchObject({ phase: "active", actor: "ada", purpose: "smoke test", tenantName: "ACME" });
      expect(lease.devices.map(({ epoch }) => epoch)).toEqual([1, 1]);
      expect(lab.agent.holds.get(id(1))).toEqual({ epoch: 1, phase: "leased", note: null });
      expect(lab.agent.terms[0]).toMatchObject({ actor: "ada", until: lease.until, reboot: true });
      expect(device(1)).toMatchObject({ lease: "leased", state: "ready", holder: { actor: "ada", lease: lease.id } });
    });

    test("is whole or nothing", async () => {
      const until = lab.now() + 2 * HOUR;
      await control.take(BOB, { devices: [id(2)], until });
      const said = await refusal(control.take(ADA, { devices: [id(1), id(2)] }));
      expect(said).toMatch(/^lease_unavailable: C01-02 is leased until 20\d\d-/);
      expect(device(1)).toMatchObject({ lease: "free", holder: null });
    });

    test("by wishes takes what fits, and tells when all would be free when not enough are", async () => {
      const lease = await control.take(ADA, { where: { sdk: 33, model: "r1" }, count: 7 });
      expect(lease.devices).toHaveLength(7);
      const said = await refusal(control.take(BOB, { where: { sdk: { atLeast: 33 } }, count: 18 }));
      expect(said).toMatch(/^lease_unavailable: 13 of 18 are free now; all are probably free from 20\d\d-/);
    });

    test("says which wish excludes them all", async () => {
      expect(await refusal(control.take(ADA, { where: { sdk: 33, rack: "B" } }))).toBe(
        "no_device_matches: 14 have SDK 33, none of them in rack B",
      );
      expect(await refusal(control.take(ADA, { where: { chassis: "X9" } }))).toBe(
        "no_device_matches: no device is in chassis X9",
      );
      expect(await refusal(control.take(ADA, { where: { sdk: 34 }, count: 7 }))).toBe(
        "no_device_matches: 7 are asked for; 6 have SDK 34",
      );
    });

    test("of a whole chassis leaves out what is lost, and is refused while one phone of it is taken", async () => {
      const lost = control.devices.require(id(5));
      lab.agent.report({ ...lost, state: "lost", reason: "gone" });
      await until(() => device(5).state === "lost");
      const mine = await control.take(BOB, { devices: [id(1)] });
      expect(await refusal(control.take(ADA, { wholeChassis: true }))).toMatch(
        /^lease_unavailable: no chassis is free as a whole/,
      );
      await control.desk.leases.release(BOB, mine.id);
      await lab.settled();
      expect((await control.take(ADA, { wholeChassis: true, where: { chassis: "c01" } })).devices).toHaveLength(19);
    });

    test.each([
      ["nothing named", {}, "bad_request"],
      ["ids and wishes", { devices: ["d-0001"], where: {} }, "bad_request"],
      ["an id twice", { devices: ["d-0001", "d-0001"] }, "bad_request"],
      ["an impossible range", { where: { sdk: { atLeast: 34, atMost: 30 } } }, "bad_request"],
      ["an id that is none", { devices: ["d-9999"] }, "device_not_found"],
      ["an end that is past", { count: 1, until: 1_000 }, "time_invalid"],
      ["a beginning that is past", { count: 1, from: 1_000 }, "time_invalid"],
      ["a lease of a year", { count: 1, until: Date.now() + LEASE_MAX_MS * 26 }, "time_invalid"],
      ["a booking for the next century", { count: 1, from: "2126-01-01T00:00:00Z" }, "time_invalid"],
      ["waiting for a booking", { count: 1, from: Date.now() + HOUR, wait: true }, "bad_request"],
    ])("is refused for %s, and nothing is changed", async (_what, request, code) => {
      expect(await refusal(control.take(ADA, request))).toMatch(new RegExp(`^${code}: `));
      expect(control.desk.board.open).toEqual([]);
    });

    test("never gives one tenant the devices of another, nor says that they exist", async () => {
      const lease = await control.take(ADA, { devices: [id(1)] });
      expect(await refusal(control.take(EVE, { devices: [id(1)] }))).toBe("device_not_found: d-0001");
      expect(await refusal(control.desk.leases.get(EVE, lease.id))).toMatch(/^lease_not_found/);
      expect(await refusal(control.desk.leases.release(EVE, lease.id))).toMatch(/^lease_not_found/);
      expect(await control.desk.leases.list(EVE, { limit: 100 })).toEqual([]);
      control.devices.add(id(2), { tenant: "acme" });
      expect(await refusal(control.take(EVE, { devices: [id(2)] }))).toBe("device_not_found: d-0002");
    });
  });

  describe("an end", () => {
    test("cuts the agent off under a higher epoch, and lends again only after a clean record", async () => {
      lab.agent.cleansAtOnce = false;
      const lease = await control.take(ADA, { devices: [id(1)] });
      await control.desk.leases.release(ADA, lease.id);
      expect(lab.agent.terms.at(-1)).toMatchObject({ epoch: 2, phase: "clean", actor: "" });
      expect(device(1)).toMatchObject({ lease: "cleaning", holder: null });
      expect(await refusal(control.take(BOB, { devices: [id(1)] }))).toBe("lease_unavailable: C01-01 is being cleaned");
      lab.agent.finishCleaning(id(1));
      await until(() => device(1).lease === "free", "the record");
      expect(await control.desk.store.records(id(1), 10)).toMatchObject([{ epoch: 2, clean: true }]);
      expect((await control.take(BOB, { devices: [id(1)] })).devices[0]?.epoch).toBe(3);
    });

    test("after which something is found puts the device into quarantine until an operator clears it", async () => {
      lab.agent.dirt = "the account bob@example.com is left";
      const lease = await control.take(ADA, { devices: [id(1)] });
      await control.desk.leases.release(ADA, lease.id);
      await until(() => device(1).quarantine !== null, "the quarantine");
      expect(device(1)).toMatchObject({ state: "quarantined", lease: "free", reason: lab.agent.dirt });
      expect(await refusal(control.take(ADA, { devices: [id(1)] }))).toBe("device_quarantined: C01-01");
      lab.agent.dirt = undefined;
      await control.desk.upkeep.wipe(OPERATOR, id(1));
      await until(() => device(1).lease === "free" && device(1).state === "ready", "the wipe");
      await control.take(ADA, { devices: [id(1)] });
    });

    test("comes by time, by idleness, and not by idleness while it is used", async () => {
      const hour = await control.take(ADA, { devices: [id(1)], idleMinutes: null });
      const idle = await control.take(ADA, { devices: [id(2)], idleMinutes: 5 });
      await lab.pass(4 * 60_000);
      control.desk.used(idle.id);
      await lab.pass(4 * 60_000);
      expect(control.desk.board.lease(idle.id)?.phase).toBe("active");
      await lab.pass(2 * 60_000);
      expect(await control.desk.leases.get(ADA, idle.id)).toMatchObject({ phase: "ended", endReason: "idle" });
      await lab.pass(HOUR);
      expect(await control.desk.leases.get(ADA, hour.id)).toMatchObject({ phase: "ended", endReason: "expired" });
    });

    test("does not come by idleness to whoever extends, if only to the same end", async () => {
      const idle = await control.take(ADA, { devices: [id(1)], idleMinutes: 5 });
      await lab.pass(4 * 60_000);
      const kept = await control.desk.leases.extend(ADA, idle.id, idle.until);
      expect(kept.until).toBe(idle.until);
      expect((kept.idleAt ?? 0) - (idle.idleAt ?? 0)).toBeGreaterThanOrEqual(4 * 60_000);
      await lab.pass(4 * 60_000);
      expect(control.desk.board.lease(idle.id)?.phase).toBe("active");
    });

    test("by an operator says why, and by a colleague is refused", async () => {
      const lease = await control.take(ADA, { devices: [id(1)] });
      expect(await refusal(control.desk.leases.release(BOB, lease.id))).toBe("forbidden: Ada holds it");
      const kicked = await control.desk.leases.kick(OPERATOR, lease.id, "fire drill");
      expect(kicked).toMatchObject({ phase: "ended", endReason: "kicked", endNote: "Olga: fire drill" });
      expect(await refusal(control.desk.leases.kick(OPERATOR, lease.id, "again"))).toMatch(/^lease_over/);
    });

    test("may be of some devices only", async () => {
      const lease = await control.take(ADA, { devices: [id(1), id(2)] });
      const left = await control.desk.leases.release(ADA, lease.id, [id(1)]);
      expect(left).toMatchObject({ phase: "active", devices: [{ id: id(2) }] });
      expect(await refusal(control.desk.leases.release(ADA, lease.id, [id(1)]))).toMatch(/^device_not_found/);
      expect(await control.desk.leases.release(ADA, lease.id, [id(2)])).toMatchObject({ phase: "ended" });
    });

    test("by the agent's own clock is believed, device by device", async () => {
      const lease = await control.take(ADA, { devices: [id(1), id(2)] });
      lab.agent.hold(id(1), { epoch: 1, phase: "cleaning", note: null });
      await until(() => lab.agent.holds.get(id(1))?.epoch === 2, "the new epoch");
      expect(await control.desk.leases.get(ADA, lease.id)).toMatchObject({ phase: "active", devices: [{ id: id(2) }] });
    });
  });

  test("that comes by time is no end by the agent's clock, though that was a moment faster", async () => {
    const lease = await control.take(ADA, { devices: [id(1), id(2)], idleMinutes: null });
    await lab.pass(HOUR - 1_000);
    lab.agent.hold(id(1), { epoch: 1, phase: "cleaning", note: null });
    await until(() => device(1).hold.phase === "cleaning", "the agent's end");
    // Long enough for it to be believed, were it to be.
    await sleep(300);
    expect(control.desk.board.lease(lease.id)?.phase).toBe("active");
    expect(device(1).lease).toBe("leased");
    await lab.pass(1_000);
    expect(await control.desk.leases.get(ADA, lease.id)).toMatchObject({
      phase: "ended",
      endReason: "expired",
      devices: [{ id: id(1) }, { id: id(2) }],
    });
  });

  describe("later", () => {
    test("a booking begins at its time, and nobody's lease may reach into it", async () => {
      const from = lab.now() + 2 * HOUR;
      const booked = await control.take(ADA, { devices: [id(1)], from, until: from + HOUR });
      expect(booked).toMatchObject({ phase: "booked", devices: [{ id: id(1), epoch: 0 }] });
      const before = await control.take(BOB, { devices: [id(1)] });
      expect(await refusal(control.desk.leases.extend(BOB, before.id, from))).toMatch(
        /^lease_unavailable: C01-01 is booked from/,
      );
      await control.desk.leases.release(BOB, before.id);
      await lab.settled();
      await lab.pass(2 * HOUR);
      expect(await control.desk.leases.get(ADA, booked.id)).toMatchObject({ phase: "active", devices: [{ epoch: 3 }] });
    });

    test("a booking by wishes takes another phone where its own cannot be had", async () => {
      const from = lab.now() + HOUR;
      const booked = await control.take(ADA, { where: { model: "R1" }, count: 2, from });
      const bad = booked.devices[0]?.id ?? "";
      await control.desk.upkeep.quarantine(OPERATOR, bad, "swollen battery");
      await lab.pass(HOUR);
      const begun = await control.desk.leases.get(ADA, booked.id);
      expect(begun.phase).toBe("active");
      expect(begun.devices.map(({ id: own }) => own)).not.toContain(bad);
      expect(begun.devices).toHaveLength(2);
    });

    test("an extension holds, here and at the agent", async () => {
      const lease = await control.take(ADA, { devices: [id(1)], idleMinutes: null });
      const longer = await control.desk.leases.extend(ADA, lease.id, lease.until + HOUR);
      expect(longer.until).toBe(lease.until + HOUR);
      expect(lab.agent.terms.at(-1)).toMatchObject({ epoch: 1, phase: "leased", until: longer.until });
      await lab.pass(HOUR + 60_000);
      expect(control.desk.board.lease(lease.id)?.phase).toBe("active");
    });

    test("a hand-over gives the devices new epochs and no cleaning", async () => {
      const lease = await control.take(ADA, { devices: [id(1)] });
      const handed = await control.desk.leases.handOver(ADA, lease.id, "bob");
      expect(handed).toMatchObject({ actor: "bob", devices: [{ epoch: 2 }] });
      expect(lab.agent.terms.at(-1)).toMatchObject({ epoch: 2, phase: "leased", actor: "bob" });
      expect(await refusal(control.desk.leases.handOver(ADA, lease.id, "ada"))).toMatch(/^forbidden/);
      expect(await refusal(control.desk.leases.handOver(BOB, lease.id, "vera"))).toMatch(/^member_not_found/);
    });
  });

  describe("the queue", () => {
    test("grants in its order, with an estimate, and lets nobody push in", async () => {
      const all = await control.take(ADA, { count: 20 });
      const first = await control.take(BOB, { count: 15, wait: true });
      const second = await control.take(ADA, { count: 2, wait: true });
      expect(first).toMatchObject({ phase: "queued", queue: { position: 1 } });
      expect(second.queue).toMatchObject({ position: 2 });
      expect(Math.abs((first.queue?.estimate ?? 0) - all.until)).toBeLessThan(2 * 60_000);
      await control.desk.leases.release(ADA, all.id, phones.slice(0, 10));
      await lab.settled();
      await lab.pass(1_000);
      // The ten that are free wait for the first, though the second would be content with two.
      expect(await control.desk.leases.get(BOB, second.id)).toMatchObject({ phase: "queued" });
      expect(await refusal(control.take(ADA, { count: 1 }))).toMatch(/^lease_unavailable/);
      await control.desk.leases.release(ADA, all.id);
      await lab.settled();
      await lab.pass(1_000);
      expect((await control.desk.leases.get(BOB, first.id)).devices).toHaveLength(15);
      expect((await control.desk.leases.get(ADA, second.id)).devices).toHaveLength(2);
    });

    test("is left by releasing", async () => {
      await control.take(ADA, { count: 20 });
      const waiting = await control.take(BOB, { count: 1, wait: true });
      expect(await control.desk.leases.release(BOB, waiting.id)).toMatchObject({ phase: "ended", endReason: "cancelled" });
    });
  });

  describe("a group or script at work", () => {
    const WITHIN = 150 * 60_000;

    test("ends the lease after 150 minutes without a person's word, here and at a control that knew nothing of it", async () => {
      lab.capped.push("acme");
      const other = await lab.replica();
      await lab.phones(20);
      const lease = await control.take(ADA, { devices: [id(1)], until: lab.now() + 8 * HOUR, idleMinutes: null });
      expect(lease.confirmBy).toBeNull();
      // By hand as long as one likes.
      control.desk.used(lease.id);
      await lab.pass(3 * HOUR);
      expect(await control.desk.leases.get(ADA, lease.id)).toMatchObject({ phase: "active", confirmBy: null });
      const began = lab.now();
      control.desk.used(lease.id, true);
      expect(device(1).holder?.confirmBy).toBeGreaterThanOrEqual(began + WITHIN);
      await lab.pass(10_000);
      await until(() => other.devices.get(id(1))?.holder?.confirmBy, "the other to know");
      await lab.pass(100 * 60_000);
      await expect(other.desk.leases.confirm(ADA, lease.id, false)).rejects.toMatchObject({ code: "forbidden" });
      expect(await other.desk.leases.confirm(ADA, lease.id, true)).toMatchObject({ confirmBy: null });
      // What was noted before the word does not count after it; what is done after it does.
      control.desk.used(lease.id, true);
      await lab.pass(100 * 60_000);
      expect(await control.desk.leases.get(ADA, lease.id)).toMatchObject({ phase: "active" });
      await lab.pass(51 * 60_000);
      // The one that ends it may have heard of the mark by that tick only.
      await lab.pass(1_000);
      expect(await other.desk.leases.get(ADA, lease.id)).toMatchObject({ phase: "ended", endReason: "unconfirmed" });
    });

    test("goes on where no tiers count, and a person of another organisation has no word", async () => {
      const lease = await control.take(ADA, { devices: [id(1)], until: lab.now() + 8 * HOUR, idleMinutes: null });
      control.desk.used(lease.id, true);
      await lab.pass(4 * HOUR);
      expect(await control.desk.leases.get(ADA, lease.id)).toMatchObject({ phase: "active", confirmBy: null });
      await expect(control.desk.leases.confirm(EVE, lease.id, true)).rejects.toMatchObject({ code: "lease_not_found" });
    });
  });

  test("a quota bounds devices at once and hours a month", async () => {
    await control.desk.store.setQuota("acme", { devicesAtOnce: 3, hoursPerMonth: 10 });
    await control.take(ADA, { count: 2 });
    expect(await refusal(control.take(BOB, { count: 2 }))).toBe("quota_exceeded: 4 devices at once, of 3 allowed");
    expect(await refusal(control.take(BOB, { count: 1, until: lab.now() + 9 * HOUR }))).toMatch(
      /^quota_exceeded: 1[12] device-hours this month, of 10 allowed/,
    );
    await control.take(EVE, { count: 5 });
    expect(
      await refusal(
        control.take(BOB, { count: 1 }).then(({ id: own, until }) => control.desk.leases.extend(BOB, own, until + 9 * HOUR)),
      ),
    ).toMatch(/^quota_exceeded: 1[12] device-hours/);
  });

  test("who waits beyond their quota keeps nobody behind them waiting", async () => {
    const all = await control.take(EVE, { count: 20 });
    await control.desk.store.setQuota("acme", { devicesAtOnce: 1, hoursPerMonth: null });
    const beyond = await control.take(ADA, { count: 2, wait: true });
    const behind = await control.take(EVE, { count: 20, wait: true });
    await control.desk.leases.release(EVE, all.id);
    await lab.settled();
    await lab.pass(1_000);
    expect(await control.desk.leases.get(ADA, beyond.id)).toMatchObject({ phase: "queued" });
    expect(await control.desk.leases.get(EVE, behind.id)).toMatchObject({ phase: "active" });
  });

  test("bookings that together are beyond a quota do not begin together", async () => {
    await control.desk.store.setQuota("acme", { devicesAtOnce: 2, hoursPerMonth: null });
    const from = lab.now() + HOUR;
    const booked = [await control.take(ADA, { count: 2, from }), await control.take(BOB, { count: 2, from })];
    await lab.pass(HOUR);
    const phases = await Promise.all(booked.map(async (own) => (await control.desk.leases.get(ADA, own.id)).phase));
    expect(phases.sort()).toEqual(["active", "booked"]);
  });

  test("a support session is seen by the holder, and ends with the lease", async () => {
    const lease = await control.take(ADA, { devices: [id(1)] });
    await control.desk.upkeep.support(OPERATOR, id(1), { reason: "no sound", minutes: 15 });
    expect(device(1).support).toMatchObject({ byName: "Olga", reason: "no sound" });
    await control.desk.leases.release(ADA, lease.id);
    expect(device(1).support).toBeNull();
    expect(control.events.map(({ kind }) => kind)).toContain("support.opened");
  });

  describe("two replicas", () => {
    test("know of each other's leases at once", async () => {
      const other = await lab.replica();
      await lab.phones(20, (n) => ({ sdk: n < 14 ? 33 : 34 }));
      const lease = await control.take(ADA, { devices: [id(1)] });
      await until(() => other.devices.get(id(1))?.holder?.lease === lease.id, "the other to know");
      await other.desk.leases.release(ADA, lease.id);
      await until(() => device(1).lease !== "leased", "the first to know");
    });

    test("ask the database before they refuse a holder of whom they have not heard yet", async () => {
      const other = await lab.replica();
      await lab.phones(20, (n) => ({ sdk: n < 14 ? 33 : 34 }));
      const publish = lab.bus.publish.bind(lab.bus);
      vi.spyOn(lab.bus, "publish").mockImplementation((subject, payload) => {
        if (subject !== subjects.changed) publish(subject, payload);
      });
      const lease = await control.take(ADA, { devices: [id(1)] });
      expect(other.devices.get(id(1))?.holder).toBeNull();
      const [held] = await Promise.all([requireHeld(ADA, other.devices, id(1)), requireHeld(ADA, other.devices, id(1))]);
      expect(held.holder?.lease).toBe(lease.id);
      expect(other.devices.epochOf(id(1))).toBe(control.devices.epochOf(id(1)));
      expect(await refusal(requireHeld(BOB, other.devices, id(1)))).toMatch(/^lease_required: Ada holds/);
      expect(await refusal(requireHeld(ADA, other.devices, id(2)))).toMatch(/^lease_required/);
    });

    test("say that a lease is over, also when they have not heard yet who ended it", async () => {
      const other = await lab.replica();
      await lab.phones(20);
      const hands = new Hands({ bus: lab.bus, devices: other.devices, used: () => undefined });
      const act = () => hands.act(ADA, id(1), [{ type: "key", key: "HOME" }]);
      const lease = await control.take(ADA, { devices: [id(1)] });
      await until(() => other.devices.get(id(1))?.holder?.lease === lease.id, "the other to know");
      expect(await act()).toEqual([{ outcome: "delivered" }]);
      const publish = lab.bus.publish.bind(lab.bus);
      vi.spyOn(lab.bus, "publish").mockImplementation((subject, payload) => {
        if (subject !== subjects.changed) publish(subject, payload);
      });
      await control.desk.leases.release(ADA, lease.id);
      expect(await refusal(act())).toMatch(/^lease_required/);
    });

    test("never grant the same device twice, however they race", async () => {
      const other = await lab.replica();
      await lab.phones(20);
      const asks = Array.from({ length: 40 }, (_, n) => {
        const replica = n % 2 === 0 ? control : other;
        return replica.take(n % 3 === 0 ? ADA : BOB, { count: 3 }).then(
          ({ devices }) => devices.map((own) => own.id),
          () => [],
        );
      });
      const granted = (await Promise.all(asks)).flat();
      expect(granted.length).toBe(18);
      expect(new Set(granted).size).toBe(18);
    });

    test("a control that starts again knows what was and goes on", async () => {
      const lease = await control.take(ADA, { devices: [id(1)], until: lab.now() + HOUR });
      await control.vanish();
      lab.replicas.length = 0;
      lab.ahead += 2 * HOUR;
      control = await lab.replica();
      await lab.phones(20);
      await lab.pass(0);
      expect(await control.desk.leases.get(ADA, lease.id)).toMatchObject({ phase: "ended", endReason: "expired" });
      await until(() => device(1).lease === "free", "cleaning");
    });

    test("an agent that was deaf is told when it hears again; one that lost its memory too", async () => {
      lab.agent.deaf = true;
      const taking = control.take(ADA, { devices: [id(1)] });
      await taking;
      expect(lab.agent.holds.get(id(1))).toBeUndefined();
      lab.agent.deaf = false;
      await until(() => lab.agent.holds.get(id(1))?.phase === "leased", "the term");
      lab.agent.hold(id(1), { epoch: 0, phase: "free", note: null });
      await until(() => lab.agent.holds.get(id(1))?.epoch === 1, "the term again");
    });

    test("an agent that did not hear of an extension is told again", async () => {
      const lease = await control.take(ADA, { devices: [id(1)] });
      lab.agent.deaf = true;
      const longer = await control.desk.leases.extend(ADA, lease.id, lease.until + HOUR);
      lab.agent.terms.length = 0;
      lab.agent.deaf = false;
      await until(() => lab.agent.terms.some(({ epoch, until: to }) => epoch === 1 && to === longer.until), "the later end");
    });

    test("a lab whose database is older than its agents raises the epoch above theirs", async () => {
      lab.agent.hold(id(1), { epoch: 17, phase: "leased", note: null });
      await until(() => lab.agent.holds.get(id(1))?.epoch === 18, "the higher epoch");
      await until(() => device(1).lease === "free" && device(1).hold.epoch === 18, "cleaning");
      expect((await control.take(ADA, { devices: [id(1)] })).devices[0]?.epoch).toBe(19);
    });
  });
});
