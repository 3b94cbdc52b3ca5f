import { expect, test } from "vitest";
import { type LogFilter, NO_FILTER } from "./entries.js";
import { LogStore } from "./log-store.js";

const line = (text: string, { pid = 10, level = "D", tag = "Tag" } = {}) =>
  `         1732604400.123 10123  ${pid}  ${pid} ${level} ${tag}: ${text}\n`;
const wish = (change: Partial<LogFilter>): LogFilter => ({ ...NO_FILTER, ...change });
const texts = (store: LogStore) => store.view(null, 1_000).rows.map(({ text, note }) => note?.type ?? text);

test("keeps what comes, wherever its pieces end, with buffer and process", () => {
  const store = new LogStore();
  store.name([{ pid: 10, name: "a.b:remote" }]);
  const all = `--------- beginning of main\n${line("一")}--------- switch to crash\n${line("two", { pid: 11 })}`;
  store.add(all.slice(0, 50));
  store.add(all.slice(50));
  expect(store.view(null, 10).rows).toMatchObject([
    { text: "一", buffer: "main", process: "a.b:remote", seq: 0 },
    { text: "two", buffer: "crash", process: "", seq: 1 },
  ]);
  expect(store.view(null, 10).packages).toEqual(["a.b"]);
});

test("filters what is kept and what comes by level, package, tag, text and pattern", () => {
  const store = new LogStore();
  store.name([
    { pid: 10, name: "a.b" },
    { pid: 12, name: "a.bc" },
  ]);
  store.add(line("one") + line("TWO", { level: "W", tag: "Net" }) + line("three", { pid: 12, level: "E" }));
  store.filter(wish({ level: "W" }));
  expect(texts(store)).toEqual(["TWO", "three"]);
  store.add(line("four", { level: "F" }) + line("five"));
  expect(texts(store)).toEqual(["TWO", "three", "four"]);
  store.filter(wish({ package: "a.b" }));
  expect(texts(store)).toEqual(["one", "TWO", "four", "five"]);
  store.filter(wish({ tag: "net" }));
  expect(texts(store)).toEqual(["TWO"]);
  store.filter(wish({ text: "two" }));
  expect(texts(store)).toEqual(["TWO"]);
  store.filter(wish({ text: "^t(wo|hree)$", isRegex: true }));
  expect(texts(store)).toEqual(["TWO", "three"]);
  store.filter(wish({ text: "(", isRegex: true }));
  expect(store.view(null, 10)).toMatchObject({ badRegex: expect.stringContaining("Unterminated group"), end: 5 });
});

test("forgets the oldest by number and by size, and places stay what they were", () => {
  const store = new LogStore({ lines: 100, characters: 1_000_000 });
  store.filter(wish({ level: "W" }));
  for (let n = 0; n < 400; n++) store.add(line(`${n}`, { level: n % 2 ? "W" : "D" }));
  const view = store.view(null, 3);
  expect(view.rows.map(({ text }) => text)).toEqual(["395", "397", "399"]);
  expect(view.end).toBe(200);
  expect(view.kept).toBeLessThanOrEqual(105);
  expect(store.view(view.first, 1).rows[0]?.text).toBe(String(view.first * 2 + 1));
  const small = new LogStore({ lines: 1_000, characters: 2_000 });
  for (let n = 0; n < 100; n++) small.add(line("x".repeat(140)));
  expect(small.view(null, 1).kept).toBeLessThanOrEqual(11);
  expect(small.view(null, 1).kept).toBeGreaterThan(5);
});

test("paused it shows what was there, gathers on and counts", () => {
  const store = new LogStore();
  store.add(line("one"));
  store.pause(true);
  store.add(line("two") + line("three"));
  expect(texts(store)).toEqual(["one"]);
  expect(store.view(null, 10).unseen).toBe(2);
  store.pause(false);
  expect(texts(store)).toEqual(["one", "two", "three"]);
});

test("finds the next line either way, round the ends, without hiding others", () => {
  const store = new LogStore();
  store.add(line("hit 1") + line("x") + line("hit 2") + line("y"));
  store.filter(wish({ text: "hit", only: false }));
  expect(texts(store)).toHaveLength(4);
  expect([store.find(3, -1), store.find(1, -1), store.find(1, 1), store.find(3, 1)]).toEqual([2, 0, 2, 0]);
  store.filter(wish({ text: "none", only: false }));
  expect(store.find(0, 1)).toBeNull();
});

test("says where lines are missing, those that follow each other together", () => {
  const store = new LogStore();
  store.add(line("one"));
  store.note({ type: "dropped", lines: 5 });
  store.note({ type: "dropped", lines: 7 });
  store.add(line("two"));
  store.filter(wish({ level: "F" }));
  expect(store.view(null, 10).rows).toMatchObject([{ note: { type: "dropped", lines: 12 } }]);
  expect(store.dropped).toBe(12);
  expect(store.text(false)).toHaveLength(3);
});
