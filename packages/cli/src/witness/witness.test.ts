/** A witness as others meet it: over HTTP, with a real log's checkpoints, and killed in between. */
import { type ChildProcess, spawn } from "node:child_process";
import { createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import {
  checkSigned,
  Frontier,
  formatCheckpoint,
  formatNote,
  formatVkey,
  leafHash,
  Proofs,
  parseSignature,
  parseVkey,
  signText,
  toBase64,
  utf8,
  type VerifierKey,
  verifierKey,
} from "@phonerack/policy";
import { sha256, verifyEd25519 } from "@phonerack/policy/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startWitness, type Witness } from "./witness.js";

const ENTRY = resolve(import.meta.dirname, "../../bin/phonerack.js");

let folder: string;
let witness: Witness;
let key: VerifierKey;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "phonerack-witness-"));
  witness = await start();
  key = parseVkey(sha256, witness.vkey) ?? expect.unreachable();
});
afterAll(async () => {
  await witness.stop();
  await rm(folder, { recursive: true });
});

const start = () =>
  startWitness({ folder: join(folder, "here"), name: "witness.example", logs: [lab.key, other.key], host: "127.0.0.1", port: 0 });

function logOf(name: string) {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const raw = createPublicKey(publicKey.export({ format: "pem", type: "spki" })).export({ format: "der", type: "spki" });
  return {
    key: verifierKey(sha256, { name, key: raw.subarray(-32) }),
    make: (message: Uint8Array) => sign(null, message, privateKey),
  };
}
type Log = ReturnType<typeof logOf>;
const lab = logOf("lab.example/log");
const other = logOf("other.example/log");

/** The leaves of a history; another `story` is another history. */
const leaves = (size: number, story = "a") => Array.from({ length: size }, (_, at) => leafHash(sha256, utf8(`${story}${at}`)));

function rootOf(size: number, story?: string): Uint8Array {
  const tree = new Frontier(sha256);
  for (const leaf of leaves(size, story)) tree.append(leaf);
  return tree.root();
}

function checkpoint(log: Log, size: number, story?: string): string {
  const text = formatCheckpoint({ origin: log.key.name, size, root: rootOf(size, story) });
  return formatNote({ text, signatures: [signText(log.key, text, log.make)] });
}

async function proof(old: number, size: number, story?: string): Promise<string> {
  const nodes = new Map<string, Uint8Array>();
  const tree = new Frontier(sha256);
  for (const leaf of leaves(size, story)) tree.append(leaf, (level, index, hash) => nodes.set(`${level} ${index}`, hash));
  const proofs = new Proofs(sha256, (level, index) => nodes.get(`${level} ${index}`) ?? new Uint8Array(32));
  return (await proofs.consistency(old, size)).map((hash) => `${toBase64(hash)}\n`).join("");
}

async function post(body: string, url = witness.url): Promise<{ status: number; body: string; type: string | null }> {
  const response = await fetch(`${url}/add-checkpoint`, { method: "POST", body });
  return { status: response.status, body: await response.text(), type: response.headers.get("content-type") };
}

const add = async (log: Log, old: number, size: number, story?: string) =>
  post(`old ${old}\n${await proof(old, size, story)}\n${checkpoint(log, size, story)}`);

function expectSigned({ status, body }: { status: number; body: string }, note: string): void {
  expect({ status, body }).toMatchObject({ status: 200 });
  const line = parseSignature(body.trimEnd()) ?? expect.unreachable();
  const text = `${note.split("\n\n")[0]}\n`;
  const signed = checkSigned({ text, signatures: [line] }, key, verifyEd25519);
  expect(signed).toMatchObject({ state: "good", time: expect.any(Number) });
}

test("signs a log that goes on, and nothing that does not", async () => {
  expectSigned(await add(lab, 0, 3), checkpoint(lab, 3));
  expectSigned(await add(lab, 3, 11), checkpoint(lab, 11));
  // The same once more is no lie.
  expectSigned(await add(lab, 11, 11), checkpoint(lab, 11));
  // Another history, of any size, with its own honest proof.
  expect(await add(lab, 11, 20, "b")).toMatchObject({ status: 422 });
  expect(await add(lab, 11, 11, "b")).toMatchObject({ status: 409, body: expect.stringContaining("Another tree") });
  // Back to less.
  expect(await add(lab, 3, 5)).toEqual({ status: 409, body: "11\n", type: "text/x.tlog.size" });
  expect(await add(lab, 0, 20, "b")).toEqual({ status: 409, body: "11\n", type: "text/x.tlog.size" });
  expect(await post(`old 11\n\n${checkpoint(lab, 5)}`)).toMatchObject({ status: 400 });
  // A proof that is cut off, or of another size.
  expect(await post(`old 11\n\n${checkpoint(lab, 20)}`)).toMatchObject({ status: 422 });
  expect(await post(`old 11\n${await proof(10, 20)}\n${checkpoint(lab, 20)}`)).toMatchObject({ status: 422 });
  expectSigned(await add(lab, 11, 20), checkpoint(lab, 20));
});

