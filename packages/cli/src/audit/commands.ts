/** `phonerack audit …`: verify a lab's log, take it away, and verify a receipt. */
import { appendFile, mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { contract, type LogReceipt, type LogStatus, type LogWitness } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import {
  checkTrust,
  ED25519,
  parsePolicy,
  parseReceipt,
  parseVkey,
  provesEntry,
  readCheckpoint,
  readLeaf,
  type TrustPolicy,
  tilePath,
  tilesOf,
  unpackEntries,
} from "@phonerack/policy";
import { sha256, verifyEd25519 } from "@phonerack/policy/node";
import type { Command } from "commander";
import { client, command, example, type Flags, say } from "../api/command.js";
import { findPlace } from "../api/find-control.js";
import { readToken } from "../data-folder.js";
import { describeFailure } from "../failure.js";
import { folderSource, keptCheckpoints, type LogSource, labSource, writeExport } from "./source.js";
import { statusWords } from "./status-words.js";
import { shown, type Verified, verifyLog } from "./verify.js";

export function addAuditCommands(program: Command): void {
  const audit = program
    .command("audit")
    .summary("verify what the lab's log says, without believing the lab")
    .description(
      "The lab's log is a Merkle tree with signed checkpoints; these commands verify it, take it away, and verify receipts.",
    );
  addVerify(audit);
  addExport(audit);
  addReceipts(audit);
  addStatus(audit);
}

interface VerifyFlags extends Flags {
  readonly from?: string;
  readonly policy?: string;
  readonly replay?: boolean;
}

function addVerify(audit: Command): void {
  command(audit, "verify", "verify a log from its first leaf on")
    .argument("[place]", "a folder that 'audit export' wrote, or a lab's address; else the lab that runs here")
    .option("--from <file>", "a checkpoint of before: the log must go on from it")
    .option(
      "--policy <file>",
      "which log and how many witnesses to believe (c2sp.org/tlog-policy); else the key that the log itself names",
    )
    .option("--replay", "ask the gate again about each decision")
    .addHelpText(
      "after",
      `${example("audit verify --replay", "audit verify ./log --policy trust.txt --from last.checkpoint --json")}

Exit codes: 0 clean, 1 findings, 2 tampering, 3 it cannot be said.`,
    )
    .action(async (place: string | undefined, flags: VerifyFlags) => {
      const onProgress = !flags.json && process.stderr.isTTY ? progress : undefined;
      try {
        const [policy, from] = await Promise.all([textOf(flags.policy, "--policy"), textOf(flags.from, "--from")]);
        const source = await sourceOf(place, flags);
        const result = await verifyLog(source, { policy, from, replay: flags.replay === true, onProgress });
        say(flags, result, words(result, flags.replay === true));
        process.exitCode = result.exit;
      } catch (error) {
        // Whatever kept us from looking, a file that is not there too: neither clean nor not, and 2 would say that it was tampered with.
        process.stderr.write(describeFailure(error, { json: flags.json === true }));
        process.exitCode = 3;
      }
    });
}

function progress(done: number, of: number): void {
  process.stderr.write(done === of ? "\r\u001b[K" : `\r${String(Math.floor((done / of) * 100)).padStart(3)} % of ${of} leaves`);
}

async function sourceOf(place: string | undefined, flags: Flags): Promise<LogSource> {
  if (place !== undefined && !/^https?:\/\//.test(place)) {
    const found = await stat(place).catch(() => undefined);
    if (!found?.isDirectory()) throw new PhonerackError("log_unusable", `${place} is no folder`);
    return folderSource(place);
  }
  const { place: at, run, logIn } = await findPlace(place === undefined ? flags : { ...flags, control: place });
  const token = flags.token ?? logIn?.token ?? (run ? await readToken(flags.data) : undefined);
  return labSource(at, token);
}

async function textOf(file: string | undefined, flag: string): Promise<string | undefined> {
  if (file === undefined) return undefined;
  return readFile(file, "utf8").catch((cause: Error) => {
    throw new PhonerackError("usage", `${flag}: ${cause.message}`, { cause });
  });
}

const VERDICTS = ["Clean.", "There are findings.", "This is not what was signed.", "It cannot be said."] as const;

function words(result: Verified, replay: boolean): string {
  const { origin, size, root, kinds, findings, witnesses } = result;
  const seen = Object.entries(witnesses).map(
    ([name, at]) => `${name} ${at === null ? "has not seen it" : `at ${new Date(at * 1_000).toISOString()}`}`,
  );
  const lines = [
    `${VERDICTS[result.exit]} ${shown(origin ?? "a log without a name")}: ${size} leaves, root ${root ?? "none"}`,
    ...(Object.keys(kinds).length > 0
      ? [
          `  ${Object.entries(kinds)
            .map(([kind, count]) => `${count} ${kind}`)
            .join(", ")}; ${result.denials} denials`,
        ]
      : []),
    ...(seen.length > 0 ? [`  witnesses: ${seen.join(", ")}`] : []),
    ...(replay
      ? [
          `  ${result.replayed} decisions replayed, all as they were${result.unreplayable > 0 ? `; ${result.unreplayable} can not be replayed any more` : ""}`,
        ]
      : []),
    ...(result.keyFromLog
      ? ["  The key was taken from the log itself: compare it with what the lab publishes, and name it with --policy."]
      : []),
    ...findings.map(({ weight, what, leaf }) => `  ${weight}${leaf === null ? "" : ` at leaf ${leaf}`}: ${what}`),
  ];
  return lines.join("\n");
}

function addExport(audit: Command): void {
  command(audit, "export", "take a lab's log away, to be verified elsewhere or later")
    .argument("<folder>", "where to; what is there already is not fetched again")
    .option("--bulks", "also what hands did, as far as it is yours to read")
    .addHelpText("after", example("audit export ./log", "audit export ./log --bulks --control https://lab.example"))
    .action(async (folder: string, flags: Flags & { bulks?: boolean }) => {
      const source = await sourceOf(flags.control, flags);
      await mkdir(folder, { recursive: true });
      const size = await takeAway(source, folder, flags.bulks === true);
      say(flags, { folder, size }, `${size} leaves in ${folder}`);
    });
}

/** The checkpoint comes last: a folder with one is whole. */
async function takeAway(source: LogSource, folder: string, bulks: boolean): Promise<number> {
  const own = folderSource(folder);
  const vkey = await source.read("vkey");
  if (vkey) await writeExport(folder, "vkey", vkey);
  // Before the newest, as verify reads them: none of them is newer then.
  const [kept, half] = [join(folder, "checkpoints"), join(folder, "checkpoints.half")];
  await writeFile(half, "");
  for await (const page of keptCheckpoints(source)) await appendFile(half, page);
  await rename(half, kept);
  const checkpoint = await source.read("checkpoint");
  const head = checkpoint && readCheckpoint(checkpoint);
  if (!checkpoint || !head) throw new PhonerackError("log_unusable", "there is no checkpoint here");
  for (const tile of tilesOf(head.size)) {
    const path = tilePath(tile);
    const bytes = (await own.read(path)) ?? (await source.read(path));
    if (!bytes) throw new PhonerackError("log_unusable", `${path} is not there`);
    await writeExport(folder, path, bytes);
    if (bulks && tile.level === "entries") await takeBulks(source, folder, bytes);
  }
  await writeExport(folder, "checkpoint", checkpoint);
  return head.size;
}

async function takeBulks(source: LogSource, folder: string, bundle: Uint8Array): Promise<void> {
  for (const entry of unpackEntries(bundle) ?? []) {
    const read = readLeaf(entry);
    if (!("leaf" in read) || read.leaf.kind !== "hands") continue;
    const bulk = await source.bulk(read.leaf.commitment);
    if (bulk) await writeExport(folder, `bulks/${read.leaf.commitment}.json`, JSON.stringify(bulk));
  }
}

function addReceipts(audit: Command): void {
  command(audit, "receipts", "get proofs that what was decided in a lease stands in the log")
    .argument("<lease>", "e.g. l-abcdefghij")
    .argument("<folder>", "where to write them, one file a leaf")
    .option("--denials", "only what was denied")
    .addHelpText("after", example("audit receipts l-abcdefghij ./receipts --denials"))
    .action(async (lease: string, folder: string, flags: Flags & { denials?: boolean }) => {
      const api = await client(flags);
      let files = 0;
      for (let from: number | null = 0; from !== null; ) {
        const query = new URLSearchParams({ from: String(from), limit: "200", denials: String(flags.denials === true) });
        const page = await api.ask<{ items: LogReceipt[]; next: number | null }>(
          contract.log.receipts,
          `/leases/${encodeURIComponent(lease)}/receipts?${query}`,
        );
        for (const { index, receipt } of page.items) await writeExport(folder, `${index}.tlog-proof`, receipt);
        files += page.items.length;
        from = page.next;
      }
      say(flags, { folder, receipts: files }, `${files} receipts in ${folder}`);
    });
  command(audit, "receipt", "verify a receipt, without the lab")
    .argument("<file>", "a receipt")
    .option("--policy <file>", "which log and how many witnesses to believe")
    .option("--vkey <key>", "the log's key, instead of a policy")
    .addHelpText("after", example("audit receipt 812.tlog-proof --policy trust.txt"))
    .action(async (file: string, flags: Flags & { policy?: string; vkey?: string }) => {
      const result = verifyReceipt(
        (await textOf(file, "<file>")) ?? "",
        trustOf(await textOf(flags.policy, "--policy"), flags.vkey),
      );
      say(
        flags,
        result,
        result.good
          ? `It stands in ${shown(result.origin)} as leaf ${result.index}:\n${shown(result.entry)}`
          : `Not proved: ${result.reason}`,
      );
      process.exitCode = result.good ? 0 : 2;
    });
}

function trustOf(policy: string | undefined, vkey: string | undefined): TrustPolicy {
  try {
    if (policy !== undefined) return parsePolicy(sha256, policy);
  } catch (error) {
    throw new PhonerackError("usage", `--policy: ${(error as Error).message}`);
  }
  const key = parseVkey(sha256, vkey ?? "");
  if (key?.type !== ED25519) throw new PhonerackError("usage", "--policy or --vkey names the log that is believed");
  return { logs: [key], witnesses: [], groups: new Map(), quorum: null };
}

function verifyReceipt(text: string, trust: TrustPolicy) {
  const receipt = parseReceipt(text);
  const entry = receipt?.extra && Buffer.from(receipt.extra).toString("utf8");
  const known = { origin: receipt?.checkpoint.origin ?? "", index: receipt?.index ?? 0, entry: entry ?? "" };
  const refuse = (reason: string) => ({ good: false, reason, ...known });
  if (!receipt || entry === undefined) return refuse("it is no receipt with its leaf");
  const log = trust.logs.find(({ name }) => name === receipt.checkpoint.origin);
  if (!log || !checkTrust(receipt.checkpoint.note, { ...trust, logs: [log] }, verifyEd25519).good)
    return refuse("its checkpoint was not signed by whom you believe");
  if (!provesEntry(sha256, receipt, receipt.extra ?? new Uint8Array()))
    return refuse("the proof does not lead to the signed root");
  return { good: true, reason: null, ...known };
}

function addStatus(audit: Command): void {
  command(audit, "status", "show how large the log is and who has seen it").action(async (flags: Flags) => {
    const status = await (await client(flags)).ask<LogStatus>(contract.log.status, "/log");
    say(flags, status, statusWords(status));
  });
  command(audit, "witnesses", "choose who is asked to sign each checkpoint; replaces those there are")
    .argument("[witness...]", "URL=VKEY of each; none: nobody is asked any more")
    .addHelpText("after", example("audit witnesses https://witness.example=witness.example+1a2b3c4d+BAEC…"))
    .action(async (chosen: readonly string[], flags: Flags) => {
      const witnesses = chosen.map((text) => {
        const at = text.indexOf("=");
        if (at < 1) throw new PhonerackError("usage", `'${text}' is not URL=VKEY`);
        return { url: text.slice(0, at), vkey: text.slice(at + 1) };
      });
      const { items } = await (await client(flags)).ask<{ items: LogWitness[] }>(contract.log.witnesses, "/log/witnesses", {
        method: "PUT",
        body: { witnesses },
      });
      say(
        flags,
        { items },
        items.length === 0 ? "Nobody is asked." : `Asked: ${items.map(({ name }) => shown(name)).join(", ")}`,
      );
    });
}
