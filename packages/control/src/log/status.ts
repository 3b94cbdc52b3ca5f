/** What the log says of itself: how large it is, whether anybody appends, who has seen it, and whose decisions do not get here. */
import type { LogHealth, LogLag, LogStatus } from "@phonerack/contract/api";
import { emptyRoot, formatVkey } from "@phonerack/policy";
import { sha256 } from "@phonerack/policy/node";
import type { Checkpoints, CheckpointsParts } from "./checkpoints.js";
import { Memo } from "./memo.js";
import { HOUR_MS } from "./store.js";

/** However many look, and without a log-in. */
const OLD_MS = 2_000;
const HOURS = 24;
/** What waits longer waits for nobody. */
const WAITING_MS = 60_000;

export interface StatusParts extends CheckpointsParts {
  /** Agents whose decisions wait. */
  readonly behind: () => readonly LogLag[];
}

export class StatusDesk {
  readonly #parts: StatusParts;
  readonly #checkpoints: Checkpoints;
  readonly #known: Memo<Omit<LogStatus, "behind">>;

  constructor(parts: StatusParts, checkpoints: Checkpoints) {
    this.#parts = parts;
    this.#checkpoints = checkpoints;
    this.#known = new Memo(OLD_MS, () => this.#read());
  }

  /** `lab`: whether who asks runs it. */
  async status(lab: boolean): Promise<LogStatus> {
    return { ...(await this.#known.get()), behind: lab ? [...this.#parts.behind()] : [] };
  }

  async health(): Promise<LogHealth> {
    const { appends, size, checkpoint, witnesses } = await this.#known.get();
    const seen = witnesses.map(({ name, state }) => ({ name, state }));
    return { appends, size, signedAt: checkpoint?.at ?? null, witnesses: seen };
  }

  /** Something that it says has changed. */
  forget(): void {
    this.#known.forget();
  }

  async #read(): Promise<Omit<LogStatus, "behind">> {
    const { store, key } = this.#parts;
    const { key: own } = await key();
    const hour = Math.floor(Date.now() / HOUR_MS);
    const first = hour - HOURS + 1;
    const { kinds, denials } = await store.tallies(first);
    const checkpoint = await this.#checkpoints.newest();
    const reason = await this.#whyNot();
    return {
      origin: own.name,
      vkey: formatVkey(own),
      size: (await store.head(emptyRoot(sha256))).size,
      checkpoint: checkpoint ? { ...checkpoint } : null,
      appends: reason === null,
      reason,
      witnesses: await this.#checkpoints.witnesses(),
      kinds,
      denials: Array.from({ length: HOURS }, (_, at) => ({ hour: (first + at) * HOUR_MS, count: denials.get(first + at) ?? 0 })),
    };
  }

  async #whyNot(): Promise<string | null> {
    const { broken } = this.#parts.sequencer;
    if (broken) return broken.detail ?? broken.message;
    const since = await this.#parts.store.waitingSince();
    if (since === undefined || Date.now() - since < WAITING_MS) return null;
    return `changes have waited since ${new Date(since).toISOString()}, and no control takes them`;
  }
}
