import { appendFile, mkdir, mkdtemp, readFile, rm, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Budgets } from "./budgets.js";

const PHONE = "d-phone1";
let dataDir: string;
let problems: unknown[];
const load = () => Budgets.load({ dataDir, onProblem: (error) => problems.push(error) });

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "phonerack-budgets-"));
  problems = [];
});
afterEach(() => rm(dataDir, { recursive: true }));

test("keeps what could not be written, and writes it when it can", async () => {
  const budgets = await load();
  // A file that cannot be appended to, for now.
  await mkdir(join(dataDir, "budgets.log"));
  budgets.spend(PHONE, Date.now());
  await vi.waitFor(() => expect(problems).toHaveLength(1));
  await rmdir(join(dataDir, "budgets.log"));
  budgets.spend(PHONE, Date.now());
  await budgets.stop();
  const again = await load();
  expect(again.spent(PHONE, Date.now())).toEqual({ hour: 2, day: 2 });
  await again.stop();
});

test("passes over a line that a crash cut, and nothing else", async () => {
  const now = Date.now();
  await appendFile(join(dataDir, "budgets.log"), `${now} ${PHONE}\n${now} ${PHONE}\n${String(now).slice(0, 7)}`);
  const budgets = await load();
  expect(budgets.spent(PHONE, now)).toEqual({ hour: 2, day: 2 });
  budgets.spend(PHONE, now);
  await budgets.stop();
  expect(await readFile(join(dataDir, "budgets.log"), "utf8")).toBe(`${now} ${PHONE}\n`.repeat(3));
  expect(problems).toEqual([]);
});
