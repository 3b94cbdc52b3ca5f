/** The fence on real virtual phones, whose own shell is asked what it did to them. What apps are to the holder is said by each test. */
import { existsSync, readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Fence, PhonerackError } from "@phonerack/contract/bus";
import { pino } from "pino";
import { afterEach, expect, test } from "vitest";
import { CleaningBench, ID } from "../../test/cleaning-bench.js";
import { install } from "../../test/install.js";
import { Permits } from "../permits.js";
import { Fences } from "./fences.js";
import { FenceJournal } from "./journal.js";
import type { Broken } from "./parts.js";
import { PhoneFence } from "./phone-fence.js";

const [NOTES, BLOCKS, VAULT, BAZAAR] = [
  "dev.phonerack.notes",
  "dev.phonerack.blocks",
  "dev.phonerack.vault",
  "com.example.bazaar",
];
const FENCED = [BAZAAR, BLOCKS, VAULT];

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** So that something can happen in the middle of it. */
const slowly = (service: string) => service.replaceAll("do echo", "do sleep 0.06; echo");

class FenceBench {
  readonly states: Fence[] = [];
  readonly broken: Broken[] = [];
  readonly free = new Set(["com.android.settings", NOTES]);
  hold = { leased: true, enrolled: true, tenant: "t-1" };
  demanded = 0;
  reground: () => void = () => undefined;
  front: (name: string) => void = () => undefined;
  readonly problems: unknown[] = [];

  fence!: PhoneFence;
  fences!: Fences;

  private constructor(readonly bench: CleaningBench) {}

  static async open(options: Parameters<typeof CleaningBench.open>[0] = {}): Promise<FenceBench> {
    const bench = await CleaningBench.open(options);
    closers.push(() => bench.stop());
    const made = new FenceBench(bench);
    await made.start();
    closers.push(async () => {
      made.fence.stop();
      await made.fences.stop();
    });
    return made;
  }

  /** As an agent that begins anew with the same folder. */
  async start(): Promise<void> {
    const { bench } = this;
    const onProblem = (error: unknown) => this.problems.push(error);
    this.fences = new Fences(await FenceJournal.open({ dataDir: bench.dataDir, onProblem }));
    this.fence = new PhoneFence({
      id: ID,
      context: {
        fences: this.fences,
        fencings: new Permits(4),
        grounds: {
          onChange: (listener) => {
            this.reground = () => listener("t-1");
            return () => undefined;
          },
        },
        log: pino({ level: "silent" }),
      },
      ready: (signal) => bench.ready(signal),
      gate: {
        judge: async (name) => ({ package: name, signer: null, standing: this.free.has(name) ? "owned" : "other", by: null }),
        onFront: (listener) => {
          this.front = (name) => listener({ package: name, signer: null, standing: "other", by: null });
          return () => undefined;
        },
        demand: () => {
          this.demanded++;
          return () => void this.demanded--;
        },
      },
      hold: () => this.hold,
      undisturbed: () => undefined,
      onChange: (fence) => this.states.push(fence),
    });
    this.fence.onBroken((broken) => this.broken.push(broken));
  }

  enter(session = "g-1"): Promise<void> {
    return this.fence.enter(session, { agreed: false });
  }

  async disabled(): Promise<string[]> {
    return (await this.bench.ask("pm list packages -d"))
      .split("\n")
      .filter(Boolean)
      .map((line) => line.slice(8));
  }

  journalled(): string[] {
    const path = join(this.bench.dataDir, "fences.json");
    const json = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : { fences: {} };
    return json.fences[ID] ?? [];
  }
}

test("disables what can be launched and is not one's own, on disk before, and gives back just that", async () => {
  const lab = await FenceBench.open();
  await lab.bench.ask(`pm disable-user --user 0 ${VAULT}`);
  let written: string[] = [];
  lab.bench.disguise = (service) => {
    if (service.includes("disable-user")) written = lab.journalled();
    return service;
  };
  await lab.enter();
  expect(written.sort()).toEqual([BAZAAR, BLOCKS]);
  expect(lab.fence.state).toEqual({ state: "closed", disabled: [BAZAAR, BLOCKS], left: [] });
  expect(lab.fence.facts).toBe("closed");
  expect(await lab.disabled()).toEqual([BAZAAR, BLOCKS, VAULT]);
  const left = lab.fence.leave("g-1");
  expect(lab.fence.facts).toBe("open");
  await left;
  expect(lab.fence.state).toEqual({ state: "open", disabled: [], left: [] });
  expect(await lab.disabled()).toEqual([VAULT]);
  await lab.fences.stop();
  expect(lab.journalled()).toEqual([]);
  expect(await lab.bench.ask(`dumpsys package ${BAZAAR} | grep enabled=`)).toContain("enabled=0");
});

