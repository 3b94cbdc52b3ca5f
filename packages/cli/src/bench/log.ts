/**
 * The log bench: decisions become leaves of the lab's log: canonical JSON, leaf hash, tree, full tiles and bundles packed, stored and synced, by what control
 * itself appends with. Beside it, in the same run,
 * SHA-256 over the same bytes and the same files written and synced: what no log could do without. What the database adds is `group`'s and the tests' business.
 */
import { createHash, randomBytes } from "node:crypto";
import { mkdir, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { constants, gzipSync } from "node:zlib";
import { LogTree, objectTiles, openStorage, TileFlow } from "@phonerack/control";
import { emptyRoot, encodeLeaf, gateVersion, type Leaf, packEntries, TILE_WIDTH } from "@phonerack/policy";
import { sha256 } from "@phonerack/policy/node";
import { SAMPLE_FACTS, sampleDecision } from "@phonerack/policy/sample";
import { pino } from "pino";
import type { BenchOptions, BenchResult } from "./benches.js";
import { round } from "./latencies.js";

const LEAVES = 300_000;
const LEAST = 100_000;
const ROUNDS = 3;
/** As many as the sequencer takes at once. */
const BATCH = 2_000;

export async function logBench({ count = LEAVES }: BenchOptions): Promise<BenchResult> {
  const folder = await mkdtemp(join(tmpdir(), "phonerack-bench-"));
  try {
    const ours: number[] = [];
    const bare: number[] = [];
    for (let turn = 0; turn < ROUNDS; turn++) {
      ours.push(count / (await appended(join(folder, `ours-${turn}`), count)));
      bare.push(count / (await hashedAndWritten(join(folder, `bare-${turn}`), count)));
    }
    const [own, limit] = [median(ours) * 1_000, median(bare) * 1_000];
    return {
      name: "log",
      n: count,
      ours: Math.round(own),
      limit: Math.round(limit),
      ratio: round(own / limit),
      budget: `at least ${LEAST.toLocaleString("en")} appends a second`,
      met: own >= LEAST,
      unit: "leaves a second, medians; the limit hashes the same bytes and writes the same files",
      leafBytes: encodeLeaf(leafAt(0, POLICY)).length,
      rounds: ROUNDS,
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

const POLICY = gateVersion(sha256);

/** @returns milliseconds */
async function appended(folder: string, count: number): Promise<number> {
  const storage = await openStorage({ kind: "folder", path: folder }, folder);
  const tree = await LogTree.restore(
    { tiles: objectTiles(storage.objects) },
    { size: 0, root: emptyRoot(sha256) },
    { from: 0, entries: [] },
  );
  const flow = new TileFlow({ log: pino({ level: "silent" }) });
  const began = performance.now();
  for (let seq = 0; seq < count; seq += BATCH) {
    const leaves = Array.from({ length: Math.min(BATCH, count - seq) }, (_, at) => leafAt(seq + at, POLICY));
    tree.take(tree.grow(leaves.map(encodeLeaf)));
    // As in a lab: what is full is stored while the next is appended.
    const error = await flow.room(tree);
    if (error) throw error;
  }
  await tree.store();
  const ms = performance.now() - began;
  storage.stop();
  return ms;
}

async function hashedAndWritten(folder: string, count: number): Promise<number> {
  const entries = Array.from({ length: TILE_WIDTH }, (_, at) => encodeLeaf(leafAt(at, POLICY)));
  // As they are stored.
  const bundle = gzipSync(packEntries(entries), { level: constants.Z_BEST_SPEED });
  await mkdir(folder);
  const began = performance.now();
  for (let index = 0; index * TILE_WIDTH < count; index++) {
    for (const entry of entries) createHash("sha256").update(entry).digest();
    await write(join(folder, `e${index}`), bundle);
  }
  return performance.now() - began;
}

async function write(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, "w");
  await file.writeFile(bytes);
  await file.sync();
  await file.close();
}

const DEVICES = Array.from({ length: 1_000 }, () => `d-${randomBytes(6).toString("hex")}`);
const HOSTS = Array.from({ length: 50 }, (_, at) => ({ agent: `rack-${at}`, journal: randomBytes(10).toString("hex") }));

/** A tap of a group, as a thousand phones at fifty hosts answer it. */
function leafAt(seq: number, policy: string): Leaf {
  const place = seq % DEVICES.length;
  const { agent, journal } = HOSTS[place % HOSTS.length] ?? { agent: "", journal: "" };
  return sampleDecision(seq, policy, {
    device: DEVICES[place] ?? "",
    lease: "l-abcdefghij234567",
    tenant: "t-0123456789abcdef0123",
    agent,
    journal,
    n: Math.floor(seq / HOSTS.length) + 1,
    agentAt: 1_795_000_000_000 + seq + ((seq * 7_919) % 251),
    facts: {
      ...SAMPLE_FACTS,
      actor: "p-0123456789abcdef0123",
      holder: "p-0123456789abcdef0123",
      front: { package: "com.example.shop", signer: "ab".repeat(32), standing: "owned", by: "a-abcdefghij234567" },
      knownMs: (seq * 104_729) % 4_999,
    },
    decision: "allow",
    rule: "many-owned",
  });
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
