/**
 * Apps that are switched at random under a stream of group taps, on phones as slow as real ones: what lands in an app that is not owned is read
 * from the phones' own record, past our log, by a plain ADB connection. A small run of `phonerack bench race`, which has the full size.
 */
import { expect, test } from "vitest";
import { run } from "./phonerack.js";

interface Landed {
  readonly landed: number;
  readonly switches: number;
  readonly taps: Readonly<Record<string, number>>;
  readonly disabled: readonly string[];
  readonly windowMs: { readonly max: number | null };
}

test("nothing lands in an app that is not owned while apps are switched under a group's taps", async () => {
  const { code, stdout, stderr } = await run("bench", "race", "--json", "--count", "8", "--seconds", "8");
  expect(code, stderr).toBe(0);
  const { fenced, unfenced, allowAll } = JSON.parse(stdout) as Record<"fenced" | "unfenced" | "allowAll", Landed>;
  expect(fenced).toMatchObject({ landed: 0, disabled: ["com.example.bazaar", "dev.phonerack.blocks", "dev.phonerack.vault"] });
  expect(fenced.switches).toBeGreaterThan(50);
  expect(fenced.taps.delivered).toBeGreaterThan(100);
  // Without the fence the gate alone holds back nearly all, and what it cannot is what was on the cable.
  expect(unfenced.taps.denied).toBeGreaterThan(unfenced.landed);
  // The same against a gate that allows everything, or nothing would be proved.
  expect(allowAll.landed).toBeGreaterThan(100);
  expect(allowAll.taps.denied).toBe(0);
}, 240_000);