test("stays closed until the last session leaves, and closes again for one that comes while it opens", async () => {
  const lab = await FenceBench.open();
  await Promise.all([lab.enter("g-1"), lab.enter("g-2")]);
  void lab.fence.leave("g-1");
  expect([lab.fence.facts, lab.demanded]).toEqual(["closed", 1]);
  const opening = lab.fence.leave("g-2");
  await lab.enter("g-3");
  expect(await lab.disabled()).toEqual(FENCED);
  await opening;
  await lab.fence.leave("g-3");
  expect(lab.demanded).toBe(0);
  expect(await lab.disabled()).toEqual([]);
});

test("asks before it disables anything where nobody has enrolled the phone", async () => {
  const lab = await FenceBench.open();
  lab.hold = { ...lab.hold, enrolled: false };
  await expect(lab.enter()).rejects.toMatchObject({ code: "fence_unagreed" });
  expect(await lab.fence.preview()).toEqual({
    deviceId: ID,
    packages: FENCED.map((name) => ({ package: name, label: null })),
    ask: true,
  });
  expect(await lab.disabled()).toEqual([]);
  await lab.fence.enter("g-1", { agreed: true });
  expect(await lab.disabled()).toEqual(FENCED);
  lab.hold = { ...lab.hold, leased: false, enrolled: true };
  await expect(lab.enter("g-2")).rejects.toMatchObject({ code: "epoch_stale" });
});

test.each([1, 2, 3])("gives back after a crash what was journalled, however far it had come (%i)", async (moment) => {
  const lab = await FenceBench.open({ latency: "real" });
  let asked = 0;
  const dies = new Promise<void>((resolve) => {
    lab.bench.disguise = (service) => {
      // 1: before it disables, 2: while it does, 3: while it enables again.
      const marks = [/disable-user/, /disable-user/, /default-state/][moment - 1];
      if (!marks?.test(service) || asked++ > 0) return service;
      setTimeout(resolve, moment === 1 ? 0 : 100);
      return moment === 1 ? "exec:false" : slowly(service);
    };
  });
  const entered = lab.enter().catch(() => undefined);
  if (moment === 3) {
    await entered;
    void lab.fence.leave("g-1");
  }
  await dies;
  lab.fence.stop();
  lab.bench.link()?.close(new PhonerackError("device_not_ready", "the agent was killed"));
  const before = lab.journalled();
  expect(before.sort()).toEqual(FENCED);
  await lab.start();
  expect(lab.fence.state.state).toBe("opening");
  lab.fence.prepared();
  await lab.fence.whenOpen();
  expect(await lab.disabled()).toEqual([]);
  expect(lab.fence.state.state).toBe("open");
});

test("goes on where it was when the connection is lost on the way", async () => {
  const lab = await FenceBench.open({ latency: "real" });
  let drops = 0;
  lab.bench.disguise = (service) => {
    if (!/disable-user|default-state/.test(service) || drops++ % 2 === 1) return service;
    setTimeout(() => {
      lab.bench.virtual.setFault("drop", true);
      lab.bench.virtual.setFault("drop", false);
    }, 100);
    return slowly(service);
  };
  await lab.enter();
  expect(await lab.disabled()).toEqual(FENCED);
  lab.fence.lost();
  expect(lab.fence.facts).toBe("open");
  lab.fence.prepared();
  await expect.poll(() => lab.fence.facts).toBe("closed");
  await lab.fence.leave("g-1");
  expect(await lab.disabled()).toEqual([]);
  expect(drops).toBe(4);
});

