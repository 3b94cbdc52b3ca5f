import { spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, rmdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { Term } from "@phonerack/contract/bus";
import { decide } from "@phonerack/policy";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isOver, lateness, requireShown } from "./held.js";
import { Holds } from "./holds.js";

const ID = "d-abcdefgh";
const HOUR = 3_600_000;

let dataDir: string;
const opened: Holds[] = [];
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "phonerack-holds-"));
});
afterEach(async () => {
  for (const holds of opened.splice(0)) await holds.stop();
  await rm(dataDir, { recursive: true });
});

async function load(now?: () => number, folder = dataDir): Promise<Holds> {
  const holds = await Holds.load({ dataDir: folder, onProblem: () => undefined, ...(now && { now }) });
  opened.push(holds);
  return holds;
}

const term = (change: Partial<Term>): Term => ({
  deviceId: ID,
  epoch: 1,
  phase: "free",
  actor: "",
  until: 0,
  reboot: false,
  ...change,
});
const lease = (epoch: number, change: Partial<Term> = {}): Term =>
  term({ epoch, phase: "leased", actor: "u-1", until: Date.now() + HOUR, ...change });

const BY_HAND = {
  mode: "unicast",
  action: "key",
  front: null,
  knownMs: null,
  fresh: false,
  target: null,
  fence: "open",
  budget: { trial: true, hour: 0, day: 0 },
} as const;

/** Whether the gate would let this hand in, with nothing else against it. */
function admits(holds: Holds, epoch: number, actor: string): boolean {
  const { epoch: leaseEpoch, phase, actor: holder } = holds.get(ID);
  return decide({ ...BY_HAND, actor, epoch, leaseEpoch, phase, holder }).decision === "allow";
}

function shows(holds: Holds, epoch: number): boolean {
  try {
    requireShown(holds.get(ID), epoch);
    return true;
  } catch {
    return false;
  }
}

test("takes a higher epoch, an extension of the same, and nothing older", async () => {
  const holds = await load();
  await holds.take([lease(5)]);
  expect(admits(holds, 5, "u-1")).toBe(true);
  await holds.take([lease(5, { until: Date.now() + 2 * HOUR, actor: "u-2" })]);
  expect(holds.get(ID)).toMatchObject({ epoch: 5, phase: "leased", actor: "u-1" });
  expect(holds.get(ID).until).toBeGreaterThan(Date.now() + HOUR);
  for (const old of [lease(4), term({ epoch: 4, phase: "clean" }), term({ epoch: 5, phase: "clean" }), term({ epoch: 5 })]) {
    await holds.take([old]);
    expect(holds.get(ID)).toMatchObject({ epoch: 5, phase: "leased" });
  }
  await holds.take([term({ epoch: 6, phase: "clean", reboot: true })]);
  expect(holds.get(ID)).toMatchObject({ epoch: 6, phase: "cleaning", reboot: true, work: 6 });
  expect([admits(holds, 5, "u-1"), admits(holds, 6, "u-1"), shows(holds, 6)]).toEqual([false, false, false]);
  holds.finish(ID, { work: 6, reason: null });
  expect([holds.get(ID).phase, shows(holds, 6), shows(holds, 5)]).toEqual(["free", true, false]);
});

test("ends a lease by its own clock, and with it the epoch", async () => {
  let now = 1_000;
  const holds = await load(() => now);
  await holds.take([lease(3, { until: 2_000 })]);
  now = 1_999;
  expect(admits(holds, 3, "u-1")).toBe(true);
  now = 2_000;
  expect(holds.get(ID)).toMatchObject({ epoch: 3, phase: "cleaning", work: 3 });
  await holds.take([lease(3, { until: 9_000 })]);
  expect(holds.get(ID).phase).toBe("cleaning");
  holds.finish(ID, { work: 3, reason: null });
  expect(isOver(holds.get(ID))).toBe(true);
  expect([admits(holds, 3, "u-1"), shows(holds, 3)]).toEqual([false, false]);
});

test("ends it also when nobody asks", async () => {
  const holds = await load();
  const phases: string[] = [];
  holds.listen(ID, { changed: ({ phase }) => phases.push(phase), settled: ({ phase }) => phases.push(`${phase} on disk`) });
  await holds.take([lease(3, { until: Date.now() + 60 })]);
  await expect.poll(() => phases).toEqual(["leased", "leased on disk", "cleaning", "cleaning on disk"]);
});

