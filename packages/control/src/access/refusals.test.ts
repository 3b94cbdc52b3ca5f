import { expect, test } from "vitest";
import type { Caller } from "./caller.js";
import { Refusals } from "./refusals.js";

const caller = (actor: string) => ({ actor, tenant: "acme" }) as Caller;

test("notes each refusal once a minute, whoever knocks how often", () => {
  const noted: unknown[] = [];
  let now = 0;
  const refusals = new Refusals(
    (event) => noted.push(event),
    () => now,
  );
  const knock = (who: Caller | null) =>
    refusals.note({ caller: who, code: who ? "scope_missing" : "unauthorised", route: "/leases" });
  for (let n = 0; n < 5; n++) for (const who of [caller("key:a"), caller("key:b"), null]) knock(who);
  const detail = { code: "scope_missing", route: "/leases" };
  expect(noted).toEqual([
    { actor: "key:a", tenant: "acme", kind: "access.refused", subject: "scope_missing", detail },
    { actor: "key:b", tenant: "acme", kind: "access.refused", subject: "scope_missing", detail },
    expect.objectContaining({ actor: "", tenant: null, subject: "unauthorised" }),
  ]);
  now += 60_000;
  knock(null);
  expect(noted).toHaveLength(4);
  // A flood of new ones is cut, and is no memory that grows.
  for (let n = 0; n < 5_000; n++) knock(caller(`key:${n}x`));
  expect(noted.length).toBeLessThanOrEqual(1_004);
  now += 60_000;
  knock(caller("key:after"));
  expect(noted.at(-1)).toMatchObject({ actor: "key:after" });
});
