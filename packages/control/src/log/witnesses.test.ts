import { emptyRoot, formatCheckpoint, formatVkey, parseSignature, toBase64, verifierKey } from "@phonerack/policy";
import { sha256 } from "@phonerack/policy/node";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Answer, type Asked, startWitnessServer, type WitnessServer } from "../../test/witness-server.js";
import type { Kept } from "./store.js";
import { checkWitness, type ToWitness, Witnesses, witnessesOf } from "./witnesses.js";

let witness: WitnessServer;
let honest: WitnessServer["answer"];
let witnesses: Witnesses;

beforeAll(async () => {
  witness = await startWitnessServer();
  honest = witness.answer;
});
afterAll(() => witness.stop());
beforeEach(() => {
  Object.assign(witness, { answer: honest, size: 0 });
  witness.asked.length = 0;
  witnesses = new Witnesses();
  witnesses.choose([{ url: witness.url, vkey: witness.vkey }]);
});

function order(size: number): ToWitness {
  const text = formatCheckpoint({ origin: "lab.example/log", size, root: emptyRoot(sha256) });
  const own = { name: "lab.example/log", id: new Uint8Array(4), signature: new Uint8Array(64) };
  return { size, note: { text, signatures: [own] }, consistency: async (from) => (from === 0 ? [] : [emptyRoot(sha256)]) };
}

const state = () => witnesses.list[0];

test("is good when it signs, and is asked from what it has seen", async () => {
  expect(state()).toMatchObject({ name: "witness.example", state: "waiting", size: null, at: null });
  const [line] = await witnesses.sign(order(5));
  expect(line).toMatchObject({ name: "witness.example" });
  expect(state()).toMatchObject({ state: "good", reason: null, size: 5, at: expect.any(Number) });
  expect(await witnesses.sign(order(9))).toHaveLength(1);
  expect(witness.asked.map(({ old, size }) => [old, size])).toEqual([
    [0, 5],
    [5, 9],
  ]);
});

test("that has seen less or more than we thought says so, and is asked again from there", async () => {
  witness.size = 3;
  expect(await witnesses.sign(order(5))).toHaveLength(1);
  expect(witness.asked.map(({ old }) => old)).toEqual([0, 3]);
});

test.each<[string, (asked: Asked) => Answer | undefined, object]>([
  [
    "that has seen a larger log",
    () => ({ status: 409, body: "7000\n" }),
    { state: "refused", reason: expect.stringContaining("7000") },
  ],
  ["that says 409 for ever", () => ({ status: 409, body: "2\n" }), { state: "refused" }],
  [
    "whose 409 is no size",
    () => ({ status: 409, body: "many\n" }),
    { state: "refused", reason: expect.stringContaining("many") },
  ],
  [
    "that says the log does not go on",
    () => ({ status: 422, body: "no" }),
    { state: "refused", reason: expect.stringContaining("422") },
  ],
  ["that does not know the log", () => ({ status: 404, body: "" }), { state: "away", reason: expect.stringContaining("404") }],
  ["that fails", () => ({ status: 500, body: "oh" }), { state: "away", reason: expect.stringContaining("500") }],
  ["that hangs up", () => undefined, { state: "away", reason: expect.any(String) }],
  ["that says nothing", () => ({ status: 200, body: "" }), { state: "bad" }],
  ["that says something else", () => ({ status: 200, body: "<html>welcome</html>\n" }), { state: "bad" }],
  [
    "that does not stop talking",
    () => ({ status: 200, body: "x".repeat(100_000) }),
    { state: "away", reason: expect.stringContaining("more than") },
  ],
  ["whose clock is an hour ahead", ({ text, cosign }) => ({ status: 200, body: cosign(text, 3_600) }), { state: "bad" }],
  ["whose clock is an hour behind", ({ text, cosign }) => ({ status: 200, body: cosign(text, -3_600) }), { state: "bad" }],
  [
    "that signs another checkpoint",
    ({ text, cosign }) => ({ status: 200, body: cosign(text.replace("\n5\n", "\n6\n")) }),
    { state: "bad" },
  ],
  ["that changes a signature", ({ text, cosign }) => ({ status: 200, body: altered(cosign(text)) }), { state: "bad" }],
])("%s gives no signature, and it is said why", async (_, answer, told) => {
  witness.answer = answer;
  expect(await witnesses.sign(order(5))).toEqual([]);
  expect(state()).toMatchObject({ ...told, size: null });
  expect(witness.asked.length).toBeLessThan(3);
  // What it did once does not count against it.
  witness.answer = honest;
  expect(await witnesses.sign(order(5))).toHaveLength(1);
  expect(state()).toMatchObject({ state: "good", reason: null });
});

