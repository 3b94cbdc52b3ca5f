/**
 * A small log that was signed and witnessed, and 10,000 ways to change it afterwards: none of them is clean to somebody who kept its checkpoint. Among them
 * what only its operator could do, who has the log's key: whole histories written anew and signed again.
 */
import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import {
  COSIGNATURE,
  canonicalJson,
  concat,
  cosignText,
  encodeLeaf,
  Frontier,
  formatCheckpoint,
  formatNote,
  formatVkey,
  gateVersion,
  type Json,
  type Leaf,
  leafHash,
  packEntries,
  type SignatureLine,
  signText,
  tilePath,
  toBase64,
  utf8,
  verifierKey,
} from "@phonerack/policy";
import { sha256 } from "@phonerack/policy/node";
import { sampleDecision } from "@phonerack/policy/sample";
import { expect, test } from "vitest";
import type { LogSource } from "./source.js";
import { type VerifyOptions, verifyLog } from "./verify.js";

const TRIES = 10_000;
const LEAVES = 12;
const POLICY = gateVersion(sha256);

function keyOf(name: string, type?: typeof COSIGNATURE) {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  return {
    key: verifierKey(sha256, { name, key: rawOf(publicKey), ...(type !== undefined && { type }) }),
    make: (message: Uint8Array) => sign(null, message, privateKey),
  };
}

function rawOf(key: KeyObject): Uint8Array {
  return createPublicKey(key.export({ format: "pem", type: "spki" }))
    .export({ format: "der", type: "spki" })
    .subarray(-32);
}

const lab = keyOf("lab.example/log");
const witness = keyOf("witness.example", COSIGNATURE);
const TRUST = `log ${formatVkey(lab.key)}\nwitness w ${formatVkey(witness.key)}\nquorum w\n`;

/** Decisions as a group makes them: denied in an app that is nobody's. */
const leafAt = (seq: number) => sampleDecision(seq, POLICY);

interface Log {
  entries: Uint8Array[];
  checkpoint: string;
  checkpoints: string;
  /** Of the leaves' hashes; else as they follow from the entries. */
  tile?: Uint8Array;
}

function signed(entries: readonly Uint8Array[], cosigned: boolean): string {
  const tree = new Frontier(sha256);
  for (const entry of entries) tree.append(leafHash(sha256, entry));
  const text = formatCheckpoint({ origin: lab.key.name, size: tree.size, root: tree.root() });
  const signatures: SignatureLine[] = [signText(lab.key, text, lab.make)];
  if (cosigned) signatures.push(cosignText(witness.key, { text, time: 1_795_000_000 }, witness.make));
  return formatNote({ text, signatures });
}

const ENTRIES = Array.from({ length: LEAVES }, (_, seq) => encodeLeaf(leafAt(seq)));
const PINNED = signed(ENTRIES, true);

const tileOf = (entries: readonly Uint8Array[]) => concat(...entries.map((entry) => leafHash(sha256, entry)));

function sourceOf({ entries, checkpoint, checkpoints, tile = tileOf(entries) }: Log): LogSource {
  const width = Number(checkpoint.split("\n")[1]) || 1;
  const files = new Map<string, Uint8Array>([
    ["checkpoint", utf8(checkpoint)],
    ["checkpoints", utf8(checkpoints)],
    [tilePath({ level: "entries", index: 0, width }), packEntries(entries)],
    [tilePath({ level: 0, index: 0, width }), tile],
  ]);
  return { read: async (path) => files.get(path), bulk: async () => undefined };
}

const keptOf = (...checkpoints: readonly string[]) => checkpoints.map((one) => `${toBase64(utf8(one))}\n`).join("");
const pinned: VerifyOptions = { policy: TRUST, from: PINNED, replay: true };
const whole = (): Log => ({ entries: [...ENTRIES], checkpoint: PINNED, checkpoints: `${toBase64(utf8(PINNED))}\n` });

/** Small, and the same each time: which tries were made can be said again. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

type Change = (log: Log, pick: (below: number) => number) => void;

/** Written anew by whoever has the log's key. */
const resigned = (log: Log): void => {
  log.checkpoint = signed(log.entries, false);
  log.checkpoints = `${toBase64(utf8(log.checkpoint))}\n`;
};

const otherLeaf = (index: number, change: object): Uint8Array =>
  utf8(canonicalJson({ ...leafAt(index), ...change } as unknown as Json));

