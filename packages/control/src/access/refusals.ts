/**
 * Who was refused at the door, for the lab's events and so for its log: a key used for more than it is for, or after its end. Once a minute for each of them and
 * each reason, so that nobody fills the log by knocking.
 */
import type { ErrorCode } from "@phonerack/contract/bus";
import type { RecordEvent } from "../events/events.js";
import type { Caller } from "./caller.js";

const QUIET_MS = 60_000;
/** More at once are a flood, of which these tell enough. */
const MOST_KNOWN = 1_000;

export interface Refused {
  /** null: what they showed lets nobody in. */
  readonly caller: Caller | null;
  readonly code: ErrorCode;
  /** The pattern of the route that they asked for. */
  readonly route: string;
}

export class Refusals {
  readonly #record: RecordEvent;
  readonly #now: () => number;
  /** When each was noted last. */
  readonly #noted = new Map<string, number>();

  constructor(record: RecordEvent, now: () => number = () => performance.now()) {
    this.#record = record;
    this.#now = now;
  }

  readonly note = ({ caller, code, route }: Refused): void => {
    const key = `${code} ${caller?.actor ?? ""}`;
    const [now, last] = [this.#now(), this.#noted.get(key)];
    if (last !== undefined && now - last < QUIET_MS) return;
    if (last === undefined && this.#noted.size >= MOST_KNOWN) this.#forget(now);
    if (this.#noted.size >= MOST_KNOWN) return;
    this.#noted.set(key, now);
    const { actor = "", tenant = null } = caller ?? {};
    this.#record({ actor, tenant, kind: "access.refused", subject: code, detail: { code, route } });
  };

  #forget(now: number): void {
    for (const [key, at] of this.#noted) if (now - at >= QUIET_MS) this.#noted.delete(key);
  }
}
