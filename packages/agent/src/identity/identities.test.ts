import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Hardware } from "./hardware.js";
import { Identities } from "./identities.js";

const BOARD: Hardware = { serial: "0123456789ABCDEF", manufacturer: "Acme", model: "Board", unit: "aaaa", ids: {} };
const A = "tcp:10.0.0.1:5555";
const B = "tcp:10.0.0.2:5555";

let folder: string;
let problems: unknown[];
let loaded: Identities[];
const load = async () => {
  const identities = await Identities.load(folder, (error) => problems.push(error));
  loaded.push(identities);
  return identities;
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "phonerack-identities-"));
  problems = [];
  loaded = [];
});
afterEach(async () => {
  await Promise.all(loaded.map((identities) => identities.stop()));
  await rm(folder, { recursive: true });
});

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

describe("a board whose hardware tells ids", () => {
  const A_IDS: Hardware = { ...BOARD, ids: { soc: "a", wlan: "w1" } };
  const B_IDS: Hardware = { ...BOARD, ids: { soc: "b", wlan: "w2" } };

  test("stays itself at another address after a reflash, whatever it calls itself now", async () => {
    const identities = await load();
    const id = identities.identify(A, A_IDS);
    identities.release(id);
    expect(identities.identify(B, { ...A_IDS, unit: "new", serial: "new", model: "New name" })).toBe(id);
    expect(identities.doubtOf(id)).toBeNull();
  });

  test("is another one at the same address when its ids say so, although serial and unit are the same", async () => {
    const identities = await load();
    const id = identities.identify(A, A_IDS);
    identities.release(id);
    const other = identities.identify(A, B_IDS);
    expect(other).not.toBe(id);
    expect(identities.doubtOf(other)).toBeNull();
  });

  test("keeps an id that it does not tell every time", async () => {
    const identities = await load();
    const id = identities.identify(A, A_IDS);
    identities.release(id);
    identities.identify(A, { ...BOARD, unit: "new", ids: { soc: "a" } });
    identities.release(id);
    expect(identities.identify(B, { ...BOARD, unit: "newer", ids: { wlan: "w1" } })).toBe(id);
  });

  test("is doubted when some ids are the same and some are not", async () => {
    const identities = await load();
    const id = identities.identify(A, A_IDS);
    identities.release(id);
    const doubtful = identities.identify(A, { ...A_IDS, ids: { soc: "a", wlan: "w3" } });
    expect(doubtful).not.toBe(id);
    expect(identities.doubtOf(doubtful)).toMatchObject({ candidates: [id], why: expect.stringContaining("some are not") });
  });

  test("takes over the record of before there were ids, at its place", async () => {
    const { ids: _, ...old } = BOARD;
    const entry = { id: "d-aaaaaaaa", address: A, hardware: old, seen: 1 };
    await writeFile(join(folder, "identities.json"), JSON.stringify({ version: 1, devices: [entry] }));
    const identities = await load();
    expect(problems).toEqual([]);
    expect(identities.identify(A, A_IDS)).toBe("d-aaaaaaaa");
    identities.release("d-aaaaaaaa");
    expect(identities.identify(B, { ...A_IDS, unit: "new" })).toBe("d-aaaaaaaa");
  });
});

