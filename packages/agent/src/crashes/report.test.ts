import { expect, test } from "vitest";
import { readCrashBuffer, readDropBox } from "./report.js";

const REPORT = (process: string, pid: number, message: string) => `
========================================
2026-11-26 08:00:00 data_app_crash (text, 1134 bytes)
Process: ${process}
PID: ${pid}
Flags: 0x38a8be44
Package: a.b v12 (1.2 (beta))
Foreground: Yes

java.lang.IllegalStateException: ${message}
	at a.b.Main.onClick(Main.java:42)

Caused by: java.lang.Error
	at a.b.Main.inner(Main.java:7)
`;
const BOX = `Drop box contents: 2 entries\n${REPORT("a.b", 11, "old")}${REPORT("a.c", 12, "theirs")}${REPORT("a.b", 12, "new")}${REPORT("a.b", 13, "later")}`;
const LAST = `${BOX}\nDrop box contents: 5 entries\nMax entries: 1000\n\nSearching for: system_app_crash\n(No entries found.)\n`;

test("finds the report of this very process in the drop box, whole and with the app's version", () => {
  const found = readDropBox(BOX, { process: "a.b", pid: 12 });
  expect(found).toMatchObject({ versionCode: 12, versionName: "1.2 (beta)" });
  expect(found?.stack).toMatch(/^java\.lang\.IllegalStateException: new\n.*\n\nCaused by.*\n.*inner\(Main\.java:7\)$/);
  expect(readDropBox(LAST, { process: "a.b", pid: 13 })?.stack).toMatch(/inner\(Main\.java:7\)$/);
  expect(readDropBox(BOX, { process: "a.b", pid: 99 })).toBeUndefined();
  expect(readDropBox("(No entries found.)", { process: "a.b", pid: 12 })).toBeUndefined();
});

test("finds a stack in the crash buffer: Java's under the process, a native one where it is named", () => {
  const line = (pid: number, tag: string, text: string) => `11-26 08:00:00.123  ${pid}  ${pid} E ${tag}: ${text}\n`;
  const log =
    line(12, "AndroidRuntime", "FATAL EXCEPTION: main") +
    line(13, "AndroidRuntime", "FATAL EXCEPTION: main") +
    line(12, "AndroidRuntime", "java.lang.Error: boom") +
    line(90, "DEBUG", "pid: 14, tid: 14, name: a.b  >>> a.b <<<") +
    line(90, "DEBUG", "      #00 pc 12f40  libapp.so (draw+64)");
  expect(readCrashBuffer(log, { pid: 12, kind: "crash" })).toBe("FATAL EXCEPTION: main\njava.lang.Error: boom");
  expect(readCrashBuffer(log, { pid: 14, kind: "native" })).toBe(
    "pid: 14, tid: 14, name: a.b  >>> a.b <<<\n      #00 pc 12f40  libapp.so (draw+64)",
  );
  expect(readCrashBuffer(log, { pid: 15, kind: "crash" })).toBeUndefined();
});
