import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Hardware, Identities } from "./identities.js";

const BOARD: Hardware = { serial: "0123456789ABCDEF", manufacturer: "Acme", model: "Board", unit: "aaaa" };
const A = "tcp:10.0.0.1:5555";
const B = "tcp:10.0.0.2:5555";

let folder: string;
let problems: unknown[];
const load = () => Identities.load(folder, (error) => problems.push(error));

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "phonerack-identities-"));
  problems = [];
});
afterEach(() => rm(folder, { recursive: true }));

test("gives an id that says nothing of the phone", async () => {
  expect((await load()).identify(A, BOARD)).toMatch(/^d-[a-z2-7]{8}$/);
});

test("knows a phone again after a restart", async () => {
  const before = await load();
  const id = before.identify(A, BOARD);
  await before.stop();
  const after = await load();
  expect(after.lastAt(A)).toBe(id);
  expect(after.identify(A, BOARD)).toBe(id);
});

test("keeps two boards with the same serial and unit apart, also after a restart in the other order", async () => {
  const before = await load();
  const ids = [before.identify(A, BOARD), before.identify(B, BOARD)];
  expect(new Set(ids).size).toBe(2);
  await before.stop();
  const after = await load();
  expect([after.identify(B, BOARD), after.identify(A, BOARD)]).toEqual(ids.reverse());
});

test("keeps boards with one serial but different units apart when one stands at a new address", async () => {
  const identities = await load();
  const id = identities.identify(A, BOARD);
  identities.release(id);
  expect(identities.identify(B, { ...BOARD, unit: "bbbb" })).not.toBe(id);
});

test("knows a board that was moved to another address", async () => {
  const identities = await load();
  const id = identities.identify(A, BOARD);
  identities.release(id);
  expect(identities.identify(B, BOARD)).toBe(id);
  expect(identities.lastAt(A)).toBeUndefined();
});

test("does not take a new board for one of two that it could be", async () => {
  const identities = await load();
  const ids = [identities.identify(A, BOARD), identities.identify(B, BOARD)];
  for (const id of ids) identities.release(id);
  expect(ids).not.toContain(identities.identify("tcp:10.0.0.3:5555", BOARD));
});

test("knows a phone again at its place after a factory reset", async () => {
  const identities = await load();
  const id = identities.identify(A, BOARD);
  identities.release(id);
  expect(identities.identify(A, { ...BOARD, unit: "new" })).toBe(id);
});

test("gives another phone at a known place an id of its own", async () => {
  const identities = await load();
  const id = identities.identify(A, BOARD);
  identities.release(id);
  expect(identities.identify(A, { ...BOARD, serial: "other" })).not.toBe(id);
});

test("keeps the id of a phone that could not be asked at first", async () => {
  const identities = await load();
  const id = identities.provisional(A);
  expect(identities.provisional(A)).toBe(id);
  expect(identities.identify(A, BOARD)).toBe(id);
});

test("writes whole files that only their owner reads", async () => {
  const identities = await load();
  identities.identify(A, BOARD);
  await identities.stop();
  expect((await stat(join(folder, "identities.json"))).mode & 0o777).toBe(0o600);
  expect(JSON.parse(await readFile(join(folder, "identities.json"), "utf8"))).toMatchObject({ version: 1 });
  expect(await readdir(folder)).toEqual(["identities.json"]);
});

test.each(["{", "[]", '{"devices":[{"id":7}]}'])("puts aside a file that holds %j and goes on", async (text) => {
  await writeFile(join(folder, "identities.json"), text);
  const identities = await load();
  expect(problems).toHaveLength(1);
  expect(identities.identify(A, BOARD)).toMatch(/^d-/);
  await identities.stop();
  expect(await readdir(folder)).toHaveLength(2);
});
