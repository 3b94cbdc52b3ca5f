/** One virtual phone with a cleaner beside it, over a real link. What keeps the connection in the agent is played by `ready`. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CleanRecord, PhonerackError } from "@phonerack/contract/bus";
import { startVirtualPhones, type VirtualPhone, type VirtualPhonesOptions } from "@phonerack/virtual-phone";
import { pino } from "pino";
import type { Cleaner, CleanOrder } from "../src/cleaning/cleaner.js";
import { createCleaner } from "../src/cleaning/create-cleaner.js";
import { loadServerJar } from "../src/mirror/server-jar.js";
import { prepare, survey } from "../src/preparing/prepare.js";
import { Steps } from "../src/preparing/steps.js";
import { loadAdbKey } from "../src/transports/adb-key.js";
import { openDirectLink } from "../src/transports/direct-link.js";
import type { PhoneLink } from "../src/transports/link.js";

export const ID = "d-abcdefgh";

export class CleaningBench {
  readonly notes: string[] = [];
  /** What the phone does instead of what it was asked, as a maker's Android or a sly one may. */
  disguise: (service: string) => string = (service) => service;
  /** The connection that the cleaner has now. */
  link: () => PhoneLink | undefined = () => undefined;
  readonly virtual: VirtualPhone;
  readonly cleaner: Cleaner;
  /** A connection to the prepared phone, made when there is none. */
  readonly ready: (signal: AbortSignal) => Promise<PhoneLink>;
  readonly dataDir: string;
  /** For what people do at the phone by hand. */
  readonly controlUrl: string;
  readonly #stop: () => Promise<void>;

  private constructor(parts: {
    virtual: VirtualPhone;
    cleaner: Cleaner;
    ready: (signal: AbortSignal) => Promise<PhoneLink>;
    dataDir: string;
    controlUrl: string;
    stop: () => Promise<void>;
  }) {
    this.virtual = parts.virtual;
    this.cleaner = parts.cleaner;
    this.ready = parts.ready;
    this.dataDir = parts.dataDir;
    this.controlUrl = parts.controlUrl;
    this.#stop = parts.stop;
  }

  static async open(options: Partial<VirtualPhonesOptions> = {}): Promise<CleaningBench> {
    const chassis = await startVirtualPhones({ count: 1, models: ["v3"], controlPort: 0, ...options });
    const dataDir = await mkdtemp(join(tmpdir(), "phonerack-cleaning-"));
    const key = await loadAdbKey(dataDir, dataDir);
    const [virtual] = chassis.phones;
    if (!virtual) throw new Error("no phone");
    let link: PhoneLink | undefined;
    const disguised = (service: string) => bench?.disguise(service) ?? service;
    let bench: CleaningBench | undefined;
    const ready = async (signal: AbortSignal): Promise<PhoneLink> => {
      while (!link || link.life.ended) {
        signal.throwIfAborted();
        const target = { host: "127.0.0.1", port: virtual.port, key, signal, onUnauthorised: () => undefined };
        const next = await openDirectLink(target).catch(() => undefined);
        if (next && (await prepared(next))) link = through(next, disguised);
        else await sleep(50);
      }
      return link;
    };
    const cleaner = await createCleaner({
      dataDir,
      log: pino({ level: "silent" }),
      jar: await loadServerJar(),
      ready: (_id, signal) => ready(signal),
    });
    const stop = async () => {
      link?.close(new PhonerackError("device_not_ready", "the test ends"));
      await chassis.stop();
      await rm(dataDir, { recursive: true });
    };
    bench = new CleaningBench({ virtual, cleaner, ready, dataDir, controlUrl: chassis.controlUrl ?? "", stop });
    bench.link = () => link;
    return bench;
  }

  stop(): Promise<void> {
    return this.#stop();
  }

  async clean(change: Partial<CleanOrder> = {}): Promise<CleanRecord> {
    const { signal } = new AbortController();
    const onProgress = (note: string) => this.notes.push(note);
    return CleanRecord.parse(
      await this.cleaner.clean({ deviceId: ID, epoch: 7, reboot: false, isolated: false, signal, onProgress, ...change }),
    );
  }

  /** What the phone's own shell answers, not over our link. */
  async ask(command: string): Promise<string> {
    const { stdout, stderr } = await this.virtual.run(command);
    return stdout + stderr;
  }

  /** What somebody does at the phone, by hand. */
  async byHand(what: string, body: unknown): Promise<void> {
    const answer = await fetch(`${this.controlUrl}/phones/1/${what}`, { method: "POST", body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(await answer.text());
  }
}

export const results = (record: CleanRecord) => Object.fromEntries(record.items.map(({ name, result }) => [name, result]));
export const detailOf = (record: CleanRecord, name: string) => record.items.find((item) => item.name === name)?.detail ?? "";

/** The same connection, with other words for what is asked of the phone. */
function through(link: PhoneLink, disguised: (service: string) => string): PhoneLink {
  const open = link.open.bind(link);
  link.open = (service, timeoutMs) => open(disguised(service), timeoutMs);
  return link;
}

async function prepared(link: PhoneLink): Promise<boolean> {
  try {
    const steps = new Steps(() => undefined);
    const found = await survey(link, steps);
    if (found.booted) await prepare(link, steps, found);
    return found.booted;
  } catch {
    return false;
  }
}
