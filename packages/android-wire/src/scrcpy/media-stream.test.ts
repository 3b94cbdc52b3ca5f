import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WireError } from "../wire-error.js";
import {
  encodeAudioMeta,
  encodeDeviceName,
  encodeFrameHeader,
  encodeVideoMeta,
  type MediaEvent,
  type MediaStreamOptions,
  MediaStreamParser,
  scrcpyCodec,
} from "./media-stream.js";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const plain: MediaStreamOptions = { stream: "video", dummyByte: false, deviceName: false, maxPacket: 1000 };

function read(
  chunks: readonly Uint8Array[],
  options: MediaStreamOptions = plain,
): { events: MediaEvent[]; error?: string; held: number } {
  const events: MediaEvent[] = [];
  const parser = new MediaStreamParser(options, (event) => events.push(event));
  let held = 0;
  try {
    for (const chunk of chunks) {
      parser.push(chunk);
      held = Math.max(held, parser.held);
    }
    return { events, held };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { events, held, error: error.code };
  }
}

describe("scrcpy media streams", () => {
  it("writes meta and frame headers byte for byte", () => {
    expect(hex(encodeVideoMeta({ codec: scrcpyCodec.h264, width: 360, height: 800 }))).toBe("683236340000016800000320");
    expect(hex(encodeAudioMeta(scrcpyCodec.opus))).toBe("6f707573");
    expect(hex(encodeAudioMeta(scrcpyCodec.disabled))).toBe("00000000");
    expect(hex(encodeFrameHeader({ kind: "config", pts: 5n, length: 31 }))).toBe("80000000000000000000001f");
    expect(hex(encodeFrameHeader({ kind: "key", pts: 5n, length: 4096 }))).toBe("400000000000000500001000");
    expect(hex(encodeFrameHeader({ kind: "delta", pts: 0x0102030405n, length: 1 }))).toBe("000000010203040500000001");
  });

  it("writes a name in 64 bytes that end in NUL, cut where a character ends", () => {
    expect(hex(encodeDeviceName("Pixel"))).toBe(`506978656c${"00".repeat(59)}`);
    for (const name of ["é".repeat(40), "😀".repeat(20), `a${"😀".repeat(20)}`]) {
      const field = Buffer.from(encodeDeviceName(name));
      expect(field).toHaveLength(64);
      const read = field.subarray(0, field.indexOf(0)).toString();
      expect(name.startsWith(read)).toBe(true);
      expect(Buffer.byteLength(read)).toBeGreaterThanOrEqual(60);
    }
  });

  it("reads a whole first socket: zero byte, name, meta, packets", () => {
    const wire = Buffer.from(
      `00${hex(encodeDeviceName("Pixel"))}683236340000016800000320 800000000000000000000002aabb 400000000000000500000001cc 000000000000000600000000`.replaceAll(
        " ",
        "",
      ),
      "hex",
    );
    const { events } = read([wire], { ...plain, dummyByte: true, deviceName: true });
    expect(events).toEqual([
      { type: "device-name", name: "Pixel" },
      { type: "video-meta", codec: scrcpyCodec.h264, width: 360, height: 800 },
      { type: "packet", kind: "config", pts: 0n, data: new Uint8Array([0xaa, 0xbb]) },
      { type: "packet", kind: "key", pts: 5n, data: new Uint8Array([0xcc]) },
      { type: "packet", kind: "delta", pts: 6n, data: new Uint8Array(0) },
    ]);
  });

  it("reads an audio socket that says it is disabled", () => {
    expect(read([encodeAudioMeta(0)], { ...plain, stream: "audio" }).events).toEqual([{ type: "audio-meta", codec: 0 }]);
  });

  it("names a frame of 100 MB before holding any of it", () => {
    const meta = encodeVideoMeta({ codec: scrcpyCodec.h264, width: 8, height: 8 });
    const header = encodeFrameHeader({ kind: "key", pts: 1n, length: 100_000_000 });
    expect(read([meta, header, new Uint8Array(500)])).toMatchObject({ error: "frame-too-large", held: 0 });
  });

  it("names a first byte that is not zero and a size that no screen has", () => {
    expect(read([new Uint8Array([1])], { ...plain, dummyByte: true }).error).toBe("bad-stream-header");
    expect(read([encodeVideoMeta({ codec: 1, width: 2 ** 31, height: 1 })]).error).toBe("bad-stream-header");
  });

  it("answers any bytes with events or a named error, the same in any chunking, holding no more than a packet", () => {
    const packet = fc
      .tuple(fc.constantFrom("config", "key", "delta"), fc.uint8Array({ maxLength: 120 }))
      .map(([kind, data]) => Buffer.concat([encodeFrameHeader({ kind: kind as "key", pts: 9n, length: data.length }), data]));
    const part = fc.oneof({ weight: 6, arbitrary: packet }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 30 }) });
    const meta = encodeVideoMeta({ codec: scrcpyCodec.h264, width: 8, height: 8 });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 10 }), fc.integer({ min: 1, max: 90 }), (parts, size) => {
        const whole = new Uint8Array(Buffer.concat([meta, ...parts]));
        const chunks = [];
        for (let at = 0; at < whole.length; at += size) chunks.push(whole.subarray(at, at + size));
        const { held, ...pieces } = read(chunks);
        const { held: heldAtOnce, ...once } = read([whole]);
        expect(pieces).toEqual(once);
        expect(Math.max(held, heldAtOnce)).toBeLessThanOrEqual(1000);
      }),
    );
  });
});
