import { createHash, randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decide, type GateFacts } from "../gate.js";
import { concat, toHex, utf8 } from "./bytes.js";
import { canonicalJson, type Json, NotJson } from "./canonical.js";
import { decisionJson } from "./decision-json.js";
import { encodeLeaf, type Leaf, readLeaf } from "./leaf.js";
import { gateRevisions, gateVersion, replayHands, replayLeaf } from "./replay.js";
import { SAMPLE_FACTS, sampleDecision } from "./sample.js";
import { packEntries, parseTilePath, tileOfNode, tilePath, tilesOf, unpackEntries, widthOf } from "./tiles.js";

const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest();
const VERSION = gateVersion(digest);
const REVISIONS = gateRevisions(digest);
/** Of labs that ran before there was `reads`. */
const FIRST_VERSION = "99edba902ebccae52cc1c7fef3193a639efbf2024ad429e8f305cabfe6553e63";

const FACTS = SAMPLE_FACTS;
const OWNED = { package: "com.acme.shop", signer: "a".repeat(64), standing: "owned" } as const;
const DECISION = sampleDecision(4, VERSION);

/** RFC 8785, section 3.2.3 and appendix B. */
test("writes JSON in the one way that RFC 8785 names", () => {
  const value = {
    "\u20ac": "Euro Sign",
    "\r": "Carriage Return",
    "\ufb33": "Hebrew",
    "1": "One",
    "\ud83d\ude00": "Emoji",
    "\u0080": "Control",
    "\u00f6": "o",
  };
  expect(canonicalJson(value)).toBe(
    '{"\\r":"Carriage Return","1":"One","\u0080":"Control","\u00f6":"o","\u20ac":"Euro Sign","\ud83d\ude00":"Emoji","\ufb33":"Hebrew"}',
  );
  expect(canonicalJson([JSON.parse("333333333.33333329"), 1e30, 4.5, 2e-3, 1e-27, -0, null, true])).toBe(
    "[333333333.3333333,1e+30,4.5,0.002,1e-27,0,null,true]",
  );
  expect(canonicalJson('\u20ac$\u000f\nA\'B"\\\\"/')).toBe('"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"');
  expect(canonicalJson({ b: 1, a: undefined })).toBe('{"b":1}');
});

test.each([["\ud800"], [Number.NaN], [Number.POSITIVE_INFINITY]])("refuses what JSON cannot say: %j", (value) => {
  expect(() => canonicalJson({ value })).toThrow(NotJson);
});

test("reads what it wrote, whatever it was", () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const text = canonicalJson(value as Json);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(canonicalJson(JSON.parse(text))).toBe(text);
    }),
  );
});

/** Odd things that a place of a decision may hold, whatever its type says. */
const odd = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom<unknown>("\ud800", "\\ud800", 'a\u2028\0"\\', -0, Number.NaN, 1e21, 0.1, null, undefined, true),
  fc.jsonValue(),
);
const placesIn = (value: object): string[][] =>
  Object.entries(value).flatMap(([key, member]) => [
    [key],
    ...(typeof member === "object" && member !== null ? placesIn(member).map((rest) => [key, ...rest]) : []),
  ]);
function changed(value: object, [key = "", ...rest]: readonly string[], member: unknown): object {
  const entries: Record<string, unknown> = { ...value };
  entries[key] = rest.length === 0 ? member : changed((entries[key] ?? {}) as object, rest, member);
  return entries;
}

test("writes a decision quickly just as canonical JSON has it, and refuses what that refuses", () => {
  const places = [
    ...placesIn(DECISION),
    ["service"],
    ["more"],
    ["facts", "paused"],
    ["facts", "more"],
    ["facts", "front", "more"],
  ];
  const written = (write: () => string) => {
    try {
      return write();
    } catch (error) {
      return (error as Error).name;
    }
  };
  let quick = 0;
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(...places), odd), { maxLength: 3 }), (changes) => {
      // As JSON's members come from elsewhere: in no order.
      const leaf = changes.reduce<object>((made, [place, member]) => changed(made, place, member), DECISION) as Leaf;
      const usual = written(() => canonicalJson(leaf as unknown as Json));
      expect(written(() => new TextDecoder().decode(encodeLeaf(leaf)))).toBe(usual);
      if (leaf.kind === "decision" && written(() => decisionJson(leaf) ?? "") === usual) quick++;
    }),
    { numRuns: 1_000 },
  );
  // It is not only the slow one that was tried.
  expect(quick).toBeGreaterThan(100);
});

test("reads its own leaves, and none that is written otherwise or says more", () => {
  const bytes = encodeLeaf(DECISION);
  expect(readLeaf(bytes)).toEqual({ leaf: DECISION });
  const broken = (change: (text: string) => string) => readLeaf(utf8(change(new TextDecoder().decode(bytes))));
  expect(broken((text) => text.replace('"at":', '"at": '))).toEqual({ wrong: "it is not in canonical form" });
  expect(broken((text) => text.slice(1))).toEqual({ wrong: "it is no JSON" });
  expect(readLeaf(Uint8Array.of(0xff))).toEqual({ wrong: "it is no UTF-8" });
  const as = (change: object) => readLeaf(utf8(canonicalJson({ ...DECISION, ...change } as unknown as Json)));
  expect(as({ kind: "other" })).toEqual({ wrong: "its kind is none of ours" });
  expect(as({ text: "so nice" })).toEqual({ wrong: "it has a 'text', which such leaves have not" });
  expect(as({ facts: { ...FACTS, text: "so nice" } })).toEqual({ wrong: "its 'facts' is not as it should be" });
  expect(as({ facts: { ...FACTS, action: "toString" } })).toEqual({ wrong: "its 'facts' is not as it should be" });
  expect(as({ seq: 1.5 })).toEqual({ wrong: "it has no place or time" });
});

