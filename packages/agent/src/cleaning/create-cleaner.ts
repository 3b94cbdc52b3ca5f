/** The agent's cleaner: baselines on disk, and one cleaning at a time per phone within its time. */
import { type CleanRecord, PhonerackError } from "@phonerack/contract/bus";
import { Baselines, baselineOf } from "./baselines.js";
import type { Cleaner, CleanerParts, CleanOrder, CreateCleaner } from "./cleaner.js";
import { Cleaning, failureWords } from "./cleaning.js";
import { Contact } from "./contact.js";
import { look } from "./look.js";
import { asTheLabDemands } from "./settings.js";

/** Both below the margin that control keeps free after a lease. */
const BUDGET_MS = 5 * 60_000;
const BUDGET_WITH_REBOOT_MS = 9 * 60_000;
const BASELINE_MS = 3 * 60_000;

export const createCleaner: CreateCleaner = async (parts) => {
  const baselines = await Baselines.open(parts.dataDir);
  return {
    clean: (order) => clean(parts, baselines, order),
    takeBaseline: (deviceId) => takeBaseline(parts, baselines, deviceId),
    baselineAt: (deviceId) => baselines.at(deviceId),
  } satisfies Cleaner;
};

async function takeBaseline(parts: CleanerParts, baselines: Baselines, deviceId: string): Promise<number> {
  const contact = new Contact({ ready: (signal) => parts.ready(deviceId, signal), signal: AbortSignal.timeout(BASELINE_MS) });
  const seen = await look(contact).catch((error: unknown) => {
    if (!contact.signal.aborted) throw error;
    throw new PhonerackError("device_timeout", "it did not tell what it is like in time");
  });
  const takenAt = Date.now();
  await baselines.write(baselineOf(deviceId, seen, takenAt));
  return takenAt;
}

async function clean(parts: CleanerParts, baselines: Baselines, order: CleanOrder): Promise<CleanRecord> {
  const { jar, log } = parts;
  const { deviceId, epoch, signal } = order;
  const startedAt = Date.now();
  const taken = await baselines.read(deviceId);
  if (!taken) {
    const reason = "It has no baseline: nobody knows what it should be like. Take one when it is as it should be.";
    return { deviceId, epoch, startedAt, endedAt: Date.now(), clean: false, reason, items: [] };
  }
  const baseline = taken.settings ? { ...taken, settings: asTheLabDemands(taken.settings, order) } : taken;
  const budget = AbortSignal.timeout(order.reboot ? BUDGET_WITH_REBOOT_MS : BUDGET_MS);
  const contact = new Contact({ ready: (wait) => parts.ready(deviceId, wait), signal: AbortSignal.any([signal, budget]) });
  const cleaning = new Cleaning({ contact, baseline, order, jar });
  try {
    return await cleaning.run();
  } catch (error) {
    signal.throwIfAborted();
    if (budget.aborted) return cleaning.record(`time ran out while ${cleaning.at}`);
    // Lost without our doing: whoever ordered it orders it again when the phone is back.
    if (error instanceof PhonerackError && error.code === "device_not_ready") throw error;
    log.warn({ device: deviceId, err: error }, "cleaning failed");
    return cleaning.record(failureWords(error, cleaning.at));
  }
}
