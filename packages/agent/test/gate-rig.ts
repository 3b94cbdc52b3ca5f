/** One phone's gate on a real virtual phone, with its fence and its lease played by the test. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DeviceReport, Grounds } from "@phonerack/contract/bus";
import type { GateFacts } from "@phonerack/policy";
import { startVirtualPhones, type VirtualPhone } from "@phonerack/virtual-phone";
import { Budgets } from "../src/gate/budgets.js";
import { GroundsBook } from "../src/gate/grounds-book.js";
import { type Asked, PhoneGate } from "../src/gate/phone-gate.js";
import { FRESH, type Held } from "../src/hold/held.js";
import type { DecisionJournal, JournalEntry } from "../src/journal/journal.js";
import { loadAdbKey } from "../src/transports/adb-key.js";
import { openDirectLink } from "../src/transports/direct-link.js";
import type { PhoneLink } from "../src/transports/link.js";

export const DEVICE = "d-gatephone";
export const TENANT = "t-1";
const cleanups: (() => unknown)[] = [];

export async function closeRigs(): Promise<void> {
  for (const clean of cleanups.splice(0).reverse()) await clean();
}

export interface Rig {
  readonly gate: PhoneGate;
  readonly virtual: VirtualPhone;
  readonly link: PhoneLink;
  readonly grounds: GroundsBook;
  readonly entries: JournalEntry[];
  readonly shown: Pick<Partial<DeviceReport>, "foreground" | "denials">[];
  fence: GateFacts["fence"];
  held: Held;
  /** What is asked unless told otherwise: a tap of a group. */
  asked(change?: Partial<Asked>): Asked;
  /** Takes grounds of the tenant, each a version newer. */
  prove(owned: Grounds["owned"], permits?: Grounds["permits"]): Promise<void>;
  /** Waits until `holds`, asking every few milliseconds. */
  until(holds: () => boolean, ms?: number): Promise<void>;
}

export async function openRig(options: { model?: string; faults?: string[] } = {}): Promise<Rig> {
  const { model = "v1", faults = [] } = options;
  const phones = await startVirtualPhones({ count: 1, models: [model], faults });
  cleanups.push(() => phones.stop());
  const [virtual] = phones.phones;
  if (!virtual) throw new Error("no phone");
  const dataDir = await mkdtemp(join(tmpdir(), "phonerack-gate-"));
  cleanups.push(() => rm(dataDir, { recursive: true }));
  const onProblem = (error: unknown) => {
    throw error;
  };
  const grounds = await GroundsBook.load({ dataDir, onProblem });
  const budgets = await Budgets.load({ dataDir, onProblem });
  cleanups.push(() => budgets.stop());
  const entries: JournalEntry[] = [];
  const journal = { add: (entry: JournalEntry) => entries.push(entry) > 0 } as unknown as DecisionJournal;
  const signal = new AbortController().signal;
  const key = await loadAdbKey(dataDir);
  const link = await openDirectLink({ host: "127.0.0.1", port: virtual.port, key, signal, onUnauthorised: () => undefined });
  const shown: Rig["shown"] = [];
  const rig: { -readonly [name in keyof Rig]: Rig[name] } = {
    virtual,
    link,
    grounds,
    entries,
    shown,
    fence: "closed",
    held: { ...FRESH, epoch: 3, phase: "leased", lent: true, actor: "u-1", until: Date.now() + 3_600_000, tenant: TENANT },
    asked: (change = {}) => ({ mode: "group", action: "tap", actor: "u-1", epoch: 3, ...change }),
    prove: (owned, permits = []) =>
      grounds.take([{ tenant: TENANT, version: (grounds.versions()[TENANT] ?? 0) + 1, owned, permits }]),
    until: async (holds, ms = 10_000) => {
      const end = performance.now() + ms;
      while (!holds()) {
        if (performance.now() > end) throw new Error(`not within ${ms} ms: ${JSON.stringify(gate.front())}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    gate: undefined as unknown as PhoneGate,
  };
  const gate = new PhoneGate({
    id: DEVICE,
    context: { journal, grounds, budgets },
    report: () => ({ sdk: virtual.phone.model.sdk, reach: "virtual" }),
    held: () => rig.held,
    fence: () => rig.fence,
    show: (change) => shown.push(change),
  });
  rig.gate = gate;
  gate.attach(link);
  cleanups.push(() => gate.stop());
  return rig;
}
