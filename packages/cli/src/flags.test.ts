import { InvalidArgumentError } from "commander";
import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { collectTarget, defaultDataDir, parseCoordinate, parseCount, parsePort, parseUrl } from "./flags.js";

describe("flags", () => {
  afterEach(() => vi.unstubAllEnvs());

  test.each([
    ["10.0.0.7:5555", { host: "10.0.0.7", port: 5555 }],
    ["board-3.lab:5555@A1/7", { host: "board-3.lab", port: 5555, chassis: "A1", slot: 7 }],
    ["[fe80::1]:5555", { host: "fe80::1", port: 5555 }],
  ])("read %s as a network board", (text, target) => {
    expect(collectTarget(text)).toEqual([target]);
  });

  test.each([
    "",
    "host",
    "host:",
    ":5555",
    "host:0",
    "host:70000",
    "a b:1",
    "host:1@A1",
    "host:1@A1/0",
    "host:1@/3",
    "host:1@A/100",
  ])("refuse %j as a network board, with what was expected", (text) => {
    expect(() => collectTarget(text)).toThrow(/is not (HOST:PORT|CHASSIS\/SLOT)/);
  });

  test("collect repeated boards in their order", () => {
    expect(collectTarget("b:2", collectTarget("a:1")).map(({ host }) => host)).toEqual(["a", "b"]);
  });

  test("take any text as a number in range or refuse it, and nothing in between", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const [parse, most] of [
          [parsePort, 65_535],
          [parseCount, 2_000],
        ] as const) {
          try {
            const number = parse(text);
            expect(Number.isInteger(number) && number >= 0 && number <= most).toBe(true);
          } catch (error) {
            expect(error).toBeInstanceOf(InvalidArgumentError);
          }
        }
      }),
    );
    expect([parsePort("0"), parsePort("65535"), parseCount("2000")]).toEqual([0, 65_535, 2_000]);
  });

  test("take pixels with fractions and below zero, and no other words", () => {
    expect(parseCoordinate("-0.5")).toBe(-0.5);
    for (const text of ["", "1e3", "0x10", "NaN", "1,5"])
      expect(() => parseCoordinate(text), text).toThrow("not a number of pixels");
  });

  test("take addresses of the protocols they name", () => {
    const parse = parseUrl(["nats:", "tls:"]);
    expect(parse("nats://h:4222")).toBe("nats://h:4222");
    for (const text of ["h:4222", "http://h", ""]) expect(() => parse(text), text).toThrow("begins with nats:// or tls://");
  });

  test("put the data where the XDG specification says, an absolute folder only", () => {
    vi.stubEnv("XDG_DATA_HOME", "/data");
    expect(defaultDataDir()).toBe("/data/phonerack");
    vi.stubEnv("XDG_DATA_HOME", "relative");
    expect(defaultDataDir()).toMatch(/\/\.local\/share\/phonerack$/);
  });
});
