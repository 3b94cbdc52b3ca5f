import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WireError } from "../wire-error.js";
import { type AdbPacket, AdbPacketParser, adbChecksum, adbCommand, encodeAdbHeader, parseAdbHeader } from "./packet.js";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replace(/\s/g, ""), "hex"));

function packetsOf(chunks: readonly Uint8Array[], maxPayload = 4096): { packets: AdbPacket[]; error?: string; held: number } {
  const packets: AdbPacket[] = [];
  let held = 0;
  const parser = new AdbPacketParser({ maxPayload, verifyChecksum: () => false, onPacket: (packet) => packets.push(packet) });
  try {
    for (const chunk of chunks) {
      parser.push(chunk);
      held = Math.max(held, parser.held);
    }
    return { packets, held };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { packets, held, error: error.code };
  }
}

function cut(whole: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let at = 0;
  for (const length of lengths) {
    chunks.push(whole.subarray(at, at + length));
    at += length;
  }
  return [...chunks, whole.subarray(at)];
}

describe("ADB packets", () => {
  it("writes a CNXN header byte for byte", () => {
    const payload = new Uint8Array(Buffer.from("host::"));
    const header = encodeAdbHeader({ command: adbCommand.cnxn, arg0: 0x01000001, arg1: 0x100000, payload }, { checksum: true });
    expect(hex(header)).toBe("434e584e 01000001 00001000 06000000 32020000 bcb1a7b1".replaceAll(" ", ""));
  });

  it.each([
    ["cnxn", "434e584e 00000000 00000000 00000000 00000000 bcb1a7b1"],
    ["auth", "41555448 00000000 00000000 00000000 00000000 beaaabb7"],
    ["open", "4f50454e 00000000 00000000 00000000 00000000 b0afbab1"],
    ["okay", "4f4b4159 00000000 00000000 00000000 00000000 b0b4bea6"],
    ["clse", "434c5345 00000000 00000000 00000000 00000000 bcb3acba"],
    ["wrte", "57525445 00000000 00000000 00000000 00000000 a8adabba"],
    ["stls", "53544c53 00000000 00000000 00000000 00000000 acabb3ac"],
  ] as const)("reads and writes %s", (name, golden) => {
    const command = adbCommand[name];
    const none = new Uint8Array(0);
    expect(hex(encodeAdbHeader({ command, arg0: 0, arg1: 0, payload: none }, { checksum: false }))).toBe(
      golden.replaceAll(" ", ""),
    );
    expect(parseAdbHeader(bytes(golden))).toEqual({ command, arg0: 0, arg1: 0, length: 0, checksum: 0 });
  });

  it("sums bytes for the checksum", () => {
    expect(adbChecksum(new Uint8Array(1000).fill(255))).toBe(255_000);
  });

  it("names a wrong magic, an unknown command, a payload above the agreed length and a wrong checksum", () => {
    expect(packetsOf([bytes("434e584e 00000000 00000000 00000000 00000000 bcb1a7b2")]).error).toBe("bad-magic");
    expect(packetsOf([bytes("00000000 00000000 00000000 00000000 00000000 ffffffff")]).error).toBe("unknown-command");
    expect(packetsOf([bytes("57525445 01000000 01000000 01100000 00000000 a8adabba")]).error).toBe("payload-too-large");
    const strict = new AdbPacketParser({ maxPayload: 9, verifyChecksum: () => true, onPacket: () => undefined });
    expect(() => strict.push(bytes("57525445 01000000 01000000 01000000 05000000 a8adabba 06"))).toThrow(/checksum/);
    expect(() => strict.push(new Uint8Array(1))).toThrow(/checksum/);
  });

  it("asks for no memory before a length is checked", () => {
    const result = packetsOf([bytes("57525445 01000000 01000000 ffffffff 00000000 a8adabba")]);
    expect(result).toEqual({ packets: [], held: 0, error: "payload-too-large" });
  });

  it("tells a cut packet from a clean end", () => {
    const parser = new AdbPacketParser({ maxPayload: 9, verifyChecksum: () => false, onPacket: () => undefined });
    parser.push(bytes("4f4b4159 00000000 00000000 00000000 00000000 b0b4bea6"));
    parser.finish();
    parser.push(bytes("4f4b"));
    expect(() => parser.finish()).toThrow(/middle of a message/);
  });

  it("reads the same packets in any chunking, and holds no more than one payload", () => {
    const packet = fc.record({
      command: fc.constantFrom(...Object.values(adbCommand)),
      arg0: fc.nat(0xffffffff),
      arg1: fc.nat(0xffffffff),
      payload: fc.uint8Array({ maxLength: 200 }),
    });
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 8 }), fc.array(fc.nat(120), { maxLength: 40 }), (packets, lengths) => {
        const wire = packets.flatMap((one) => [encodeAdbHeader(one, { checksum: false }), one.payload]);
        const result = packetsOf(cut(new Uint8Array(Buffer.concat(wire)), lengths), 200);
        expect(result.packets).toEqual(packets);
        expect(result.held).toBeLessThanOrEqual(200);
      }),
    );
  });

  it("answers any bytes with packets or a named error, the same in any chunking", () => {
    const soup = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      // Mostly right headers get further in than noise does.
      fc
        .tuple(fc.constantFrom(...Object.values(adbCommand)), fc.nat(300), fc.uint8Array({ maxLength: 100 }))
        .map(([command, length, rest]) => {
          const header = encodeAdbHeader({ command, arg0: 1, arg1: 1, payload: new Uint8Array(length) }, { checksum: false });
          return new Uint8Array(Buffer.concat([header, rest]));
        }),
    );
    fc.assert(
      fc.property(soup, fc.array(fc.nat(50), { maxLength: 20 }), (whole, lengths) => {
        const once = packetsOf([whole], 256);
        const pieces = packetsOf(cut(whole, lengths), 256);
        expect(pieces.packets).toEqual(once.packets);
        expect(pieces.error).toBe(once.error);
        expect(pieces.held).toBeLessThanOrEqual(256);
      }),
    );
  });
});
