/**
 * Two buses as one: pictures take a connection of their own, so that they never delay a touch or its answer. Used by the buses that cross
 * a network; which subjects are pictures is said here alone.
 */
import type { Bus, BusHandler, Subscription } from "./bus.js";
import type { RequestOptions } from "./pending-request.js";

const MEDIA = "media.";

export class Lanes implements Bus {
  readonly closed: Promise<void>;
  readonly #commands: Bus;
  readonly #media: Bus;

  constructor(commands: Bus, media: Bus) {
    this.#commands = commands;
    this.#media = media;
    this.closed = Promise.race([commands.closed, media.closed]);
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
    return this.#commands.onRestored(listener);
  }

  async stop(): Promise<void> {
    await Promise.all([this.#media.stop(), this.#commands.stop()]);
  }

  #lane(subject: string): Bus {
    return subject.startsWith(MEDIA) ? this.#media : this.#commands;
  }
}
