import { expect, test } from "vitest";
import { readComponent, readEvent, readForeground, readInputPackages, readMark } from "./events.js";

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

test("reads whose process was started, whatever it is called", () => {
  const line = (value: string) => `11-24 02:13:19.123  1000   901  1250 I am_proc_start: ${value}`;
  const started = (name: string) => ({ type: "process", package: "a.b", pid: 2211, name });
  expect(readEvent(line("[0,2211,10104,a.b,next-top-activity,{a.b/a.b.Main}]"))).toEqual(started("a.b"));
  expect(readEvent(line("[0,2211,10104,a.b:remote,service,{a.b/.Sync}]"))).toEqual(started("a.b:remote"));
  expect(readEvent(line("[0,2211,10104,:odd,activity,a.b/.Main]"))).toEqual(started(":odd"));
});

test("reads crashes and apps that do not respond, of the system's lines only", () => {
  const line = (uid: number, tag: string, value: string) => `11-24 02:13:19.123 ${uid}  1234  1250 I ${tag}: ${value}`;
  const crash = "[812,0,a.b:work,951597636,java.lang.IllegalStateException,bad, worse, \u00e6\u009c\u008d,Main.java,42]";
  const read = { type: "app-error", kind: "crash", pid: 812, process: "a.b:work", exception: "java.lang.IllegalStateException" };
  expect(readEvent(line(1000, "am_crash", crash))).toEqual({ ...read, message: "bad, worse, \u670d" });
  expect(readEvent(line(1000, "am_crash", crash.replace(",42]", ",42,0]")))).toEqual({ ...read, message: "bad, worse, \u670d" });
  // Its message goes on in another line: what stands in this one counts.
  expect(readEvent(line(1000, "am_crash", crash.slice(0, crash.indexOf(", worse"))))).toEqual({ ...read, message: "bad" });
  expect(readEvent(line(10_104, "am_crash", crash))).toBeUndefined();
  expect(readEvent(line(1000, "am_crash", "[812,0,a.b,1,Native crash,Segmentation fault,unknown,0]"))).toMatchObject({
    kind: "native",
    message: "Segmentation fault",
  });
  expect(
    readEvent(line(1000, "am_anr", "[0,812,a.b,951597636,Input dispatching timed out (a.b/.Main, waited 5000 ms)]")),
  ).toEqual({
    ...read,
    kind: "anr",
    process: "a.b",
    exception: "Input dispatching timed out (a.b/.Main, waited 5000 ms)",
    message: "",
  });
});

test("reads whose window got the focus, a shade's and a dialog's too", () => {
  const line = (value: string) => `11-24 02:13:19.123  1000   901  1250 I input_focus: [${value}]`;
  const focus = (name: string | null) => ({ type: "focus", package: name });
  expect(readEvent(line("Focus entering 4f1 a.b/a.b.Main (server),reason=Window became focusable."))).toEqual(focus("a.b"));
  expect(readEvent(line("Focus entering 4f1 NotificationShade (server),reason=x"))).toEqual(focus("com.android.systemui"));
  expect(readEvent(line("Focus entering 4f1 Application Error: a.b (server),reason=x"))).toEqual(focus("android"));
  expect(readEvent(line("Focus entering 4f1 PopupWindow:7c1 (server),reason=x"))).toEqual(focus(null));
  expect(readEvent(line("Focus leaving 4f1 a.b/a.b.Main (server),reason=x"))).toBeUndefined();
});

test("believes a marker that a shell wrote, and no app's", () => {
  const line = (uid: string) => `11-24 02:13:19.123 ${uid} 4321 4321 I phonerack_marker: 00c0ffee`;
  expect(readMark(line("shell"))).toBe("00c0ffee");
  expect(readMark(line(" 2000"))).toBe("00c0ffee");
  expect(readMark(line("10123"))).toBeUndefined();
  expect(readMark(line(" 1000"))).toBeUndefined();
});

test("finds all that take input: the focused window's owner, and each half of a split screen", () => {
  const shade = `  Window #1 Window{41b u0 NotificationShade}:
    mOwnerUid=10060 showForAllUsers=true package=com.android.systemui appop=NONE
  Window #2 Window{2c0 u0 a.b/a.b.Main}:
    mOwnerUid=10104 showForAllUsers=false package=a.b appop=NONE
  mCurrentFocus=Window{41b u0 NotificationShade}
  mFocusedApp=ActivityRecord{720 u0 a.b/.Main t2}
`;
  expect(readInputPackages(shade)).toEqual(["com.android.systemui", "a.b"]);
  const split =
    "    mResumedActivity: ActivityRecord{1 u0 a.b/.Main t2}\n    mResumedActivity: ActivityRecord{2 u0 c.d/.Main t3}\n";
  expect(readInputPackages(split)).toEqual(["a.b", "c.d"]);
  expect(readInputPackages("  mCurrentFocus=null\n")).toEqual([]);
});