/** The last byte of the signature. */
function altered(line: string): string {
  const parsed = parseSignature(line.trimEnd());
  if (!parsed) return expect.unreachable();
  const bytes = Uint8Array.from([...parsed.id, ...parsed.signature]);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  return `— ${parsed.name} ${toBase64(bytes)}\n`;
}

test("that is away or another's holds up no other, and keeps what it had signed", async () => {
  const other = await startWitnessServer("other.example");
  const gone = await startWitnessServer("gone.example");
  await gone.stop();
  // Somebody else answers at this address.
  const posing = { url: other.url, vkey: witness.vkey };
  witnesses.choose([{ url: witness.url, vkey: witness.vkey }, { url: gone.url, vkey: gone.vkey }, posing]);
  const began = performance.now();
  expect((await witnesses.sign(order(4))).map(({ name }) => name)).toEqual(["witness.example"]);
  expect(performance.now() - began).toBeLessThan(3_000);
  expect(witnesses.list.map((one) => one.state)).toEqual(["good", "away", "bad"]);
  witness.answer = () => undefined;
  expect(await witnesses.sign(order(6))).toEqual([]);
  expect(state()).toMatchObject({ state: "away", size: 4, at: expect.any(Number) });
  await other.stop();
});

test("is told to be new only when it is", () => {
  const known = { url: witness.url, vkey: witness.vkey };
  expect(witnesses.choose([known])).toBe(false);
  expect(witnesses.choose([known, { url: "http://127.0.0.1:9", vkey: witness.vkey }])).toBe(true);
  expect(witnesses.choose([])).toBe(false);
  expect(witnesses.list).toEqual([]);
});

test("has a witness's key, not a log's", () => {
  const log = formatVkey(verifierKey(sha256, { name: "lab.example/log", key: new Uint8Array(32) }));
  for (const vkey of [log, "", "witness.example+00000000+AAAA"])
    expect(() => checkWitness({ url: witness.url, vkey })).toThrowError(expect.objectContaining({ code: "bad_request" }));
});

test("is known to controls that do not ask by the newest checkpoint's signatures alone", async () => {
  const choices = [{ url: witness.url, vkey: witness.vkey }];
  const { note } = order(5);
  const kept = (more: string, at = Date.now()): Kept => ({
    size: 5,
    root: "",
    at,
    note: `${note.text}\n— lab AAAAAAAA\n${more}`,
  });
  const seenIn = (checkpoint: Kept | undefined) => witnessesOf(choices, checkpoint)[0];
  await witnesses.sign(order(5));
  const line = witness.asked[0]?.cosign(note.text) ?? "";
  expect(seenIn(kept(line))).toMatchObject({ state: "good", size: 5, at: expect.any(Number) });
  expect(seenIn(kept(altered(line)))).toMatchObject({ state: "bad" });
  expect(seenIn(kept(""))).toMatchObject({ state: "waiting" });
  expect(seenIn(kept("", Date.now() - 60_000))).toMatchObject({ state: "away" });
  expect(seenIn(undefined)).toMatchObject({ state: "waiting" });
});
