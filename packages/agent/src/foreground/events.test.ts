import { expect, test } from "vitest";
import { readComponent, readEvent, readForeground } from "./events.js";

const RESUMED =
  "11-24 02:13:19.123  1000  1234  1250 I wm_set_resumed_activity: [0,com.example.notes/.MainActivity,resumeTopActivityInnerLocked]";

test("reads the activity in front from system_server's event", () => {
  expect(readEvent(RESUMED)).toEqual({
    type: "resumed",
    foreground: { package: "com.example.notes", activity: "com.example.notes.MainActivity" },
  });
});

test("reads the older event of Android 9 and 10", () => {
  expect(readEvent(RESUMED.replace("wm_", "am_"))).toMatchObject({ type: "resumed" });
});

test("reads it where logcat names the uid and prints the year", () => {
  expect(readEvent(`2026-${RESUMED.replace(" 1000 ", " system ")}`)).toMatchObject({ type: "resumed" });
});

test.each(["10123", "u0_a123", "2000", "shell", "10001000"])("does not believe an app with uid %s", (uid) => {
  expect(readEvent(RESUMED.replace(" 1000 ", ` ${uid} `))).toBeUndefined();
});

test("does not believe an app whose text looks like an event", () => {
  const line =
    "11-24 02:13:19.123 10123  1234  1250 I notes: 11-24 02:13:19.123  1000  1  1 I wm_set_resumed_activity: [0,a.b/.C,x]";
  expect(readEvent(line)).toBeUndefined();
});

test.each(["[0]", "[]", "", "[0,nonsense,x]", "[0,/.C,x]"])("passes over an event whose list is %j", (value) => {
  expect(readEvent(RESUMED.replace(/\[.*$/, value))).toBeUndefined();
});

test("reads turning and the screen's power", () => {
  const line = (text: string) => `11-24 02:13:19.123  1000   901  1250 I ${text}`;
  expect(readEvent(line("configuration_changed: 1184"))).toEqual({ type: "configuration" });
  expect(readEvent(line("screen_toggled: 0"))).toEqual({ type: "screen", on: false });
  expect(readEvent(line("power_screen_state: [1,0,0,0,412]"))).toEqual({ type: "screen", on: true });
});

test("reads components long and short, and nothing else", () => {
  expect(readComponent("a.b/.C")).toEqual({ package: "a.b", activity: "a.b.C" });
  expect(readComponent("a.b/x.y.C$D")).toEqual({ package: "a.b", activity: "x.y.C$D" });
  expect(readComponent("a.b")).toBeUndefined();
});

test("takes the focused app where the focused window has no component", () => {
  const dump = "  mCurrentFocus=Window{41f u0 NotificationShade}\n  mFocusedApp=ActivityRecord{9aa u0 com.example/.Main t12}\n";
  expect(readForeground(dump)).toEqual({ package: "com.example", activity: "com.example.Main" });
  expect(readForeground("  mCurrentFocus=null\n  mFocusedApp=null\n")).toBeNull();
});
