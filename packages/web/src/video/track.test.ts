import { type Frame, FrameKind } from "@phonerack/contract/api";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Track } from "./track.js";

/** SPS and PPS of a 184 × 400 picture in baseline. */
const CONFIG = Uint8Array.from(
  Buffer.from("000000016742c00bd903033e5f0110000003001000000300a0f142a4800000000168cb83cb20", "hex"),
);

interface Chunk {
  type: "key" | "delta";
  timestamp: number;
  data: Uint8Array;
}

class FakeDecoder {
  static all: FakeDecoder[] = [];
  state = "unconfigured";
  decodeQueueSize = 0;
  readonly chunks: Chunk[] = [];
  readonly configs: { codec: string; hardwareAcceleration?: string }[] = [];
  constructor(readonly events: { output(frame: unknown): void; error(error: Error): void }) {
    FakeDecoder.all.push(this);
  }
  configure(config: { codec: string }): void {
    this.state = "configured";
    this.configs.push(config);
  }
  decode(chunk: Chunk): void {
    this.chunks.push(chunk);
  }
  close(): void {
    this.state = "closed";
  }
}

describe("a stream in the picture worker", () => {
  const events = { picture: vi.fn(), broken: vi.fn(), unable: vi.fn() };
  let track: Track;
  const last = () => FakeDecoder.all.at(-1) as FakeDecoder;
  const frame = (kind: FrameKind, payload: Uint8Array, pts = 0n): Frame => ({ kind, stream: 1, pts, payload });
  const config = () => track.push(frame(FrameKind.config, CONFIG));
  const key = (byte = 1) => track.push(frame(FrameKind.key, Uint8Array.of(byte), 5n));
  const delta = (byte = 2) => track.push(frame(FrameKind.delta, Uint8Array.of(byte)));

  beforeEach(() => {
    vi.resetAllMocks();
    FakeDecoder.all = [];
    vi.stubGlobal("VideoDecoder", FakeDecoder);
    vi.stubGlobal(
      "EncodedVideoChunk",
      class {
        constructor(init: Chunk) {
          Object.assign(this, init);
        }
      },
    );
    track = new Track(true, events);
  });
  afterEach(() => {
    track.close();
    vi.unstubAllGlobals();
  });

  test("starts the decoder that its configuration names, in software for a tile", () => {
    config();
    expect(last().configs).toEqual([{ codec: "avc1.42c00b", optimizeForLatency: true, hardwareAcceleration: "prefer-software" }]);
  });

  test("gives each key frame its parameter sets, and starts with one", () => {
    config();
    delta();
    key();
    delta();
    expect(last().chunks.map(({ type }) => type)).toEqual(["key", "delta"]);
    expect(last().chunks[0]?.timestamp).toBe(5);
    expect([...(last().chunks[0]?.data ?? [])]).toEqual([...CONFIG, 1]);
  });

  test("begins anew with each configuration: a turned phone, a restarted stream", () => {
    config();
    key();
    config();
    delta();
    expect(FakeDecoder.all.map(({ state }) => state)).toEqual(["closed", "configured"]);
    expect(last().chunks).toEqual([]);
  });

  test("skips to the next key frame when it falls behind", () => {
    config();
    key();
    last().decodeQueueSize = 100;
    delta(10);
    last().decodeQueueSize = 0;
    delta(11);
    key(12);
    delta(13);
    expect(last().chunks.map(({ data }) => data.at(-1))).toEqual([1, 12, 13]);
  });

  test("says once that it is broken and drops what comes until it is told anew", () => {
    config();
    key();
    last().events.error(new Error("Decoding error"));
    key();
    delta();
    expect(events.broken).toHaveBeenCalledExactlyOnceWith("Decoding error");
    config();
    key();
    expect(last().chunks.length).toBe(1);
  });

  test("calls a configuration of nonsense broken, not a crash", () => {
    track.push(frame(FrameKind.config, Uint8Array.of(1, 2, 3)));
    key();
    expect(events.broken).toHaveBeenCalledOnce();
    expect(FakeDecoder.all).toEqual([]);
  });

  test("closes pictures that come after its end, and says no more", () => {
    config();
    const { events: decoder } = last();
    track.close();
    const late = { close: vi.fn() };
    decoder.output(late);
    decoder.error(new Error("late"));
    expect(late.close).toHaveBeenCalledOnce();
    expect(events.picture).not.toHaveBeenCalled();
    expect(events.broken).not.toHaveBeenCalled();
  });

  test("says so when this browser has neither decoder for it", async () => {
    vi.stubGlobal("VideoDecoder", undefined);
    Reflect.deleteProperty(globalThis, "VideoDecoder");
    const high = Uint8Array.from(Buffer.from("0000000167640032acd94044012de5f0110000030001000003000a0f183196", "hex"));
    track.push(frame(FrameKind.config, high));
    await vi.waitFor(() => expect(events.unable).toHaveBeenCalledOnce());
  });
});