test("replays a decision, and finds one that the gate would not have made", () => {
  expect(replayLeaf(DECISION, REVISIONS)).toEqual({ state: "same" });
  expect(replayLeaf({ ...DECISION, decision: "allow", rule: "many-owned" }, REVISIONS)).toEqual({
    state: "differs",
    why: "the log says allow by many-owned, the gate deny by many-other",
  });
  expect(replayLeaf({ ...DECISION, policy: "older" }, REVISIONS).state).toBe("unreplayable");
  // What an earlier revision decided is asked of its own rules: nobody may change those any more.
  expect([...REVISIONS.keys()][0]).toBe(FIRST_VERSION);
  expect(replayLeaf({ ...DECISION, policy: FIRST_VERSION }, REVISIONS)).toEqual({ state: "same" });
});

test("replays what was decided under a pause, and takes neither a pause away nor one that is written otherwise", () => {
  const facts: GateFacts = { ...FACTS, front: { ...OWNED, by: "a-1" }, paused: true };
  const { decision, rule } = decide(facts);
  expect(rule).toBe("paused");
  const leaf = { ...DECISION, facts, decision, rule } as Leaf;
  const read = readLeaf(encodeLeaf(leaf));
  expect(read).toEqual({ leaf });
  expect(replayLeaf(leaf, REVISIONS)).toEqual({ state: "same" });
  const { paused: _, ...without } = facts;
  expect(replayLeaf({ ...DECISION, facts: without, decision, rule } as Leaf, REVISIONS).state).toBe("differs");
  expect(replayLeaf({ ...leaf, decision: "allow", rule: "many-owned" } as Leaf, REVISIONS).state).toBe("differs");
  // Each decision has one form: who is not paused says nothing of it, as before there were pauses.
  expect("leaf" in readLeaf(utf8(canonicalJson({ ...leaf, facts: { ...facts, paused: false } } as unknown as Json)))).toBe(false);
  expect(readLeaf(encodeLeaf(DECISION))).toEqual({ leaf: DECISION });
});

test("replays what hands did from their bulk, and only from that one", () => {
  const facts = { ...FACTS, mode: "unicast", budget: { trial: true, hour: 0, day: 0 } } as const;
  const { decision, rule } = decide(facts);
  const line = canonicalJson({ n: 1, at: 5, facts, decision, rule } as unknown as Json);
  const [salt, bulk] = [randomBytes(32), utf8(`${line}\n${line}\n`)];
  const hands = {
    v: 1,
    seq: 1,
    at: 9,
    kind: "hands",
    device: "d-1",
    lease: null,
    tenant: null,
    epoch: 3,
    from: 1,
    to: 5,
    count: 2,
    rules: { [rule]: 2 },
    policy: VERSION,
    commitment: toHex(digest(concat(salt, bulk))),
  } as const;
  expect(readLeaf(encodeLeaf(hands))).toEqual({ leaf: hands });
  const opened = { salt, bulk, revisions: REVISIONS };
  expect(replayHands(digest, hands, opened)).toEqual({ state: "same" });
  expect(replayHands(digest, { ...hands, count: 3 }, opened).state).toBe("differs");
  expect(replayHands(digest, hands, { ...opened, salt: randomBytes(32) }).state).toBe("differs");
  const lie = utf8(`${line}\n${line.replace(rule, "hand-owned")}\n`);
  expect(replayHands(digest, { ...hands, commitment: toHex(digest(concat(salt, lie))) }, { ...opened, bulk: lie }).state).toBe(
    "differs",
  );
});

test("names tiles as c2sp.org/tlog-tiles does, each in one way", () => {
  expect(tilePath({ level: 0, index: 1_234_067, width: 256 })).toBe("tile/0/x001/x234/067");
  expect(tilePath({ level: "entries", index: 0, width: 7 })).toBe("tile/entries/000.p/7");
  for (const path of ["tile/0/x001/x234/067", "tile/entries/000.p/7", "tile/2/999.p/255"]) {
    const name = parseTilePath(path) ?? expect.unreachable();
    expect(tilePath(name)).toBe(path);
  }
  for (const path of [
    "tile/0/1",
    "tile/00/001",
    "tile/0/x000/001",
    "tile/0/001.p/256",
    "tile/0/001.p/0",
    "tile/0/../001",
    "tile/entries/001.p/07",
    "tile/64x/001",
  ])
    expect(parseTilePath(path), path).toBeUndefined();
});

/** The example of the specification: a tree of 70,000. */
test("knows which tiles a tree has", () => {
  const tiles = [...tilesOf(70_000)].filter(({ level }) => level !== "entries");
  const full = (level: number) => tiles.filter((tile) => tile.level === level && tile.width === 256).length;
  const rest = (level: number) => tiles.find((tile) => tile.level === level && tile.width < 256)?.width;
  expect([full(0), rest(0), full(1), rest(1), full(2), rest(2)]).toEqual([273, 112, 1, 17, 0, 1]);
  expect([...tilesOf(256)].map(tilePath)).toEqual(["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]);
  expect([...tilesOf(0)]).toEqual([]);
  expect(widthOf({ level: 1, index: 1 }, 70_000)).toBe(17);
  expect(tileOfNode(9, 3)).toEqual({ tile: { level: 1, index: 0 }, first: 6, count: 2 });
});

test("packs entries so that they come apart again, and half an entry is none", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }), (entries) => {
      const packed = packEntries(entries);
      expect(unpackEntries(packed)).toEqual(entries);
      if (packed.length > 0) expect(unpackEntries(packed.subarray(0, -1))).not.toEqual(entries);
    }),
  );
  expect(() => packEntries([new Uint8Array(65_536)])).toThrow(RangeError);
});
