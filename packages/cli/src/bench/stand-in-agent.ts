/**
 * An agent's part of the conversation on the bus, with frames from plain sockets in place of phones: the relay bench measures from there on,
 * since no machine of this size could encode two hundred streams beside it.
 */
import {
  AgentBeat,
  BEAT_MS,
  type Bus,
  DeviceReport,
  decodeMessage,
  encodeMessage,
  StreamOrder,
  subjects,
} from "@phonerack/contract/bus";

interface Watch {
  readonly subject: string;
  credit: number;
  readonly granted: number;
  /** The most that is wished; undefined: as many as there are. */
  fps: number | undefined;
}

export class StandInAgent {
  readonly #bus: Bus;
  readonly #watches: (Watch | undefined)[];
  readonly #timer: NodeJS.Timeout;
  readonly #count: number;
  readonly #change: (n: number) => Partial<DeviceReport>;
  /** A stream begins, or is asked for from its beginning. */
  onStart: (stream: number) => void = () => undefined;
  /** Frames that found no credit. */
  dropped = 0;

  /** `change`: what the nth device's report has other than `reportOf`. */
  constructor(bus: Bus, count: number, change: (n: number) => Partial<DeviceReport> = () => ({})) {
    this.#bus = bus;
    this.#count = count;
    this.#change = change;
    this.#watches = Array.from({ length: count }, () => undefined);
    for (let n = 0; n < count; n++) bus.subscribe(subjects.stream(phone(n)), ({ payload }) => this.#order(n, payload));
    bus.subscribe(subjects.resend, () => this.#reportAll());
    this.#timer = setInterval(() => this.#beat(), BEAT_MS);
    this.#beat();
    this.#reportAll();
  }

  get watched(): number {
    return this.#watches.filter(Boolean).length;
  }

  /** Frames a second that are wished of the stream; undefined: as many as there are, or nobody watches. */
  wishOf(stream: number): number | undefined {
    return this.#watches[stream]?.fps;
  }

  isWatched(stream: number): boolean {
    return this.#watches[stream] !== undefined;
  }

  /** @returns whether there was a watcher with credit for it. */
  publish(stream: number, frame: Uint8Array): boolean {
    const watch = this.#watches[stream];
    if (!watch) return false;
    if (watch.credit < frame.length) {
      this.dropped++;
      return false;
    }
    watch.credit -= frame.length;
    this.#bus.publish(watch.subject, frame);
    return true;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #order(stream: number, payload: Uint8Array): undefined {
    const order = decodeMessage(StreamOrder, payload);
    const watch = this.#watches[stream];
    if (order.order === "watch" && !watch) {
      const subject = subjects.media(order.replica, phone(stream), order.tier);
      this.#watches[stream] = { subject, credit: order.credit, granted: order.credit, fps: order.fps };
      this.onStart(stream);
    } else if (order.order === "watch" && watch && watch.fps !== order.fps) {
      watch.fps = order.fps;
      this.onStart(stream);
    } else if (order.order === "restart") this.onStart(stream);
    else if (order.order === "credit" && watch) watch.credit = Math.min(watch.granted, watch.credit + order.bytes);
    else if (order.order === "unwatch") this.#watches[stream] = undefined;
  }

  #beat(): void {
    const beat = { agentId: "bench", host: "bench", version: "0", startedAt: 0, devices: this.#count };
    this.#bus.publish(subjects.beat("bench"), encodeMessage(AgentBeat, beat));
  }

  #reportAll(): undefined {
    for (let n = 0; n < this.#count; n++) {
      this.#bus.publish(
        subjects.report("bench", deviceId(n)),
        encodeMessage(DeviceReport, { ...reportOf(n), ...this.#change(n) }),
      );
    }
  }
}

export function deviceId(stream: number): string {
  return `bench-${String(stream).padStart(4, "0")}`;
}

function phone(stream: number): { id: string; agentId: string } {
  return { id: deviceId(stream), agentId: "bench" };
}

export function reportOf(stream: number): DeviceReport {
  return {
    id: deviceId(stream),
    agentId: "bench",
    reach: "virtual",
    address: `tcp:127.0.0.1:${stream + 1}`,
    chassis: null,
    slot: null,
    serial: null,
    manufacturer: null,
    model: null,
    release: null,
    sdk: null,
    screen: { width: 1080, height: 2340, density: 420, rotation: 0 },
    battery: null,
    foreground: null,
    state: "ready",
    reason: null,
    since: Date.now(),
    steps: [],
    notices: [],
    audio: false,
    hold: { epoch: 0, phase: "free", note: null },
    doubt: null,
  };
}