const CHANGES: readonly Change[] = [
  // A bit of an entry.
  (log, pick) => {
    const at = pick(log.entries.length);
    const entry = Uint8Array.from(log.entries[at] ?? []);
    const byte = pick(entry.length);
    entry[byte] = (entry[byte] ?? 0) ^ (1 << pick(8));
    log.entries[at] = entry;
  },
  // A character of the checkpoint, as any byte.
  (log, pick) => {
    const at = pick(log.checkpoint.length);
    const letter = String.fromCharCode(32 + pick(95));
    log.checkpoint = `${log.checkpoint.slice(0, at)}${log.checkpoint[at] === letter ? "~" : letter}${log.checkpoint.slice(at + 1)}`;
  },
  // An entry taken out, doubled, or exchanged with another.
  (log, pick) => void log.entries.splice(pick(log.entries.length), 1),
  (log, pick) => {
    const at = pick(log.entries.length);
    log.entries.splice(at, 0, log.entries[at] ?? ENTRIES[0] ?? new Uint8Array());
  },
  (log, pick) => {
    const [a, b] = [pick(LEAVES - 1), LEAVES - 1];
    const [one, other] = [log.entries[a], log.entries[b]];
    if (one && other) [log.entries[a], log.entries[b]] = [other, one];
  },
  // The end cut off, and signed again by the log.
  (log, pick) => {
    log.entries.length = pick(LEAVES);
    resigned(log);
  },
  // A denial made an allowance, or another's, and all signed again.
  (log, pick) => {
    const at = pick(LEAVES);
    const changes = [
      { decision: "allow", rule: "many-owned" },
      { device: "d-9" },
      { tenant: "t-2" },
      { at: 1_795_000_000_000 + at + 1 + pick(9) },
    ];
    log.entries[at] = otherLeaf(at, changes[pick(changes.length)] ?? {});
    resigned(log);
  },
  // Other entries, signed again, with leaves more than before.
  (log, pick) => {
    const at = pick(LEAVES);
    log.entries[at] = otherLeaf(at, { device: `d-${10 + pick(90)}` });
    for (let more = pick(3); more >= 0; more--) log.entries.push(encodeLeaf(leafAt(log.entries.length)));
    resigned(log);
  },
  // The witness's line taken out, or from another checkpoint.
  (log, pick) => {
    const own =
      signed(ENTRIES.slice(0, pick(LEAVES - 1) + 1), true)
        .trimEnd()
        .split("\n")
        .at(-1) ?? "";
    log.checkpoint = pick(2) === 0 ? signed(ENTRIES, false) : `${signed(ENTRIES, false)}${own}\n`;
  },
  // A bit of a tile of hashes, or hashes taken from it.
  (log, pick) => {
    const tile = Uint8Array.from(tileOf(log.entries));
    const byte = pick(tile.length);
    tile[byte] = (tile[byte] ?? 0) ^ (1 << pick(8));
    log.tile = tile;
  },
  (log, pick) => {
    log.tile = tileOf(log.entries).subarray(0, pick(LEAVES * 32));
  },
  // The checkpoints of before taken away.
  (log) => {
    log.checkpoints = "";
  },
];

test("is clean as it was signed, and with leaves that came after", async () => {
  expect(await verifyLog(sourceOf(whole()), pinned)).toMatchObject({ exit: 0, findings: [], replayed: LEAVES, denials: LEAVES });
  const grown = [...ENTRIES, encodeLeaf(leafAt(LEAVES))];
  const checkpoint = signed(grown, true);
  const log = { entries: grown, checkpoint, checkpoints: `${toBase64(utf8(PINNED))}\n${toBase64(utf8(checkpoint))}\n` };
  expect(await verifyLog(sourceOf(log), pinned)).toMatchObject({ exit: 0, findings: [] });
});

test("no number of small things hides that it is not what was signed", async () => {
  const many = Array.from({ length: 1_100 }, () => encodeLeaf(leafAt(0)));
  const checkpoint = signed(many.slice(1), false);
  const [origin, , ...rest] = checkpoint.split("\n");
  const liar = formatNote({
    text: `${[origin, many.length, rest[0]].join("\n")}\n`,
    signatures: [signText(lab.key, `${[origin, many.length, rest[0]].join("\n")}\n`, lab.make)],
  });
  const files = new Map([
    ["checkpoint", utf8(liar)],
    ["checkpoints", utf8(keptOf(liar))],
  ]);
  for (let index = 0; index * 256 < many.length; index++) {
    const some = many.slice(index * 256, (index + 1) * 256);
    files.set(tilePath({ level: "entries", index, width: some.length }), packEntries(some));
  }
  const { exit, findings } = await verifyLog(
    { read: async (path) => files.get(path), bulk: async () => undefined },
    { policy: TRUST, replay: false },
  );
  expect(findings.filter(({ weight }) => weight === "finding")).toHaveLength(1_001);
  expect(findings.at(-1)).toMatchObject({ weight: "tampering" });
  expect(exit).toBe(2);
});

