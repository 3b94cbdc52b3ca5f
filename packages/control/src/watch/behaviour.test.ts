/**
 * The rules over whole days of made-up behaviour: each input is decided by the real gate, with the agent's budgets, and becomes the leaf that it would become. Honest
 * ones must not be flagged; of abusive ones it is known which are found, and which is not.
 */
import { FLAG_BOUNDS } from "@phonerack/contract/api";
import {
  DAILY,
  decide,
  type GateAction,
  type GateFacts,
  type HandDecision,
  HOURLY,
  type Judged,
  type Leaf,
} from "@phonerack/policy";
import { afterAll, expect, test } from "vitest";
import { Counting, type Found, MOST_OF_ONE } from "./counting.js";
import { HARD_DAY, HARD_HOUR } from "./rules/budget.js";
import { RULES } from "./rules.js";
import { seenIn } from "./seen.js";

const HOUR = 3_600_000;
const MINUTE = 60_000;
const START = Date.UTC(2026, 10, 26, 6);

const OWN: Judged = { package: "com.acme.shop", signer: "a".repeat(64), standing: "owned", by: "a-1" };
const BAZAAR: Judged = { package: "com.example.bazaar", signer: "b".repeat(64), standing: "other", by: null };
const CHROME: Judged = { package: "com.android.chrome", signer: "c".repeat(64), standing: "other", by: null };
const PLAY: Judged = { package: "com.android.vending", signer: "e".repeat(64), standing: "other", by: null };
const VENDOR_SHOP: Judged = { package: "com.xiaomi.shop", signer: "f".repeat(64), standing: "other", by: null };
const CAMERA: Judged = { package: "com.android.camera2", signer: "d".repeat(64), standing: "other", by: null };
const PERMITTED: Judged = { package: "com.example.bazaar", signer: "b".repeat(64), standing: "permitted", by: "p-1" };

/** mulberry32: the same numbers for the same seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Act {
  readonly device: number;
  readonly at: number;
  readonly app: Judged;
  readonly mode?: GateFacts["mode"];
  readonly action?: GateAction;
  readonly what?: string;
  readonly lease?: string;
  /** One of the two devices on which this person tries others' apps today. */
  readonly trial?: boolean;
}

/** A lab's log, as far as rules look at it. */
class World {
  readonly found: Found[] = [];
  readonly #counting = new Counting(RULES);
  readonly #spent = new Map<number, number[]>();
  #seq = 0;
  #at = START;

  get names(): string[] {
    return [...new Set(this.found.map(({ rule }) => rule))].sort();
  }

  get pauses(): string[] {
    return [...new Set(this.found.map(({ pauses }) => pauses))].filter((one) => one !== "nothing").sort();
  }

  act({ device, at, app, mode = "unicast", action = "tap", what, trial = false, lease = `l-${device}` }: Act): void {
    const opens = ["launch", "install", "stop", "deep-link"].includes(action);
    const spent = (this.#spent.get(device) ?? []).filter((one) => one > at - 24 * HOUR);
    const facts: GateFacts = {
      mode,
      action,
      actor: "p-1",
      epoch: 1,
      leaseEpoch: 1,
      phase: "leased",
      holder: "p-1",
      front: opens ? OWN : app,
      knownMs: 10,
      fresh: false,
      target: opens ? app : null,
      fence: mode === "unicast" ? "open" : "closed",
      budget: { trial, hour: spent.filter((one) => one > at - HOUR).length, day: spent.length },
    };
    const { decision, rule } = decide(facts);
    if (rule === "hand-budget" && ["tap", "swipe", "scroll"].includes(action)) this.#spent.set(device, [...spent, at]);
    this.#leaf(
      { device: `d-${device}`, lease, tenant: "acme" },
      { n: this.#seq + 1, at, facts, decision, rule, ...(what !== undefined && { service: what }) },
    );
  }

  event(event: string, { device, at }: { device: number; at: number }): void {
    this.#see({ ...this.#place(at), kind: "event", event, actor: "p-1", tenant: "acme", subject: `d-${device}`, detail: {} });
  }

  change(table: string, row: Extract<Leaf, { kind: "change" }>["row"], at = this.#at): void {
    this.#see({ ...this.#place(at), kind: "change", table, op: "insert", row });
  }

  #leaf(where: { device: string; lease: string; tenant: string }, hand: HandDecision): void {
    const { n, at, facts, decision, rule, service } = hand;
    if (facts.mode === "unicast" && decision === "allow") {
      const window = { epoch: 1, from: at, to: at + 10_000, count: 1, rules: { [rule]: 1 } };
      this.#see({ ...this.#place(at), kind: "hands", ...where, ...window, policy: "x", commitment: "0".repeat(64) }, [hand]);
    } else {
      const said = { agent: "g", journal: "j", n, agentAt: at, facts, decision, rule, policy: "x", service };
      this.#see({ ...this.#place(at), kind: "decision", ...where, ...said });
    }
  }

