import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WireError } from "../wire-error.js";
import {
  encodeForwardFail,
  encodeForwardList,
  encodeForwardOkay,
  encodeProtocolString,
  parseForwardRequest,
  parseProtocolString,
} from "./forward.js";

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe("forward requests", () => {
  it("reads each kind", () => {
    expect(parseForwardRequest("forward:localabstract:scrcpy_1;tcp:27183")).toEqual({
      type: "forward",
      listen: "localabstract:scrcpy_1",
      connect: "tcp:27183",
      rebind: true,
    });
    expect(parseForwardRequest("forward:norebind:tcp:1;tcp:2")).toMatchObject({
      listen: "tcp:1",
      connect: "tcp:2",
      rebind: false,
    });
    expect(parseForwardRequest("killforward:tcp:1")).toEqual({ type: "kill", listen: "tcp:1" });
    expect(parseForwardRequest("killforward-all")).toEqual({ type: "kill-all" });
    expect(parseForwardRequest("list-forward")).toEqual({ type: "list" });
  });

  it("names what is none", () => {
    for (const bad of ["", "forward:", "forward:a", "forward:;b", "forward:a;b;c", "frobnicate"]) {
      expect(() => parseForwardRequest(bad)).toThrow(WireError);
    }
  });

  it("answers any text with a request or a named error", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((rest) => `forward:${rest}`),
        ),
        (request) => {
          try {
            expect(parseForwardRequest(request).type).toBeTypeOf("string");
          } catch (error) {
            expect(error).toBeInstanceOf(WireError);
          }
        },
      ),
    );
  });
});

describe("forward answers", () => {
  it("writes OKAY, a chosen port, FAIL and the list byte for byte", () => {
    expect(text(encodeForwardOkay())).toBe("OKAY");
    expect(text(encodeForwardOkay(32768))).toBe("OKAY000532768");
    expect(text(encodeForwardFail("cannot rebind existing socket"))).toBe("FAIL001dcannot rebind existing socket");
    expect(text(encodeForwardList([{ serial: "host-1", listen: "tcp:1", connect: "tcp:2" }]))).toBe("0013host-1 tcp:1 tcp:2\n");
    expect(text(encodeForwardList([]))).toBe("0000");
  });

  it("reads back every protocol string it writes, and nothing shorter", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), (value) => {
        const encoded = encodeProtocolString(value);
        expect(parseProtocolString(encoded)).toBe(value);
        expect(parseProtocolString(encoded.subarray(0, -1))).toBeUndefined();
      }),
    );
  });
});
