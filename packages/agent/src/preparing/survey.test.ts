import { Battery, Screen } from "@phonerack/contract/bus";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readBattery, readScreenState, readSurvey } from "./survey.js";

const PARTS: Record<string, string> = {
  booted: "1",
  serial: "R3CN90",
  manufacturer: "Acme",
  model: "One Two",
  release: "14",
  sdk: "34",
  boot: "3c9c9d5e-1f5a-4a11-9a5e-9d1c0a8f0001",
  unit: "5f0a1b2c3d4e5f60",
  stayOn: "7",
  size: "Physical size: 1080x2340",
  density: "Physical density: 420",
  battery: "Current Battery Service state:\n  AC powered: false\n  USB powered: true\n  level: 87\n  temperature: 291",
  power: "  mWakefulness=Awake",
  displays: "    init=1080x2340 420dpi cur=2340x1080 app=2340x1017 rng=1080x1017-2340x2277\n    mCurrentRotation=ROTATION_90",
  focus: "  mCurrentFocus=Window{1 u0 com.example/com.example.Main}",
  keyguard: "      showing=false\n      secure=true",
};

const output = (change: Record<string, string> = {}) =>
  Object.entries({ ...PARTS, ...change })
    .map(([name, text]) => `@phonerack:${name}\n${text}\n`)
    .join("");

test("reads everything a phone says of itself", () => {
  expect(readSurvey(output())).toEqual({
    booted: true,
    hardware: { serial: "R3CN90", manufacturer: "Acme", model: "One Two", unit: "5f0a1b2c3d4e5f60", ids: {} },
    release: "14",
    sdk: 34,
    boot: "3c9c9d5e-1f5a-4a11-9a5e-9d1c0a8f0001",
    stayOn: true,
    screen: { width: 2340, height: 1080, density: 420, rotation: 1 },
    battery: { level: 87, charging: true, temperature: 29.1 },
    awake: true,
    keyguard: { showing: false, secure: true },
    foreground: { package: "com.example", activity: "com.example.Main" },
  });
});

test("takes the screen from wm where the displays are not told", () => {
  const change = {
    displays: "",
    size: "Physical size: 1080x2340\nOverride size: 720x1560",
    density: "Physical density: 420\nOverride density: 280",
  };
  expect(readScreenState(output(change)).screen).toEqual({ width: 720, height: 1560, density: 280, rotation: 0 });
});

test("sees a phone that sleeps behind its lock screen", () => {
  const change = { power: "  mWakefulness=Asleep", keyguard: "      showing=true\n      secure=false" };
  expect(readScreenState(output(change))).toMatchObject({ awake: false, keyguard: { showing: true, secure: false } });
});

test("leaves null what a phone does not say", () => {
  const empty = Object.fromEntries(Object.keys(PARTS).map((name) => [name, name === "unit" ? "null" : ""]));
  expect(readSurvey(output(empty))).toMatchObject({
    booted: false,
    hardware: { serial: "", unit: "", ids: {} },
    sdk: null,
    screen: null,
    battery: null,
    awake: null,
    keyguard: null,
    foreground: null,
  });
});

test("refuses a battery of 400 percent", () => {
  expect(readBattery("  level: 400\n  temperature: 291")).toBeNull();
});

test("keeps a name that is a novel to one line", () => {
  expect(readSurvey(output({ model: `One\u0000\u001b[31m${"o".repeat(100_000)}` })).hardware.model).toMatch(
    /^One \[31mo{1,120}$/,
  );
});

test("reads any text into what the contract allows", () => {
  const lines = [
    fc.string(),
    fc.tuple(fc.nat({ max: 2 ** 31 }), fc.nat(), fc.nat()).map(([w, h, d]) => `init=${w}x${h} ${d}dpi cur=${w}${h}x${h} app=`),
    fc.tuple(fc.integer(), fc.bigInt()).map(([l, t]) => `  level: ${l}\n  temperature: ${t}`),
    fc.bigInt().map((n) => `Physical size: ${n}x${n}\nPhysical density: ${n}\nmCurrentRotation=ROTATION_${n}`),
  ];
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(...Object.keys(PARTS)), fc.oneof(...lines))), (pairs) => {
      const survey = readSurvey(pairs.map(([name, text]) => `@phonerack:${name}\n${text}\n`).join(""));
      expect(() => [Screen.nullable().parse(survey.screen), Battery.nullable().parse(survey.battery)]).not.toThrow();
    }),
  );
});
