/** A device's screen as PNG: asked of its agent, which sends it in parts. Several who ask at once get the same picture. */
import {
  type Bus,
  decodeMessage,
  encodeMessage,
  FrameKind,
  PhonerackError,
  readFrame,
  ScreenshotOrder,
  ScreenshotReply,
  subjects,
} from "@phonerack/contract/bus";
import type { Devices } from "./devices.js";
import { Framer } from "./framer.js";

const SCREENSHOT_MS = 15_000;
/** What begins later than that shows what its asker may not see any more. */
const FRESH_MS = 2_000;
/** Parts and reply travel on their own; what is missing when the reply is here comes within this time or not at all. */
const REST_MS = 3_000;
/** More than any screen: a tablet's whole picture of noise has about 16 MB. */
const MAX_BYTES = 64 * 1024 * 1024;

export class Screenshots {
  readonly #parts: { bus: Bus; replica: string; devices: Devices };
  readonly #running = new Map<string, Promise<Uint8Array>>();
  readonly #framer = new Framer();
  #count = 0;

  constructor(parts: { bus: Bus; replica: string; devices: Devices }) {
    this.#parts = parts;
  }

  /** `frame`: with a phone around it. Fails with `device_not_found`, `device_not_ready`, `agent_unreachable`, `device_timeout` or `phone_failed`. */
  async take(deviceId: string, { frame = false }: { frame?: boolean } = {}): Promise<Uint8Array> {
    const png = await this.#once(deviceId);
    return frame ? this.#framer.frame(png) : png;
  }

  #once(deviceId: string): Promise<Uint8Array> {
    // Of this epoch: a picture begun under another lease shows what is not theirs to see.
    const key = `${deviceId}/${this.#parts.devices.epochOf(deviceId)}`;
    const running = this.#running.get(key);
    if (running) return running;
    const taken = this.#take(deviceId).finally(() => this.#running.delete(key));
    this.#running.set(key, taken);
    return taken;
  }

  async #take(deviceId: string): Promise<Uint8Array> {
    const { bus, replica, devices } = this.#parts;
    const device = devices.require(deviceId);
    if (device.state !== "ready") throw new PhonerackError("device_not_ready", device.reason ?? device.state);
    const inbox = `shot-${++this.#count}`;
    const collected = new Parts();
    const subscription = bus.subscribe(subjects.media(replica, device, inbox), ({ payload }) => {
      collected.add(payload);
      return undefined;
    });
    try {
      const order = encodeMessage(ScreenshotOrder, {
        replica,
        inbox,
        epoch: devices.epochOf(deviceId),
        notAfter: Date.now() + FRESH_MS,
      });
      const reply = await bus.request(subjects.screenshot(device), order, { timeoutMs: SCREENSHOT_MS });
      const { bytes } = decodeMessage(ScreenshotReply, reply);
      return await collected.whole(bytes);
    } finally {
      subscription.unsubscribe();
    }
  }
}

class Parts {
  readonly #parts: Uint8Array[] = [];
  #bytes = 0;
  #arrived: () => void = () => {};

  add(payload: Uint8Array): void {
    const frame = readFrame(payload);
    if (frame?.kind !== FrameKind.image || this.#bytes > MAX_BYTES) return;
    this.#parts.push(frame.payload);
    this.#bytes += frame.payload.length;
    this.#arrived();
  }

  async whole(bytes: number): Promise<Uint8Array> {
    if (bytes > MAX_BYTES) throw new PhonerackError("too_large", "the screenshot");
    const end = Date.now() + REST_MS;
    while (this.#bytes < bytes) {
      const left = end - Date.now();
      if (left <= 0) throw new PhonerackError("device_timeout", "parts of the picture are missing");
      await this.#next(left);
    }
    if (this.#bytes !== bytes || bytes === 0) throw new PhonerackError("phone_failed", "the parts make no picture");
    return Buffer.concat(this.#parts);
  }

  #next(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#arrived = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
