import { EventEmitter } from "node:events";
import { FrameKind, PhonerackError } from "@phonerack/contract/bus";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { WebSocket } from "ws";
import type { Caller } from "../access/caller.js";
import type { Viewer } from "../relay/relay-stream.js";
import { type LiveParts, LiveSocket } from "./live-socket.js";

const KIB = 1024;

/** A browser's socket whose reading is up to the test: what was sent waits until `read`. */
class SlowSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  terminated = false;
  readonly sent: (Buffer | string)[] = [];

  #flushed: (() => void)[] = [];

  send(data: Buffer | string, flushed?: () => void): void {
    this.sent.push(data);
    if (flushed) this.#flushed.push(flushed);
    this.bufferedAmount += data.length;
  }
  read(bytes = this.bufferedAmount): void {
    this.bufferedAmount -= Math.min(bytes, this.bufferedAmount);
    if (this.bufferedAmount === 0) for (const flushed of this.#flushed.splice(0)) flushed();
  }
  terminate(): void {
    this.terminated = true;
    this.readyState = 3;
    this.emit("close");
  }
  say(message: unknown): void {
    this.emit("message", Buffer.from(JSON.stringify(message)), false);
  }
  /** Kinds of the frames that were sent since the last call. */
  kinds(): number[] {
    return this.sent.splice(0).flatMap((data) => (typeof data === "string" ? [] : [data[0] ?? 0]));
  }
}

let socket: SlowSocket;
let viewer: Viewer;
let cached: Uint8Array[];
let feed: (json: string, ids: Set<string>) => void;

function frame(kind: FrameKind, bytes: number): Uint8Array {
  const frame = new Uint8Array(16 + bytes);
  frame[0] = kind;
  return frame;
}
function arrive(kind: FrameKind, bytes = 8 * KIB): void {
  viewer.frame(frame(kind, bytes), kind);
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "setTimeout", "clearTimeout", "performance"] });
  socket = new SlowSocket();
  cached = [];
  const parts = {
    devices: { get: () => ({ id: "phone-1", holder: null }) },
    hands: {},
    relay: {
      watch: (_id: string, _tier: string, watching: Viewer) => {
        viewer = watching;
        const bytes = () => cached.reduce((sum, { length }) => sum + length, 0);
        return { start: () => (cached.length > 0 ? { frames: cached, bytes: bytes() } : undefined), stop: () => undefined };
      },
    },
    feed: {
      follow: (follower: { changes: typeof feed }) => {
        feed = (json, ids) => follower.changes(json, ids);
        return { list: "{}", stop: () => undefined };
      },
      changesOf: (ids: Iterable<string>) => JSON.stringify([...ids]),
    },
  };
  new LiveSocket(socket as unknown as WebSocket, { actor: "owner", lab: "owner" } as Caller, parts as unknown as LiveParts);
  socket.say({ type: "watch", stream: 1, deviceId: "phone-1", tier: "full" });
});
afterEach(() => {
  socket.terminate();
  vi.useRealTimers();
});

/** Fills the socket until frames are dropped. */
function overflow(): void {
  arrive(FrameKind.config, 8);
  cached = [frame(FrameKind.config, 8), frame(FrameKind.key, 8 * KIB)];
  arrive(FrameKind.key);
  for (let n = 0; n < 40; n++) arrive(FrameKind.delta, 64 * KIB);
  socket.kinds();
  expect(socket.bufferedAmount).toBeLessThan(1.2 * 1024 * KIB);
}

describe("a browser that falls behind", () => {
  test("starts again from the cached group as soon as it has caught up", () => {
    overflow();
    vi.advanceTimersByTime(1_000);
    expect(socket.kinds()).toEqual([]);
    socket.read();
    vi.advanceTimersByTime(60);
    expect(socket.kinds()).toEqual([FrameKind.config, FrameKind.key]);
    arrive(FrameKind.delta);
    expect(socket.kinds()).toEqual([FrameKind.delta]);
  });

  test("waits for the near key frame instead when the group is large", () => {
    overflow();
    cached = [frame(FrameKind.config, 8), frame(FrameKind.key, 500 * KIB)];
    socket.read();
    vi.advanceTimersByTime(500);
    arrive(FrameKind.delta);
    expect(socket.kinds()).toEqual([]);
    cached = [frame(FrameKind.config, 8), frame(FrameKind.key, 9)];
    arrive(FrameKind.key);
    expect(socket.kinds()).toEqual([FrameKind.config, FrameKind.key]);
  });

  test("gets a large group after all when the screen stands still and no key frame comes", () => {
    overflow();
    cached = [frame(FrameKind.config, 8), frame(FrameKind.key, 500 * KIB)];
    socket.read();
    vi.advanceTimersByTime(3_000);
    expect(socket.kinds()).toEqual([FrameKind.config, FrameKind.key]);
  });

  test("gets the devices that changed meanwhile in one message", () => {
    socket.say({ type: "devices" });
    overflow();
    feed("{}", new Set(["a", "b"]));
    feed("{}", new Set(["b", "c"]));
    expect(socket.sent).toEqual([]);
    socket.read();
    vi.advanceTimersByTime(60);
    expect(socket.sent.filter((data) => typeof data === "string")).toEqual(['["a","b","c"]']);
  });

  test("is cut off when it takes nothing for long, and not as long as it reads at all", () => {
    overflow();
    for (let second = 0; second < 30; second++) {
      socket.read(KIB);
      vi.advanceTimersByTime(1_000);
    }
    expect(socket.terminated).toBe(false);
    vi.advanceTimersByTime(16_000);
    expect(socket.terminated).toBe(true);
  });

  test("is cut off when answers that cannot be dropped pile up", () => {
    for (let n = 0; n < 25_000 && !socket.terminated; n++) socket.say({ type: "ping", at: n });
    expect(socket.terminated).toBe(true);
    expect(socket.sent.length).toBeLessThan(20_010);
  });

  test("is not cut off for many answers that it takes", () => {
    for (let n = 0; n < 25_000; n++) {
      socket.say({ type: "ping", at: n });
      if (n % 1_000 === 0) socket.read();
    }
    expect(socket.terminated).toBe(false);
  });
});

describe("a stream", () => {
  test("that has a group already starts at once", () => {
    cached = [frame(FrameKind.config, 8), frame(FrameKind.key, 800 * KIB)];
    socket.say({ type: "watch", stream: 2, deviceId: "phone-1", tier: "tile" });
    expect(socket.kinds()).toEqual([FrameKind.config, FrameKind.key]);
  });

  test("begins with a key frame, never in the middle", () => {
    arrive(FrameKind.delta);
    arrive(FrameKind.config);
    cached = [frame(FrameKind.config, 8), frame(FrameKind.key, 8)];
    arrive(FrameKind.key);
    arrive(FrameKind.delta);
    expect(socket.kinds()).toEqual([FrameKind.config, FrameKind.key, FrameKind.delta]);
  });

  test("that had trouble goes on from the next key frame", () => {
    cached = [frame(FrameKind.config, 8), frame(FrameKind.key, 8)];
    arrive(FrameKind.key);
    viewer.trouble(new PhonerackError("device_not_ready", "asleep"));
    arrive(FrameKind.delta);
    expect(socket.kinds()).toEqual([FrameKind.config, FrameKind.key]);
    arrive(FrameKind.key);
    expect(socket.kinds()).toEqual([FrameKind.config, FrameKind.key]);
  });
});
