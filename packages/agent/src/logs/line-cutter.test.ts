import { expect, test } from "vitest";
import { LineCutter } from "./line-cutter.js";

const line = (pid: number, text = "text") => `         1732604400.123 10123  ${pid}  ${pid} D Tag     : ${text}\n`;
const cutting = (most = 1_000_000) => {
  const clock = { now: 0 };
  const cutter = new LineCutter(most, () => clock.now);
  const cut = (text: string, full = false) => cutter.cut(Buffer.from(text), full)?.toString() ?? "";
  return { clock, cutter, cut };
};

test("passes whole lines on, wherever chunks end", () => {
  const { cut } = cutting();
  const all = line(1, "服务") + line(2) + line(3);
  const bytes = Buffer.from(all);
  const { cutter } = cutting();
  const parts = Array.from(bytes, (_, at) => cutter.cut(bytes.subarray(at, at + 1), false)).flatMap((part) => part ?? []);
  expect(Buffer.concat(parts).toString()).toBe(all);
  expect(cut(all.slice(0, -5))).toBe(line(1, "服务") + line(2));
});

test("keeps lines of the wished processes, and dividers", () => {
  const { cutter, cut } = cutting();
  cutter.only = new Set([22]);
  const divider = "--------- switch to main\n";
  expect(cut(divider + line(2) + line(22) + line(222) + line(22, "22 2"))).toBe(divider + line(22) + line(22, "22 2"));
  const dated = (pid: number) => `11-26 07:00:00.123  ${pid}  9 D Tag: 22\n`;
  expect(cut(dated(21) + dated(22))).toBe(dated(22));
});

test("drops and counts whole lines beyond the share of a second, and what nobody takes", () => {
  const one = line(1).length;
  const { clock, cutter, cut } = cutting(one * 4 * 10);
  expect(cut(line(1).repeat(15))).toBe(line(1).repeat(10));
  expect(cut(line(1))).toBe("");
  expect(cutter.takeDropped()).toBe(6);
  clock.now = 250;
  expect(cut(line(1), true)).toBe("");
  expect(cut(line(1))).toBe(line(1));
  expect(cutter.takeDropped()).toBe(1);
});

test("passes over a line without an end", () => {
  const { cut } = cutting();
  for (let round = 0; round < 40; round++) expect(cut("x".repeat(1_000))).toBe("");
  expect(cut(`y\n${line(1)}`)).toBe(line(1));
});