test("lets a cleaning stand that it began by its own clock when control says to clean", async () => {
  const holds = await load();
  const ended = lease(3, { until: Date.now() - 1 });
  await holds.take([ended]);
  await holds.take([term({ epoch: 4, phase: "clean" })]);
  expect(holds.get(ID)).toMatchObject({ epoch: 4, phase: "cleaning", work: 3 });
  holds.finish(ID, { work: 3, reason: "an account is left" });
  expect(holds.get(ID)).toMatchObject({ epoch: 4, phase: "dirty", note: "an account is left" });
});

test.each([
  { what: "asks for a restart besides", change: { epoch: 4, reboot: true } },
  { what: "has lent it in between", change: { epoch: 6 } },
])("cleans again when control $what", async ({ change }) => {
  const holds = await load();
  await holds.take([lease(3, { until: Date.now() - 1 })]);
  holds.get(ID);
  holds.finish(ID, { work: 3, reason: null });
  await holds.take([term({ phase: "clean", ...change })]);
  expect(holds.get(ID)).toMatchObject({ phase: "cleaning", work: change.epoch });
});

test("knows everything again after a restart, and cleans what it was cleaning", async () => {
  const before = await load();
  await before.take([lease(7), term({ deviceId: "d-cleaning", epoch: 2, phase: "clean", reboot: true })]);
  await before.stop();
  const holds = await load();
  expect(holds.get(ID)).toEqual(before.get(ID));
  expect(holds.get("d-cleaning")).toMatchObject({ phase: "cleaning", work: 2, reboot: true });
  expect(holds.knows("d-cleaning")).toBe(true);
  expect(holds.get("d-unknown1")).toMatchObject({ epoch: 0, phase: "free" });
});

test("permits nothing of a lease that it cannot write, and yet ends what was before", async () => {
  const holds = await load();
  await holds.take([lease(1)]);
  await mkdir(join(dataDir, "holds.json.draft"));
  await expect(holds.take([lease(3)])).rejects.toMatchObject({ code: "data_unwritable" });
  expect([admits(holds, 1, "u-1"), admits(holds, 3, "u-1"), shows(holds, 3)]).toEqual([false, false, false]);
  await rmdir(join(dataDir, "holds.json.draft"));
  await expect.poll(() => admits(holds, 3, "u-1"), { timeout: 3_000 }).toBe(true);
});

test("puts a file aside that is not its own, and does not write over one that it may not read", async () => {
  await writeFile(join(dataDir, "holds.json"), '{"holds":{"d-abcdefgh":{"epoch":-1}}}');
  const holds = await load();
  expect(holds.get(ID).epoch).toBe(0);
  expect(await readdir(dataDir)).toEqual([expect.stringMatching(/^holds\.json\.unreadable-\d+$/)]);
  const folder = join(dataDir, "other");
  await mkdir(join(folder, "holds.json"), { recursive: true });
  await expect(load(undefined, folder)).rejects.toMatchObject({ code: "EISDIR" });
});

test("writes a thousand terms that come at once in a few writes", async () => {
  const holds = await load();
  const began = performance.now();
  await Promise.all(
    Array.from({ length: 1_000 }, (_, n) => holds.take([lease(1, { deviceId: `d-${String(n).padStart(8, "0")}` })])),
  );
  // A write each would take 1,000 syncs; also a slow disk does a few in this time.
  expect(performance.now() - began).toBeLessThan(5_000);
  expect(Object.keys(JSON.parse(await readFile(join(dataDir, "holds.json"), "utf8")).holds)).toHaveLength(1_000);
});

test("an order is late after its time, and when its time cannot be true", () => {
  const now = 1_000_000;
  for (const inTime of [0, 2_000, 5_000]) expect(lateness(now + inTime, now)).toBeUndefined();
  expect(lateness(now - 1, now)).toMatchObject({ code: "too_late" });
  expect(lateness(now + 5_001, now)).toMatchObject({ code: "too_late", detail: expect.stringContaining("clocks") });
});