  #place(at: number) {
    this.#at = Math.max(this.#at, at);
    return { v: 1 as const, seq: this.#seq++, at: this.#at };
  }

  #see(leaf: Leaf, hands: readonly HandDecision[] = []): void {
    for (const seen of seenIn(leaf, hands)) this.found.push(...this.#counting.see(seen), ...this.#counting.late());
  }
}

type Behaviour = (world: World, next: () => number) => void;
const range = (count: number) => Array.from({ length: count }, (_, at) => at);

/** The same steps on 20 phones at once, for eight hours, in an app of their own. */
function suite(world: World, each?: (step: number, at: number) => void): void {
  for (const step of range(8 * 60)) {
    const at = START + step * MINUTE;
    for (const device of range(20)) {
      if (step % 30 === 0) world.act({ device, at, app: OWN, mode: "script", action: "install", what: "clear" });
      if (step % 30 === 1) world.act({ device, at, app: OWN, mode: "script", action: "install", what: "uninstall" });
      if (step % 30 === 2) world.act({ device, at, app: OWN, mode: "script", action: "install", what: "install" });
      if (step % 30 === 3) world.act({ device, at, app: OWN, mode: "script", action: "launch" });
      world.act({ device, at: at + 100, app: OWN, mode: "group" });
    }
    each?.(step, at);
  }
}

