/**
 * Three buses as one: pictures take a connection of their own, so that they never delay a touch or its answer, and so do files, shells and adb, so that they
 * delay neither. Used by the buses that cross a network; which subject travels where is said here alone.
 */
import type { Bus, BusHandler, Subscription } from "./bus.js";
import type { RequestOptions } from "./pending-request.js";

export const LANES = ["commands", "media", "bulk"] as const;
export type Lane = (typeof LANES)[number];

export class Lanes implements Bus {
  readonly closed: Promise<void>;
  readonly #lanes: Readonly<Record<Lane, Bus>>;

  constructor(lanes: Readonly<Record<Lane, Bus>>) {
    this.#lanes = lanes;
    this.closed = Promise.race(LANES.map((name) => lanes[name].closed));
  }

  publish(subject: string, payload: Uint8Array): void {
    this.#lane(subject).publish(subject, payload);
  }

  subscribe(subject: string, handler: BusHandler): Subscription {
    return this.#lane(subject).subscribe(subject, handler);
  }

  request(subject: string, payload: Uint8Array, options: RequestOptions): Promise<Uint8Array> {
    return this.#lane(subject).request(subject, payload, options);
  }

  /** Of the commands: a stream of pictures that was cut is begun anew by its watcher. */
  onRestored(listener: () => void): Subscription {
    return this.#lanes.commands.onRestored(listener);
  }

  async stop(): Promise<void> {
    await Promise.all(LANES.map((name) => this.#lanes[name].stop()));
  }

  #lane(subject: string): Bus {
    if (subject.startsWith("media.")) return this.#lanes.media;
    return subject.startsWith("bulk.") ? this.#lanes.bulk : this.#lanes.commands;
  }
}