test("signs each log for itself, none that it does not watch, and none that another key signed", async () => {
  expectSigned(await add(other, 0, 7), checkpoint(other, 7));
  expect(await add(logOf("stranger.example/log"), 0, 7)).toMatchObject({ status: 404 });
  const forged = { key: lab.key, make: other.make };
  expect(await add(forged, 20, 25)).toMatchObject({ status: 403 });
  const [text = ""] = checkpoint(lab, 25).split("\n\n");
  expect((await post(`old 20\n${await proof(20, 25)}\n${text}\n\n— someone.example AAAAAAAA\n`)).status).toBe(403);
});

test.each([
  ["nothing", ""],
  ["no checkpoint", "old 0\n\nhello\n"],
  ["an old size that is none", `old -1\n\n${checkpoint(lab, 3)}`],
  ["an old size with a zero before it", `old 007\n\n${checkpoint(lab, 3)}`],
  ["a proof that is no base64", `old 0\n!!!\n\n${checkpoint(lab, 3)}`],
  ["a hash that is too short", `old 0\nAAAA\n\n${checkpoint(lab, 3)}`],
  ["more hashes than any proof has", `old 0\n${`${toBase64(new Uint8Array(32))}\n`.repeat(64)}\n${checkpoint(lab, 3)}`],
])("answers %s with 400", async (_, body) => {
  expect((await post(body)).status).toBe(400);
});

test("takes no more than a checkpoint needs, and has nothing elsewhere", async () => {
  expect((await post("x".repeat(70_000))).status).toBe(413);
  expect((await fetch(`${witness.url}/`)).status).toBe(404);
  expect((await fetch(`${witness.url}/${"0".repeat(64)}/checkpoint`)).status).toBe(404);
});

test("of many who ask at once signs one history", async () => {
  const answers = await Promise.all(Array.from({ length: 12 }, (_, at) => add(other, 7, 8 + at, at % 2 === 0 ? "a" : "b")));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 409]));
});

/** By its own command line. */
async function launched(data: string): Promise<{ child: ChildProcess; url: string; vkey: string }> {
  const words = ["witness", "--data", data, "--log", formatVkey(lab.key), "--port", "0", "--json"];
  const child = spawn(process.execPath, [ENTRY, ...words], { stdio: ["ignore", "pipe", "inherit"] });
  const line = await new Promise<string>((done, fail) => {
    let said = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes("\n")) done(said);
    });
    child.once("exit", () => fail(new Error("it ended")));
  });
  return { child, ...(JSON.parse(line) as { url: string; vkey: string }) };
}

async function killed({ child }: { child: ChildProcess }): Promise<void> {
  const ended = new Promise((done) => child.once("close", done));
  child.kill("SIGKILL");
  await ended;
}

test("killed, it knows its key and what it has signed; what it cannot read it does not sign over", async () => {
  const data = join(folder, "killed");
  const first = await launched(data);
  expect((await post(`old 0\n\n${checkpoint(lab, 6)}`, first.url)).status).toBe(200);
  await killed(first);
  const second = await launched(data);
  expect(second.vkey).toBe(first.vkey);
  expect(await post(`old 0\n\n${checkpoint(lab, 6, "b")}`, second.url)).toMatchObject({ status: 409, body: "6\n" });
  expect((await post(`old 6\n${await proof(6, 9)}\n${checkpoint(lab, 9)}`, second.url)).status).toBe(200);
  await killed(second);
  const [kept = ""] = (await readdir(data)).filter((name) => name.endsWith(".checkpoint"));
  await writeFile(join(data, kept), "half of wh");
  const third = await launched(data);
  expect((await post(`old 0\n\n${checkpoint(lab, 6, "b")}`, third.url)).status).toBe(500);
  await killed(third);
}, 30_000);
