/**
 * The race bench: somebody switches apps at random on each phone, with plain adb, while a group taps on all of them without end. How many taps land
 * in an app that is not owned is read from the phones' own record, again by plain adb. Three runs: fenced as ever; on phones that only feign to
 * disable apps, so that nothing but the gate is left; and with all apps owned, so that the gate allows everything: if nothing landed there, the
 * race would prove nothing.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { SAMPLES_SIGNER, signerDigest } from "@phonerack/virtual-phone";
import { BenchProcess } from "./bench-process.js";
import type { BenchOptions, BenchResult } from "./benches.js";
import { PlainAdb } from "./plain-adb.js";
import type { OwnedApp, TapCounts } from "./race-agent.js";

const PHONES = 20;
const SWITCHES = 10_000;
const TAPS_PER_SECOND = 20;
/** An app that is started before the one of before came up keeps that from coming up at all: some must have the time, or nobody is ever in front but the home screen. */
const MOST_PAUSE_MS = 400;
/** What is on its way over cable and event log has arrived by then. */
const SETTLE_MS = 1_000;

const NOTES: OwnedApp = { package: "dev.phonerack.notes", signer: SAMPLES_SIGNER };
/** Apps that are nobody's here, unless a run says otherwise. */
const STRANGERS: readonly OwnedApp[] = [
  { package: "com.example.bazaar", signer: signerDigest("bazaar inc") },
  { package: "dev.phonerack.blocks", signer: SAMPLES_SIGNER },
  { package: "dev.phonerack.vault", signer: SAMPLES_SIGNER },
];
const SWITCHED = [
  "-n com.example.bazaar/.MainActivity",
  "-a android.intent.action.VIEW -d bazaar://product/3",
  "-n dev.phonerack.blocks/.GameActivity",
  "-n dev.phonerack.vault/.MainActivity",
  "-n dev.phonerack.notes/.MainActivity",
  "-n dev.phonerack.notes/.MainActivity",
  "-n com.android.settings/.Settings",
  "-a android.intent.action.MAIN -c android.intent.category.HOME",
];

interface Run {
  readonly owned: readonly OwnedApp[];
  readonly faults: readonly string[];
  readonly phones: number;
  /** Over all phones; whichever comes first ends the run. */
  readonly switches: number;
  readonly seconds: number;
}

interface Landed {
  /** Taps, keys and texts in apps that are nobody's, of which the phones know. */
  readonly landed: number;
  readonly switches: number;
  readonly taps: TapCounts;
  /** What the fences had disabled. */
  readonly fenced: readonly string[];
  /** From when such an app was in front to the landing of a tap in it, in milliseconds; of those that the phones still remember. */
  readonly windows: readonly number[];
}

export async function raceBench({ count = PHONES, seconds }: BenchOptions): Promise<BenchResult> {
  const run = { owned: [NOTES], faults: [], phones: count, switches: SWITCHES, seconds: seconds ?? 600 };
  const fenced = await race(run);
  const unfenced = await race({ ...run, faults: ["*:feigned-disabling"] });
  const allowed = await race({ ...run, owned: [NOTES, ...STRANGERS] });
  const enough = Math.min(1_000, fenced.switches / 10);
  return {
    name: "race",
    n: fenced.switches,
    ours: fenced.landed,
    limit: 0,
    ratio: fenced.landed,
    budget: `fenced: nothing lands in an app that is not owned; with a gate that allows everything at least ${enough} do`,
    met: fenced.landed === 0 && allowed.landed >= enough && fenced.taps.delivered > 0,
    unit: "taps, keys and texts in apps that are not owned, by the phones' own record",
    phones: count,
    fenced: told(fenced),
    unfenced: told(unfenced),
    allowAll: told(allowed),
  };
}

function told({ landed, switches, taps, fenced, windows }: Landed) {
  const sorted = [...windows].sort((a, b) => a - b);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? null;
  const windowMs = { p50: at(0.5), p99: at(0.99), max: at(1) };
  return { landed, switches, taps, disabled: fenced, windowMs };
}

async function race(run: Run): Promise<Landed> {
  const phones = await BenchProcess.start("phones", { count: run.phones, latency: "real", faults: run.faults });
  try {
    const { ports } = phones.ready;
    const agent = await BenchProcess.start("raceAgent", { ports, owned: run.owned, tapsPerSecond: TAPS_PER_SECOND });
    try {
      return await measure(run, ports, agent);
    } finally {
      await agent.stop();
    }
  } finally {
    await phones.stop();
  }
}

async function measure(run: Run, ports: readonly number[], agent: BenchProcess<"raceAgent">): Promise<Landed> {
  const adbs = await Promise.all(ports.map((port) => PlainAdb.open(port)));
  await Promise.all(adbs.map((adb) => adb.run("dumpsys phonerack_input reset; logcat -b events -c")));
  const deadline = Date.now() + run.seconds * 1_000;
  let left = run.switches;
  await agent.ask("tap", true);
  const lanes = adbs.map(async (adb) => {
    for (; left > 0 && Date.now() < deadline; left--) {
      await adb.run(`am start ${SWITCHED[Math.floor(Math.random() * SWITCHED.length)]}`);
      await sleep(Math.random() * MOST_PAUSE_MS);
    }
  });
  await Promise.all(lanes);
  const taps = await agent.ask("tap", false);
  await sleep(SETTLE_MS);
  const seen = await Promise.all(adbs.map(landedOn));
  await Promise.all(adbs.map((adb) => adb.close()));
  return {
    landed: seen.reduce((sum, { landed }) => sum + landed, 0),
    switches: run.switches - left,
    taps,
    fenced: agent.ready.fenced,
    windows: seen.flatMap(({ windows }) => windows),
  };
}

/** By the phone's own record of what reached its windows, and its own log of what was in front when. */
async function landedOn(adb: PlainAdb): Promise<Pick<Landed, "landed" | "windows">> {
  const record = await adb.run("dumpsys phonerack_input");
  const log = await adb.run("logcat -b events -d -v epoch");
  const strange = (name: string) => STRANGERS.some((one) => one.package === name);
  let landed = 0;
  const windows: number[] = [];
  const fronts = [...log.matchAll(/^ *(\d+\.\d+).* wm_set_resumed_activity: \[\d+,([\w.]+)\//gm)];
  const resumed = fronts.map(([, at, name]) => ({ at: Number(at) * 1_000, name }));
  for (const line of record.split("\n")) {
    const [, kind, json] = /^(package|event) (\{.*\})\s*$/.exec(line) ?? [];
    if (!json) continue;
    const { package: name, touches, keys, texts, time } = JSON.parse(json);
    if (!strange(name)) continue;
    if (kind === "package") landed += touches + keys + texts;
    const since = kind === "event" ? resumed.filter((one) => one.at <= time && one.name === name).at(-1) : undefined;
    if (since) windows.push(Math.round(time - since.at));
  }
  return { landed, windows };
}
