import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WireError } from "../wire-error.js";
import { type DeviceMessage, DeviceMessageParser, deviceMaxMessage, encodeDeviceMessage } from "./device-message.js";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

function read(chunks: readonly Uint8Array[]): { messages: DeviceMessage[]; error?: string } {
  const messages: DeviceMessage[] = [];
  const parser = new DeviceMessageParser((message) => messages.push(message));
  try {
    for (const chunk of chunks) parser.push(chunk);
    return { messages };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { messages, error: error.code };
  }
}

const golden: [DeviceMessage, string][] = [
  [{ type: "clipboard", text: "aé" }, "000000000361c3a9"],
  [{ type: "ack-clipboard", sequence: 0x0102030405060708n }, "010102030405060708"],
  [{ type: "uhid-output", id: 42, data: new Uint8Array([1, 2, 3, 4, 5]) }, "02002a00050102030405"],
];

describe("scrcpy device messages", () => {
  it.each(golden)("writes and reads %o", (message, bytes) => {
    expect(hex(encodeDeviceMessage(message))).toBe(bytes);
    expect(read([Buffer.from(bytes, "hex")]).messages).toEqual([message]);
  });

  it("cuts a long clipboard where a character ends", () => {
    const bytes = encodeDeviceMessage({ type: "clipboard", text: "€".repeat(100_000) });
    expect(bytes.length).toBeLessThanOrEqual(deviceMaxMessage);
    expect(read([bytes]).messages[0]).toEqual({ type: "clipboard", text: "€".repeat(Math.floor((deviceMaxMessage - 5) / 3)) });
  });

  it("names an unknown type and a length beyond the limit", () => {
    expect(read([new Uint8Array([3])]).error).toBe("unknown-device-message");
    expect(read([Buffer.from("0000100000", "hex")]).error).toBe("message-too-large");
  });

  it("answers any bytes with messages or a named error, the same in any chunking", () => {
    const part = fc.oneof(
      fc.constantFrom(...golden.map(([, bytes]) => Buffer.from(bytes, "hex"))),
      fc.uint8Array({ maxLength: 6 }),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), fc.integer({ min: 1, max: 12 }), (parts, size) => {
        const whole = Buffer.concat(parts);
        const chunks = [];
        for (let at = 0; at < whole.length; at += size) chunks.push(whole.subarray(at, at + size));
        expect(read(chunks)).toEqual(read([whole]));
      }),
    );
  });
});