test("says what could not be disabled and why, and calls itself leaky", async () => {
  const lab = await FenceBench.open();
  const verb = "cmd package disable-user --user 0 $p || pm disable-user --user 0 $p";
  const refusal = `java.lang.SecurityException: Cannot disable a protected package: $p`;
  lab.bench.disguise = (service) =>
    service.replaceAll(verb, `if [ "$p" = ${BAZAAR} ]; then echo; echo "${refusal}"; else ${verb}; fi`);
  await lab.enter();
  expect(lab.fence.state).toEqual({
    state: "leaky",
    disabled: [BLOCKS, VAULT],
    left: [{ package: BAZAAR, reason: `Cannot disable a protected package: ${BAZAAR}` }],
  });
  await expect.poll(() => lab.journalled().sort()).toEqual([BLOCKS, VAULT]);
  lab.bench.disguise = (service) => service.replaceAll(verb, "true");
  await lab.fence.leave("g-1");
  await lab.enter();
  expect(lab.fence.state.left.map((one) => one.package)).toEqual(FENCED);
});

test("is leaky from when an app came in front all the same, until it opens", async () => {
  const lab = await FenceBench.open({ faults: ["1:feigned-disabling"] });
  await lab.enter();
  expect(lab.fence.facts).toBe("closed");
  lab.front(BAZAAR);
  expect(lab.fence.facts).toBe("leaky");
  lab.fence.tick(Date.now() + 60_000);
  await expect.poll(() => lab.states.length).toBeGreaterThan(2);
  expect(lab.fence.state.left).toEqual([{ package: BAZAAR, reason: expect.stringContaining("in front") }]);
  await lab.fence.leave("g-1");
  await lab.enter();
  expect(lab.fence.facts).toBe("closed");
});

test("fences what appears meanwhile, and gives back what is proved", async () => {
  const lab = await FenceBench.open();
  await lab.enter();
  const launcher = [{ actions: ["android.intent.action.MAIN"], categories: ["android.intent.category.LAUNCHER"] }];
  const activities = [{ name: "com.example.fresh.Main", exported: true, filters: launcher }];
  await install(lab.bench.virtual, { package: "com.example.fresh", activities });
  lab.fence.tick(Date.now() + 60_000);
  await expect.poll(() => lab.fence.state.disabled).toContain("com.example.fresh");
  expect(lab.journalled()).toContain("com.example.fresh");
  await expect.poll(() => lab.fence.facts).toBe("closed");
  lab.free.add("com.example.fresh");
  lab.reground();
  await expect.poll(() => lab.fence.state.disabled).not.toContain("com.example.fresh");
  expect(await lab.disabled()).toEqual(FENCED);
  expect(lab.broken).toEqual([]);
});

test("ends every session when somebody else enables what it disabled", async () => {
  const lab = await FenceBench.open();
  await Promise.all([lab.enter("g-1"), lab.enter("g-2")]);
  await lab.bench.ask(`pm enable ${BAZAAR}`);
  lab.fence.tick(Date.now() + 60_000);
  await expect.poll(() => lab.broken).toEqual([{ sessions: ["g-1", "g-2"], reason: expect.stringContaining(BAZAAR) }]);
  expect(lab.fence.facts).toBe("open");
  await lab.fence.whenOpen();
  expect(await lab.disabled()).toEqual([]);
});

test("disables nothing on a phone that does not tell what it can launch, nor when the journal cannot be written", async () => {
  const lab = await FenceBench.open();
  lab.bench.disguise = (service) => service.replaceAll("query-activities", "nonsense");
  await expect(lab.enter()).rejects.toMatchObject({ code: "phone_failed" });
  expect(lab.fence.state.state).toBe("open");
  lab.bench.disguise = (service) => service;
  const draft = join(lab.bench.dataDir, "fences.json.draft");
  await mkdir(draft);
  await expect(lab.enter()).rejects.toMatchObject({ code: "data_unwritable" });
  expect(await lab.disabled()).toEqual([]);
  await rm(draft, { recursive: true });
  await lab.fence.whenOpen();
  await lab.enter();
  expect(await lab.disabled()).toEqual(FENCED);
});

test("puts a journal aside that is none", async () => {
  const lab = await FenceBench.open();
  await writeFile(join(lab.bench.dataDir, "fences.json"), `{"version":1,"fences":{"${ID}":["a; reboot"]}}`);
  await lab.start();
  expect(lab.problems).toHaveLength(1);
  expect(lab.fence.state.state).toBe("open");
});