const HONEST: Record<string, Behaviour> = {
  "a suite on 20 phones with launches, clears and reinstalls": (world) => suite(world),
  "a suite that hops to a browser to sign in, by hand within the budget": (world, next) =>
    suite(world, (step, at) => {
      if (step % 15 !== 14) return;
      for (const device of range(20))
        for (const tap of range(4)) world.act({ device, at: at + tap * (900 + 200 * next()), app: CHROME });
    }),
  "a suite whose group stumbles over the browser and the camera again and again": (world) =>
    suite(world, (step, at) => {
      if (step % 10 !== 9) return;
      for (const device of range(20))
        for (const tap of range(5)) world.act({ device, at: at + tap * 500, app: tap % 2 ? CHROME : CAMERA, mode: "group" });
    }),
  "a suite that begins with a clean browser, and is told no": (world) =>
    suite(world, (step, at) => {
      if (step % 30 !== 0) return;
      for (const device of range(20)) world.act({ device, at, app: CHROME, mode: "script", action: "install", what: "clear" });
    }),
  "a script that taps its own app for three days, to the second": (world) => {
    for (const tap of range(3 * 24 * 60)) world.act({ device: 1, at: START + tap * MINUTE, app: OWN, mode: "script" });
  },
  "a person with two trial devices who tries others' apps": (world, next) => {
    for (const device of range(2)) {
      world.act({ device, at: START, app: BAZAAR, action: "install", what: "install", trial: true });
      for (const tap of range(300)) world.act({ device, at: START + tap * 4_000 * (0.5 + next()), app: BAZAAR, trial: true });
      for (const key of range(100)) world.act({ device, at: START + HOUR + key * 300, app: BAZAAR, action: "text", trial: true });
      world.act({ device, at: START + 2 * HOUR, app: BAZAAR, action: "install", what: "clear", trial: true });
      world.act({ device, at: START + 3 * HOUR, app: BAZAAR, action: "install", what: "uninstall", trial: true });
    }
  },
  "a keyboard's maker with a permit on five phones": (world, next) => {
    for (const device of range(5))
      for (const tap of range(500))
        world.act({ device, at: START + tap * 20_000 * (0.5 + next()), app: PERMITTED, action: tap % 2 ? "text" : "tap" });
  },
  "somebody who types a sentence where it is not allowed, and scrolls": (world) => {
    for (const key of range(60)) world.act({ device: 3, at: START + key * 200, app: CHROME, action: "key" });
    for (const turn of range(80)) world.act({ device: 3, at: START + MINUTE + turn * 60, app: CHROME, action: "scroll" });
  },
  "a suite that buys within its own app, in the phone's own store, by hand": (world) =>
    suite(world, (step, at) => {
      if (step % 20 !== 19) return;
      for (const device of range(20)) for (const tap of range(3)) world.act({ device, at: at + tap * 900, app: PLAY });
    }),
  "three large organisations that somebody of the lab helps": (world) => {
    for (const tenant of ["lab", ...range(3).map((one) => `tenant-${one}`)])
      world.change("members", { id: `m-${tenant}`, organization_id: tenant, user_id: "p-helper", role: "operator" });
    world.change("adb_keys", { fingerprint: "f-1", actor: "p-helper" });
    for (const tenant of range(3)) lend(world, `tenant-${tenant}`, { from: tenant * 100, devices: 50 });
  },
  "two organisations with a person in common, 25 phones each": (world) => linkedTenants(world, 2, 25),
  "three large organisations with nothing in common": (world) => {
    for (const tenant of range(3)) lend(world, `tenant-${tenant}`, { from: tenant * 100, devices: 50 });
  },
};

/** Which rule should find it, and whether that pauses anything. */
const ABUSIVE: Record<string, { rule: string | null; pauses: boolean; behave: Behaviour }> = {
  "a group's taps in another's shop, all denied": {
    rule: "fan-out",
    pauses: false,
    behave: (world) => {
      for (const tap of range(40))
        for (const device of range(20)) world.act({ device, at: START + tap * 2_000, app: BAZAAR, mode: "group" });
    },
  },
  "likes by hand on 20 phones, each within its budget": {
    rule: "fan-out",
    pauses: true,
    behave: (world, next) => {
      for (const hour of range(6))
        for (const device of range(20))
          for (const tap of range(18))
            world.act({ device, at: START + hour * HOUR + device * MINUTE + tap * 3_000 * next(), app: BAZAAR });
    },
  },
  "the same, at a human pace, amid plenty of one's own app": {
    rule: "fan-out",
    pauses: true,
    behave: (world, next) => {
      for (const turn of range(2_000))
        world.act({ device: turn % 8, at: START + turn * 9_000 * (0.5 + next()), app: next() < 0.05 ? BAZAAR : OWN });
    },
  },
  "another's app installed on ten phones by a script": {
    rule: "fan-out",
    pauses: false,
    behave: (world) => {
      for (const device of range(10))
        world.act({ device, at: START + device * 1_000, app: BAZAAR, mode: "script", action: "install", what: "install" });
    },
  },
  "link spam by hand in the browsers of 20 phones, each budget used up": {
    rule: "fan-out",
    pauses: true,
    behave: (world) => {
      for (const device of range(20))
        for (const tap of range(25)) world.act({ device, at: START + device * MINUTE + tap * 2_000, app: CHROME });
    },
  },
  "a phone that is a newcomer every hour": {
    rule: "resets",
    pauses: true,
    behave: (world) => {
      for (const hour of range(4)) {
        world.act({ device: 1, at: START + hour * HOUR, app: BAZAAR, action: "install", what: "clear", trial: true });
        world.act({ device: 1, at: START + hour * HOUR + MINUTE, app: BAZAAR, trial: true });
      }
    },
  },
  "the same, with a new lease each time": {
    rule: "resets",
    pauses: true,
    behave: (world) => {
      for (const hour of range(4)) {
        const lease = `l-new-${hour}`;
        world.act({ device: 1, at: START + hour * HOUR, app: BAZAAR, action: "install", what: "clear", trial: true, lease });
      }
    },
  },
  "orders by hand in a phone maker's own shop": {
    rule: "fan-out",
    pauses: true,
    behave: (world) => {
      for (const device of range(20))
        for (const tap of range(8)) world.act({ device, at: START + device * MINUTE + tap * 2_000, app: VENDOR_SHOP });
    },
  },
  "a program that pushes on where the budget is used up": {
    rule: "budget",
    pauses: true,
    behave: (world) => {
      for (const tap of range(200)) world.act({ device: 1, at: START + tap * 15_000, app: BAZAAR });
    },
  },
  "accounts added on three phones": {
    rule: "accounts",
    pauses: true,
    behave: (world) => {
      for (const device of range(3)) world.event("account.screen", { device, at: START + device * MINUTE });
    },
  },
  "a bot in a person's name, 23 hours at an even pace on a trial device": {
    rule: "duty",
    pauses: true,
    behave: (world, next) => {
      for (const tap of range(23 * 30))
        world.act({ device: 1, at: START + tap * 2 * MINUTE + 8_000 * next(), app: BAZAAR, trial: true });
    },
  },
  "50 shells of organisations, each with a person in common with the next": {
    rule: "linked",
    pauses: true,
    behave: (world) => linkedTenants(world, 50, 2),
  },
  // Within all budgets, on fewer devices than fan out: what is left to the careful.
  "likes by hand on four phones, within all budgets": {
    rule: null,
    pauses: false,
    behave: (world, next) => {
      for (const hour of range(6))
        for (const device of range(4))
          for (const tap of range(19))
            world.act({ device, at: START + hour * HOUR + tap * 180_000 * (0.9 + 0.1 * next()), app: BAZAAR });
    },
  },
};