describe("a doubtful board", () => {
  /** A was lost; one with the same serial but another Android stands at B and tells no ids. */
  async function doubtful() {
    const identities = await load();
    const old = identities.identify(A, BOARD);
    identities.release(old);
    const now = identities.identify(B, { ...BOARD, unit: "reset" });
    return { identities, old, now };
  }

  test("has an id of its own and says who it may be, also after a restart", async () => {
    const { identities, old, now } = await doubtful();
    expect(identities.doubtOf(now)).toMatchObject({ candidates: [old] });
    await identities.stop();
    const after = await load();
    expect(after.identify(B, { ...BOARD, unit: "reset" })).toBe(now);
    expect(after.doubtOf(now)).toMatchObject({ candidates: [old] });
  });

  test("is not doubted any more when the other one comes back", async () => {
    const { identities, old, now } = await doubtful();
    const told: string[] = [];
    identities.onDoubt = (id) => told.push(id);
    expect(identities.identify(A, BOARD)).toBe(old);
    expect(identities.doubtOf(now)).toBeNull();
    expect(told).toEqual([now]);
    expect(() => identities.settle(now, old)).toThrow(expect.objectContaining({ code: "identity_settled" }));
  });

  test("is the old one when a person says so", async () => {
    const { identities, old, now } = await doubtful();
    expect(identities.settle(now, old)).toBe(old);
    expect(identities.identify(B, { ...BOARD, unit: "reset" })).toBe(old);
    expect(identities.lastAt(A)).toBeUndefined();
    await identities.stop();
    expect((await load()).lastAt(B)).toBe(old);
  });

  test("is one of its own when a person says so, and is not asked about again", async () => {
    const { identities, old, now } = await doubtful();
    expect(identities.settle(now, null)).toBe(now);
    identities.release(now);
    await identities.stop();
    const after = await load();
    expect(after.identify(B, { ...BOARD, unit: "reset" })).toBe(now);
    expect(after.doubtOf(now)).toBeNull();
    expect(after.identify(A, BOARD)).toBe(old);
  });

  test("cannot be somebody it is not doubted to be", async () => {
    const { identities, now } = await doubtful();
    for (const same of ["d-nobodyxx", now]) {
      expect(() => identities.settle(now, same)).toThrow(expect.objectContaining({ code: "identity_settled" }));
    }
    expect(() => identities.settle("d-nobodyxx", null)).toThrow(expect.objectContaining({ code: "identity_settled" }));
  });
});

/** What may happen to a rack of boards that all have one serial, and each of them ids of its own. */
type Deed = { deed: "plug"; board: number; port: number } | { deed: "unplug" | "reflash"; board: number } | { deed: "restart" };

const deeds = fc.array(
  fc.oneof(
    fc.record({ deed: fc.constant("plug" as const), board: fc.nat(5), port: fc.nat(5) }),
    fc.record({ deed: fc.constantFrom("unplug" as const, "reflash" as const), board: fc.nat(5) }),
    fc.constant({ deed: "restart" as const }),
  ),
  { maxLength: 40 },
);
/** Which ids each board tells at each meeting: at least one of its two. */
const telling = fc.infiniteStream(fc.constantFrom(["soc"], ["storage"], ["soc", "storage"]));

test("whatever is plugged, unplugged, swapped and reflashed, no two boards become one, and none becomes two", async () => {
  await fc.assert(
    fc.asyncProperty(deeds, telling, async (story: Deed[], tells) => {
      await rm(join(folder, "identities.json"), { force: true });
      let identities = await load();
      const ids = new Map<number, string>();
      const ports = new Map<number, number>();
      const units = new Map<number, number>();
      const pull = (board: number) => {
        if (ports.delete(board)) identities.release(ids.get(board) ?? "");
      };
      const plug = (board: number, port: number) => {
        for (const [other, taken] of ports) if (taken === port || other === board) pull(other);
        const first = !ids.has(board);
        // At the first meeting it tells all: a board that told nothing in common with before is nobody's to recognise.
        const told: string[] = first ? ["soc", "storage"] : (tells.next().value ?? []);
        const id = identities.identify(`usb:1-${port}`, {
          ...BOARD,
          unit: `unit-${units.get(board) ?? 0}`,
          ids: Object.fromEntries(told.map((kind) => [kind, `${kind}-${board}`])),
        });
        expect(identities.doubtOf(id)).toBeNull();
        if (first) expect([...ids.values()]).not.toContain(id);
        else expect(id).toBe(ids.get(board));
        ids.set(board, id);
        ports.set(board, port);
      };
      for (const step of story) {
        if (step.deed === "plug") plug(step.board, step.port);
        else if (step.deed === "unplug") pull(step.board);
        else if (step.deed === "reflash") units.set(step.board, (units.get(step.board) ?? 0) + 1);
        else {
          await identities.stop();
          identities = await load();
          ports.clear();
        }
      }
      await identities.stop();
    }),
    { numRuns: 100 },
  );
});
