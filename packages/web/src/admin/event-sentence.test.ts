import { readdirSync, readFileSync } from "node:fs";
import type { LabEvent } from "@phonerack/contract/api";
import i18next from "i18next";
import { beforeAll, expect, test } from "vitest";
import { startLanguage } from "../language/language.js";
import { EVENT_KINDS, sentenceOf } from "./event-sentence.js";

beforeAll(async () => {
  globalThis.document ??= { documentElement: {} } as Document;
  await startLanguage();
});

const nameOf = (id: string) => ({ "u-ann": "Ann", "u-bob": "Bob", "d-0001": "C01-01" })[id] ?? id;
const said = (kind: string, change: Partial<LabEvent> = {}) =>
  sentenceOf(i18next.t, { id: 1, at: 0, actor: "u-ann", tenant: "acme", kind, subject: "l-1", detail: {}, ...change }, nameOf);

test("names who did it, to what, and why", () => {
  expect(said("device.quarantined", { subject: "d-0001", detail: { reason: "It is hot." } })).toBe(
    "C01-01 was put in quarantine by Ann. “It is hot.”",
  );
  expect(said("lease.handed-over", { detail: { to: "u-bob" } })).toBe("Ann handed a lease over to Bob.");
  expect(said("lease.granted", { detail: { until: 0, devices: ["a", "b"], purpose: "nightly" } })).toMatch(
    /^Ann took 2 phones until .* “nightly”$/,
  );
  expect(said("lease.granted", { detail: { until: 0, devices: ["a"] } })).toMatch(/^Ann took one phone until/);
});

test("says that it was nobody who is known here", () => {
  const detail = { code: "unauthorised", route: "/api/v1/leases" };
  expect(said("access.refused", { actor: "", subject: "unauthorised", detail })).toBe(
    "Somebody without a valid key was refused at the door (unauthorised, /api/v1/leases).",
  );
});

test("leaves nothing out: a kind it does not know is shown as it is", () => {
  expect(said("moon.landed", { detail: { at: "noon" } })).toBe('Ann: moon.landed {"at":"noon"}');
});

test("has a sentence for each kind of the filter", () => {
  for (const kind of EVENT_KINDS) expect(said(kind, { detail: { devices: ["a"], until: 0, from: 0 } })).not.toContain("event.");
});

test("has a sentence for each kind that control writes", () => {
  const control = new URL("../../../control/src/", import.meta.url);
  const sources = readdirSync(control, { recursive: true, encoding: "utf8" }).filter((name) => /(?<!\.test)\.ts$/.test(name));
  const lines = sources.flatMap((name) => readFileSync(new URL(name, control), "utf8").split("\n"));
  const written = lines
    .filter((line) => /\bkind\b/.test(line))
    .flatMap((line) => [...line.matchAll(/"([a-z-]+\.[a-z-]+)"/g)].map(([, kind]) => kind ?? ""));
  expect(new Set(written).size).toBeGreaterThan(70);
  // A leaf of the sealed log, and no event.
  expect([...new Set(written)].filter((kind) => kind !== "journal.gap" && !EVENT_KINDS.includes(kind))).toEqual([]);
});