function linkedTenants(world: World, count: number, devices: number): void {
  for (const tenant of range(count)) {
    world.change("members", { id: `m-${tenant}`, organization_id: `tenant-${tenant}`, user_id: `p-${tenant}`, role: "owner" });
    // A chain: each has only its neighbour in common.
    world.change("members", {
      id: `n-${tenant}`,
      organization_id: `tenant-${tenant}`,
      user_id: `p-${tenant + 1}`,
      role: "member",
    });
    lend(world, `tenant-${tenant}`, { from: tenant * 100, devices });
  }
}

function lend(world: World, tenant: string, { from, devices }: { from: number; devices: number }): void {
  world.change("leases", { id: `l-${tenant}`, tenant, phase: "active" });
  for (const device of range(devices))
    world.change("holds", { device_id: `d-${from + device}`, lease_id: `l-${tenant}`, state: "leased" });
}

const SEEDS = [1, 2, 3];
const tally = { right: 0, wrong: 0, missed: 0 };

test.each(Object.entries(HONEST))("flags nothing: %s", (_name, behave) => {
  for (const seed of SEEDS) {
    const world = new World();
    behave(world, random(seed));
    if (world.found.length > 0) tally.wrong++;
    expect(world.found.slice(0, 1)).toEqual([]);
  }
});

test.each(Object.entries(ABUSIVE))("finds what it can: %s", (_name, { rule, pauses, behave }) => {
  for (const seed of SEEDS) {
    const world = new World();
    behave(world, random(seed));
    if (world.found.length > 0) tally.right++;
    else tally.missed++;
    expect(world.names).toEqual(rule === null ? [] : expect.arrayContaining([rule]));
    expect(world.pauses.length > 0).toBe(pauses);
    for (const { leaves } of world.found) {
      expect(leaves.length).toBeGreaterThan(0);
      expect(leaves.length).toBeLessThanOrEqual(200);
      expect(leaves).toEqual([...new Set(leaves)].sort((a, b) => a - b));
    }
  }
});

