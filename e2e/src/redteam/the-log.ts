/** The lab's own log, changed afterwards: a denial made an allowance, its end cut off, and a history written anew under another key of the same name. */
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  Frontier,
  formatCheckpoint,
  formatNote,
  formatVkey,
  leafHash,
  packEntries,
  readCheckpoint,
  signText,
  TILE_WIDTH,
  textOf,
  tilePath,
  toBase64,
  unpackEntries,
  utf8,
  verifierKey,
} from "@phonerack/policy";
import { run, temporaryFolder } from "../phonerack.js";
import { BAZAAR, type RedLab } from "./red-lab.js";
import type { Scenario } from "./scenario.js";

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash("sha256").update(bytes).digest());

/** A log as it is handed to whoever verifies it. */
interface Copy {
  readonly entries: readonly Uint8Array[];
  readonly vkey: string;
  readonly checkpoint: string;
  readonly checkpoints: string;
}

/** Exported from a lab: what an auditor has in hand. */
async function take(lab: RedLab, folder: string): Promise<Copy> {
  const { code, stderr } = await run("audit", "export", folder, "--bulks", "--data", lab.data);
  if (code !== 0) throw new Error(stderr);
  const text = (name: string) => readFile(join(folder, name), "utf8");
  const checkpoint = await text("checkpoint");
  const size = readCheckpoint(checkpoint)?.size ?? 0;
  const entries: Uint8Array[] = [];
  for (let index = 0; index * TILE_WIDTH < size; index++) {
    const width = Math.min(TILE_WIDTH, size - index * TILE_WIDTH);
    const bytes = await readFile(join(folder, tilePath({ level: "entries", index, width })));
    entries.push(...(unpackEntries(new Uint8Array(bytes)) ?? []));
  }
  return { entries, vkey: await text("vkey"), checkpoint, checkpoints: await text("checkpoints") };
}

async function lay(folder: string, { entries, vkey, checkpoint, checkpoints }: Copy): Promise<void> {
  await rm(join(folder, "tile"), { recursive: true, force: true });
  for (let index = 0; index * TILE_WIDTH < entries.length; index++) {
    const some = entries.slice(index * TILE_WIDTH, (index + 1) * TILE_WIDTH);
    const path = join(folder, tilePath({ level: "entries", index, width: some.length }));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, packEntries(some));
  }
  await writeFile(join(folder, "vkey"), vkey);
  await writeFile(join(folder, "checkpoints"), checkpoints);
  await writeFile(join(folder, "checkpoint"), checkpoint);
}

/** Under a key of one's own that bears the log's name. */
function signedAnew(entries: readonly Uint8Array[], origin: string): Copy {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const raw = new Uint8Array(publicKey.export({ format: "der", type: "spki" }).subarray(-32));
  const key = verifierKey(sha256, { name: origin, key: raw });
  const tree = new Frontier(sha256);
  for (const entry of entries) tree.append(leafHash(sha256, entry));
  const text = formatCheckpoint({ origin, size: tree.size, root: tree.root() });
  const checkpoint = formatNote({ text, signatures: [signText(key, text, (message) => sign(null, message, privateKey))] });
  return { entries, vkey: formatVkey(key), checkpoint, checkpoints: `${toBase64(utf8(checkpoint))}\n` };
}

/**
 * Whether it is taken for the log that was signed, whatever is found in it: by somebody who kept the key and a checkpoint; or, beside the lab that lets
 * everything through, by one who believes what is handed to them.
 */
async function isBelieved(folder: string, pins: readonly string[]): Promise<boolean> {
  const { code } = await run("audit", "verify", folder, ...pins, "--json");
  return code === 0 || code === 1;
}

let unnoticed = 0;
export const logbook: Scenario = {
  name: "a log that is edited, cut off, or signed anew",
  refusals: ["answer:log-changed"],
  landed: async () => unnoticed,
  twin: async (lab) => {
    const folder = await temporaryFolder();
    const { vkey, checkpoint } = await take(lab, folder);
    const { code } = await run("audit", "verify", folder, ...(await pinsAt(folder, { vkey, checkpoint })), "--json");
    await rm(folder, { recursive: true });
    return code === 0;
  },
  attempt: async (lab, answers) => {
    const folder = await temporaryFolder();
    const early = await take(lab, join(folder, "early"));
    await lab.job({ type: "launch", package: BAZAAR });
    // A lease's end is signed at once, and what was denied with it.
    const { body: lease } = await lab.call("POST", "/leases", { where: { chassis: "H1" }, count: 1 });
    await lab.call("POST", `/leases/${lease.id}/release`, {});
    await lab.leaves(early.entries.length);
    const late = await take(lab, join(folder, "late"));
    const pins = lab.letsThrough ? [] : await pinsAt(folder, late);
    const origin = readCheckpoint(late.checkpoint)?.origin ?? "";
    const others = late.entries.map((entry) =>
      utf8((textOf(entry) ?? "").replace('"decision":"deny"', '"decision":"allow"').replace(BAZAAR, "com.example.others")),
    );
    const changed: readonly Copy[] = [
      { ...late, entries: others },
      early,
      signedAnew(others, origin),
      signedAnew(late.entries.slice(0, -3), origin),
    ];
    for (const copy of changed) {
      const at = join(folder, "late");
      await lay(at, copy);
      if (await isBelieved(at, pins)) unnoticed++;
      else answers.push("log-changed");
    }
    await rm(folder, { recursive: true });
    return changed.length;
  },
};

async function pinsAt(folder: string, { vkey, checkpoint }: Pick<Copy, "vkey" | "checkpoint">): Promise<string[]> {
  const [policy, from] = [join(folder, "trust.txt"), join(folder, "kept.checkpoint")];
  await writeFile(policy, `log ${vkey.trim()}\nquorum none\n`);
  await writeFile(from, checkpoint);
  return ["--policy", policy, "--from", from, "--replay"];
}