test("is not clean where the log itself says that lines of an agent never came", async () => {
  const gap = { kind: "event", event: "journal.gap", actor: "", tenant: null, subject: "rack-1" } as const;
  const { v, at } = leafAt(LEAVES);
  const leaf: Leaf = { v, seq: LEAVES, at, ...gap, detail: { journal: "j", from: 3, to: 9 } };
  const entries = [...ENTRIES, encodeLeaf(leaf)];
  const checkpoint = signed(entries, true);
  const log = { entries, checkpoint, checkpoints: keptOf(PINNED, checkpoint) };
  const { exit, findings } = await verifyLog(sourceOf(log), pinned);
  expect({ exit, findings }).toMatchObject({ exit: 1, findings: [{ what: "lines 3 to 9 of the agent rack-1 never came" }] });
});

test("compares every page of checkpoints, and reads on only while they go down", async () => {
  const sizes = [LEAVES, LEAVES - 1, LEAVES - 2].map((size) => signed(ENTRIES.slice(0, size), false));
  const pages = (third: string) => {
    const source = sourceOf({ ...whole(), checkpoints: keptOf(PINNED) });
    const more = new Map([
      [`checkpoints/before/${LEAVES}`, keptOf(sizes[1] ?? "")],
      [`checkpoints/before/${LEAVES - 1}`, keptOf(third)],
    ]);
    const asked: string[] = [];
    const read = async (path: string) => {
      asked.push(path);
      const page = more.get(path);
      return page === undefined ? source.read(path) : utf8(page);
    };
    return { asked, source: { ...source, read } };
  };
  const right = pages(sizes[2] ?? "");
  expect(await verifyLog(right.source, pinned)).toMatchObject({ exit: 0, findings: [] });
  expect(right.asked).toContain(`checkpoints/before/${LEAVES - 2}`);
  const other = pages(signed(ENTRIES.slice(1, LEAVES - 1), false));
  expect(await verifyLog(other.source, pinned)).toMatchObject({ exit: 2 });
  // The same page for ever.
  const endless = pages(PINNED);
  expect(await verifyLog(endless.source, pinned)).toMatchObject({ exit: 0 });
  expect(endless.asked.filter((path) => path.startsWith("checkpoints"))).toHaveLength(3);
});

test(`is not clean after any of ${TRIES.toLocaleString("en")} changes`, async () => {
  const pick = random(6_962);
  const clean: number[] = [];
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const log = whole();
    CHANGES[attempt % CHANGES.length]?.(log, pick);
    const { exit } = await verifyLog(sourceOf(log), pinned);
    if (exit === 0) clean.push(attempt);
  }
  expect(clean).toEqual([]);
}, 120_000);

test("says tampering, and not only a finding, of what its operator signed anew", async () => {
  const pick = random(7);
  for (const [at, change] of CHANGES.entries()) {
    if (at < 5 || at > 7) continue;
    const log = whole();
    change(log, pick);
    expect(await verifyLog(sourceOf(log), pinned), `change ${at}`).toMatchObject({ exit: 2 });
  }
});

test("says of a decision that the gate would not have made that it differs, though all is signed", async () => {
  const entries = [...ENTRIES.slice(0, 5), otherLeaf(5, { decision: "allow", rule: "many-owned" })];
  const checkpoint = signed(entries, true);
  const log = { entries, checkpoint, checkpoints: keptOf(checkpoint) };
  const result = await verifyLog(sourceOf(log), { policy: TRUST, replay: true });
  expect(result).toMatchObject({
    exit: 1,
    findings: [{ weight: "finding", leaf: 5, what: expect.stringContaining("allow by many-owned") }],
  });
  const owned = { ...leafAt(5), decision: "allow", rule: "many-owned" } as Leaf & { kind: "decision" };
  const front = { package: "com.example.bazaar", signer: "aa", standing: "owned", by: "a-1" } as const;
  const lied = [...ENTRIES.slice(0, 5), encodeLeaf({ ...owned, facts: { ...owned.facts, front } })];
  const liar = signed(lied, true);
  const unknown = await verifyLog(sourceOf({ entries: lied, checkpoint: liar, checkpoints: keptOf(liar) }), {
    policy: TRUST,
    replay: true,
  });
  expect(unknown).toMatchObject({
    exit: 1,
    findings: [{ leaf: 5, what: expect.stringContaining("which the log does not know") }],
  });
});

test("shows names so that a terminal obeys none of them", async () => {
  const odd = { ...leafAt(0) } as Leaf & { kind: "decision" };
  const front = { package: "com.\u202Eevil\u001b[2J", signer: "aa", standing: "owned", by: "a-1" } as const;
  const entries = [encodeLeaf({ ...odd, decision: "allow", rule: "many-owned", facts: { ...odd.facts, front } })];
  const checkpoint = signed(entries, true);
  const { findings } = await verifyLog(sourceOf({ entries, checkpoint, checkpoints: keptOf(checkpoint) }), {
    policy: TRUST,
    replay: false,
  });
  expect(findings[0]?.what).toContain("com.\\u{202e}evil\\u{1b}[2J");
});
