import { expect, test } from "vitest";
import { readLogDivider, readLogLine } from "./log-line.js";

test("reads logcat's lines with epoch and uid, whatever is in the text", () => {
  expect(readLogLine("         1732604400.123 10123  2345  2367 W ActivityThread: a: b: c")).toEqual({
    time: 1_732_604_400_123,
    uid: "10123",
    pid: 2345,
    tid: 2367,
    level: "W",
    tag: "ActivityThread",
    text: "a: b: c",
  });
  expect(readLogLine("         1732604400.123456  root     1     1 E init    : 服务 启动")).toMatchObject({
    uid: "root",
    tag: "init",
    text: "服务 启动",
  });
  expect(readLogLine("         1732604400.123 10123  2345  2367 I chatty  :")).toMatchObject({ tag: "chatty", text: "" });
});

test("reads the lines of phones that know no more than a date", () => {
  expect(readLogLine("11-26 07:00:00.123  2345  2367 D Tag     :   indented")).toEqual({
    time: null,
    uid: "",
    pid: 2345,
    tid: 2367,
    level: "D",
    tag: "Tag",
    text: "  indented",
  });
});

test("knows dividers, and takes nothing else for a line", () => {
  expect(readLogDivider("--------- beginning of main")).toBe("main");
  expect(readLogDivider("--------- switch to events")).toBe("events");
  expect(readLogDivider("         1732604400.123 10123  2345  2367 W T: --------- switch to main")).toBeUndefined();
  for (const line of ["", "logcat: unrecognized option", "--------- beginning of main"])
    expect(readLogLine(line)).toBeUndefined();
});
