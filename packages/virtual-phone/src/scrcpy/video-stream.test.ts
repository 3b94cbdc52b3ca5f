import { parseServerOptions } from "@phonerack/android-wire/scrcpy";
import { describe, expect, it } from "vitest";
import { type LocalSocket, LocalSockets } from "../adbd/local-sockets.js";
import { modelForSlot } from "../models/models.js";
import { Phone } from "../phone/phone.js";
import { Encoders } from "./scrcpy-phone.js";
import { ServerLog } from "./server-log.js";
import { VideoStream } from "./video-stream.js";

/** A socket whose reader is as slow as the test says. */
class SlowSocket implements LocalSocket {
  readonly input = (async function* () {})();
  readonly closed = new Promise<void>(() => undefined);
  readonly kinds: string[] = [];
  buffered = 0;
  #waiting: (() => void)[] = [];

  write(data: Uint8Array): Promise<void> {
    const flags = data.length > 12 ? (data[0] ?? 0) & 0xc0 : -1;
    this.kinds.push({ [-1]: "meta", 128: "config", 64: "key" }[flags] ?? "delta");
    return this.buffered === 0 ? Promise.resolve() : new Promise((resolve) => this.#waiting.push(resolve));
  }
  catchUp(): void {
    this.buffered = 0;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
  end(): void {}
  finish(): void {}
  close(): void {}
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 1500; i++) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error("waited in vain");
}

describe("a video stream whose client is slow", () => {
  it("drops pictures while the client is behind, and gives it a key frame by itself when it has caught up", async () => {
    const phone = new Phone({ model: modelForSlot(1), serial: "slow-1" });
    const socket = new SlowSocket();
    const silent = { write: async () => undefined };
    const stream = new VideoStream({
      socket,
      phone: { phone, sockets: new LocalSockets(), encoders: new Encoders() },
      options: parseServerOptions(["3.3.1", "max_size=160"]),
      log: new ServerLog(silent, silent),
      onFailure: () => undefined,
    });
    try {
      await until(() => socket.kinds.length === 3);
      expect(socket.kinds.splice(0)).toEqual(["meta", "config", "key"]);
      socket.buffered = 10 * 1024 * 1024;
      stream.reset();
      await until(() => socket.kinds.length === 1);
      stream.reset();
      phone.shade.set("settings");
      await new Promise((resolve) => setTimeout(resolve, 150));
      expect(socket.kinds.splice(0)).toEqual(["config"]);
      socket.catchUp();
      await until(() => socket.kinds.length === 2);
      expect(socket.kinds).toEqual(["config", "key"]);
    } finally {
      stream.stop();
    }
  });
});