type Step =
  | { do: "term"; epoch: number; phase: Term["phase"]; actor: string; lasts: number; reboot: boolean }
  | { do: "pass"; ms: number }
  | { do: "finish"; work: number; dirty: boolean }
  | { do: "restart" }
  | { do: "crash" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("term" as const),
      epoch: fc.nat({ max: 9 }),
      phase: fc.constantFrom<Term["phase"][]>("leased", "leased", "clean", "free"),
      actor: fc.constantFrom("u-1", "u-2"),
      lasts: fc.integer({ min: -5, max: 50 }),
      reboot: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("pass" as const), ms: fc.integer({ min: 1, max: 40 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("finish" as const), work: fc.nat({ max: 9 }), dirty: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.constant({ do: "restart" as const }) },
  { weight: 1, arbitrary: fc.constant({ do: "crash" as const }) },
);

/** What must be true whatever came in whatever order, told without the rules themselves. */
class Model {
  highest = 0;
  /** The epochs whose lease the clock has ended. */
  readonly over = new Set<number>();
  holder = "";
  until = 0;

  heard({ epoch, phase, actor, until }: Term, now: number): void {
    this.pass(now);
    if (epoch > this.highest) {
      this.highest = epoch;
      [this.holder, this.until] = phase === "leased" ? [actor, until] : ["", 0];
    } else if (epoch === this.highest && phase === "leased" && this.holder !== "") this.until = until;
    this.pass(now);
  }

  pass(now: number): void {
    if (this.holder === "" || now < this.until) return;
    this.over.add(this.highest);
    this.holder = "";
  }

  admits(epoch: number, actor: string): boolean {
    return epoch === this.highest && actor !== "" && this.holder === actor && !this.over.has(epoch);
  }
}

async function copyOf(folder: string): Promise<string> {
  const copy = await mkdtemp(join(dataDir, "run-"));
  await cp(join(folder, "holds.json"), join(copy, "holds.json")).catch(() => undefined);
  return copy;
}

test("whatever comes in whatever order, epochs only rise and only the present holder is let in", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
      let folder = await mkdtemp(join(dataDir, "run-"));
      let now = 1_000;
      const model = new Model();
      let holds = await load(() => now, folder);
      let epoch = 0;
      for (const next of steps) {
        if (next.do === "term") {
          const sent = { deviceId: ID, ...next, actor: next.phase === "leased" ? next.actor : "", until: now + next.lasts };
          await holds.take([sent]);
          model.heard(sent, now);
        } else if (next.do === "pass") {
          now += next.ms;
          model.pass(now);
        } else if (next.do === "finish") holds.finish(ID, { work: next.work, reason: next.dirty ? "an account is left" : null });
        else {
          if (next.do === "restart") await holds.stop();
          // Killed: what the disk holds at this moment is all that is left.
          else folder = await copyOf(folder);
          holds = await load(() => now, folder);
        }
        const held = holds.get(ID);
        expect(held.epoch).toBe(model.highest);
        expect(held.epoch).toBeGreaterThanOrEqual(epoch);
        epoch = held.epoch;
        for (let order = 0; order <= 10; order++) {
          for (const actor of ["u-1", "u-2", ""]) expect(admits(holds, order, actor)).toBe(model.admits(order, actor));
          if (order !== held.epoch || model.over.has(order)) expect(shows(holds, order)).toBe(false);
        }
      }
    }),
    { numRuns: 100 },
  );
}, 60_000);

/** Takes one term after the other for ever and says which are acknowledged. */
const TAKER = `
  import { Holds } from ${JSON.stringify(new URL("../../dist/hold/holds.js", import.meta.url).href)};
  const holds = await Holds.load({ dataDir: process.argv[1], onProblem: (error) => console.error(error) });
  for (let epoch = holds.get("${ID}").epoch + 1; ; epoch++) {
    await holds.take([{ deviceId: "${ID}", epoch, phase: "leased", actor: "u-1", until: Date.now() + 3600000, reboot: false }]);
    process.stdout.write(epoch + "\\n");
  }`;

test("never falls back behind an epoch that it has acknowledged, however often it is killed", async () => {
  let acknowledged = 0;
  for (let round = 0; round < 4; round++) {
    const child = spawn(process.execPath, ["--input-type=module", "-e", TAKER, dataDir], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const gone = new Promise((resolve) => child.once("close", resolve));
    const before = acknowledged;
    createInterface({ input: child.stdout }).on("line", (line) => {
      acknowledged = Number(line);
    });
    await expect.poll(() => acknowledged, { timeout: 10_000 }).toBeGreaterThan(before + 5);
    await sleep(round * 7);
    child.kill("SIGKILL");
    await gone;
    const holds = await load();
    expect(holds.get(ID).epoch).toBeGreaterThanOrEqual(acknowledged);
  }
}, 60_000);
