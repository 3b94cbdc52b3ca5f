import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WireError } from "../wire-error.js";
import { expectedSignatureContent, parseAdbPublicKey } from "./authentication.js";

function keyBytes(): Buffer {
  const key = Buffer.alloc(524);
  key.writeUInt32LE(64, 0);
  for (let i = 0; i < 256; i++) key[8 + i] = i;
  key.writeUInt32LE(65537, 520);
  return key;
}

describe("ADB public keys", () => {
  it("reads modulus, exponent and name, with and without the NUL", () => {
    const base64 = keyBytes().toString("base64");
    for (const payload of [`${base64} me@host\0`, `${base64} me@host`, `${base64} me@host\n`]) {
      const key = parseAdbPublicKey(Buffer.from(payload));
      expect(Buffer.from(key.bytes).equals(keyBytes())).toBe(true);
      expect([key.modulus[0], key.modulus[255]]).toEqual([255, 0]);
      expect([key.exponent, key.name, key.base64]).toEqual([65537, "me@host", base64]);
    }
  });

  it("names a key of another length, of other bits, or none", () => {
    expect(() => parseAdbPublicKey(Buffer.from("AAAA"))).toThrow(/3 bytes, not 524/);
    expect(() => parseAdbPublicKey(Buffer.from("?? me"))).toThrow(/not base64/);
    expect(() => parseAdbPublicKey(Buffer.from(Buffer.alloc(524).toString("base64")))).toThrow(/2048 bits/);
  });

  it("decodes base64 as Node does", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 516, maxLength: 516 }), (rest) => {
        const bytes = Buffer.concat([Buffer.from([64, 0, 0, 0]), rest, Buffer.from([1, 0, 1, 0])]);
        expect(Buffer.from(parseAdbPublicKey(Buffer.from(bytes.toString("base64"))).bytes).equals(bytes)).toBe(true);
      }),
    );
  });

  it("answers any bytes with a key or a named error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 800 }), (bytes) => {
        expect(() => parseAdbPublicKey(bytes)).toThrow(WireError);
      }),
    );
  });

  it("puts the SHA-1 DigestInfo before the token", () => {
    expect(Buffer.from(expectedSignatureContent(new Uint8Array(20).fill(7))).toString("hex")).toBe(
      `3021300906052b0e03021a05000414${"07".repeat(20)}`,
    );
  });
});