afterAll(() => {
  const { right, wrong, missed } = tally;
  const precision = right / (right + wrong);
  const recall = right / (right + missed);
  process.stdout.write(
    `watching: ${Object.keys(HONEST).length} honest and ${Object.keys(ABUSIVE).length} abusive behaviours × ${SEEDS.length} seeds: ` +
      `precision ${precision.toFixed(2)}, recall ${recall.toFixed(2)}\n`,
  );
});

test("counts the same whether they were kept in memory or came back from a database at any moment", () => {
  const acts = range(60).map((tap) => ({ device: tap % 6, at: START + tap * 1_000, app: BAZAAR }));
  const run = (interrupted: boolean) => {
    let counting = new Counting(RULES);
    const rows = new Map<string, ReturnType<Counting["changes"]>["rows"][number]>();
    const found: unknown[] = [];
    for (const [seq, { device, at, app }] of acts.entries()) {
      const [mode, action, rule] = ["unicast", "tap", "hand-budget"] as const;
      const where = { seq, at, device: `d-${device}`, lease: "l-1", tenant: "acme" };
      found.push(
        ...counting.see({ kind: "input", ...where, mode, action, allowed: true, rule, app, what: null }),
        ...counting.late(),
      );
      if (!interrupted) continue;
      for (const row of counting.changes().rows) rows.set(`${row.rule} ${row.subject}`, row);
      counting = new Counting(RULES, JSON.parse(JSON.stringify([...rows.values()])));
    }
    return found;
  };
  expect(run(true)).toEqual(run(false));
  expect(run(true).length).toBeGreaterThan(0);
});

test("whoever invents names of apps by the thousand loses the oldest of their own counts, and nobody else's", () => {
  const counting = new Counting(RULES, [], 3 * MOST_OF_ONE);
  const said = { mode: "script", action: "launch", allowed: false, rule: "many-target", what: null } as const;
  const tried = (tenant: string, name: string, seq: number) => {
    const app = { package: name, standing: "other" };
    counting.see({ kind: "input", seq, at: START + seq, device: `d-${seq}`, lease: "l-1", tenant, app, ...said });
    return counting.late();
  };
  for (const device of range(4)) expect(tried("honest", BAZAAR.package, device)).toEqual([]);
  for (const shell of range(4))
    for (const made of range(MOST_OF_ONE + 10)) tried(`shell-${shell}`, `made.up.n${made}`, 100 + made);
  expect(counting.size).toBe(3 * MOST_OF_ONE);
  expect(tried("honest", BAZAAR.package, 5)).toMatchObject([{ rule: "fan-out", tenant: "honest", measured: { tried: 5 } }]);
  const { rows, gone } = counting.changes();
  expect(rows.length).toBe(counting.size);
  expect(gone.length).toBe(4 * (MOST_OF_ONE + 10) + 1 - counting.size);
  // What came back from the database is as much in order, and as bounded.
  expect(new Counting(RULES, rows, 3 * MOST_OF_ONE).size).toBe(counting.size);
});

test("takes counts that are none of ours, as a damaged row has them, for nothing", () => {
  const rows = [{ rule: "budget", subject: "acme d-1 l-1", counts: { touches: "many" }, at: START }];
  const counting = new Counting(RULES, rows);
  const seen = { kind: "input", seq: 1, at: START, device: "d-1", lease: "l-1", tenant: "acme", mode: "unicast" } as const;
  expect(counting.see({ ...seen, action: "tap", allowed: true, rule: "hand-budget", app: BAZAAR, what: null })).toEqual([]);
  expect(counting.changes().rows.find(({ rule }) => rule === "budget")?.counts).toEqual({ touches: [[START, 1]], flowed: 0 });
});

test("the gate's budgets are what the rules of the watching count against", () => {
  expect([HOURLY, DAILY]).toEqual([20, 120]);
  // What the console draws beside the figures.
  expect(FLAG_BOUNDS.budget).toEqual({ hour: HARD_HOUR, day: HARD_DAY });
});
