/**
 * A witness of logs (c2sp.org/tlog-witness): signs a checkpoint when the log goes on from what it saw before, and never two histories. What it has seen is on
 * disk before it says so.
 */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { PhonerackError } from "@phonerack/contract/bus";
import {
  COSIGNATURE,
  checkSigned,
  cosignText,
  emptyRoot,
  formatNote,
  formatSignature,
  formatVkey,
  fromBase64,
  HASH_BYTES,
  parseSize,
  readCheckpoint,
  type SignedCheckpoint,
  sameBytes,
  type VerifierKey,
  verifierKey,
  verifyConsistency,
} from "@phonerack/policy";
import { sha256, verifyEd25519 } from "@phonerack/policy/node";

export interface WitnessOptions {
  readonly folder: string;
  /** As others call it. */
  readonly name: string;
  /** The logs that it watches. */
  readonly logs: readonly VerifierKey[];
  readonly host: string;
  readonly port: number;
}

export interface Witness {
  readonly url: string;
  readonly vkey: string;
  stop(): Promise<void>;
}

const LARGEST = 64 * 1024;
const MOST_PROOF = 63;

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly type?: string;
}

export async function startWitness(options: WitnessOptions): Promise<Witness> {
  await mkdir(options.folder, { recursive: true, mode: 0o700 });
  const privateKey = await loadKey(join(options.folder, "key.pem"));
  const raw = createPublicKey(privateKey).export({ format: "der", type: "spki" }).subarray(-32);
  const key = verifierKey(sha256, { name: options.name, key: raw, type: COSIGNATURE });
  const desk = new WitnessDesk(options, key, privateKey);
  const server = createServer((request, response) => {
    void respond(desk, request).then(({ status, body, type = "text/plain; charset=utf-8" }) =>
      response.writeHead(status, { "content-type": type }).end(body),
    );
  });
  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${options.host}:${port}`,
    vkey: formatVkey(key),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function respond(desk: WitnessDesk, request: IncomingMessage): Promise<Answer> {
  try {
    const seen = /^\/([0-9a-f]{64})\/checkpoint$/.exec(request.url ?? "")?.[1];
    if (request.method === "GET" && seen) return await desk.show(seen);
    if (request.method !== "POST" || request.url !== "/add-checkpoint") return { status: 404, body: "There is nothing here.\n" };
    const parts: Buffer[] = [];
    let size = 0;
    for await (const part of request as AsyncIterable<Buffer>) {
      size += part.length;
      if (size > LARGEST) return { status: 413, body: "This is too long for a checkpoint.\n" };
      parts.push(part);
    }
    return await desk.add(Buffer.concat(parts).toString("utf8"));
  } catch (error) {
    return { status: 500, body: `It could not be kept: ${(error as Error).message}\n` };
  }
}

class WitnessDesk {
  readonly #options: WitnessOptions;
  readonly #key: VerifierKey;
  readonly #private: KeyObject;
  /** One at a time: what is compared is what is replaced. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: WitnessOptions, key: VerifierKey, privateKey: KeyObject) {
    this.#options = options;
    this.#key = key;
    this.#private = privateKey;
  }

  add(body: string): Promise<Answer> {
    const answer = this.#turn.then(() => this.#add(body));
    this.#turn = answer.catch(() => undefined);
    return answer;
  }

  async show(hash: string): Promise<Answer> {
    const log = this.#options.logs.find(({ name }) => hashOf(name) === hash);
    const kept = log && (await this.#kept(log.name));
    return kept ? { status: 200, body: formatNote(kept.note) } : { status: 404, body: "This log was not seen.\n" };
  }

  async #add(body: string): Promise<Answer> {
    const gap = body.indexOf("\n\n");
    const [first = "", ...lines] = body.slice(0, Math.max(0, gap)).split("\n");
    const old = parseSize(/^old (\d+)$/.exec(first)?.[1] ?? "");
    const proof = lines.map(fromBase64);
    const checkpoint = readCheckpoint(body.slice(gap + 2));
    if (gap < 0 || old === undefined || !checkpoint || lines.length > MOST_PROOF || !proof.every(isHash))
      return { status: 400, body: "This is no request to witness a checkpoint.\n" };
    const log = this.#options.logs.find(({ name }) => name === checkpoint.origin);
    if (!log) return { status: 404, body: "This log is not watched here.\n" };
    if (checkSigned(checkpoint.note, log, verifyEd25519).state !== "good")
      return { status: 403, body: "The log did not sign this.\n" };
    if (old > checkpoint.size) return { status: 400, body: "The old size is above the new one.\n" };
    return this.#goOn(checkpoint, old, proof);
  }

  async #goOn(checkpoint: SignedCheckpoint, old: number, proof: readonly Uint8Array[]): Promise<Answer> {
    const kept = await this.#kept(checkpoint.origin);
    if (old !== (kept?.size ?? 0)) return { status: 409, body: `${kept?.size ?? 0}\n`, type: "text/x.tlog.size" };
    const before = kept ?? { size: 0, root: emptyRoot(sha256) };
    // c2sp.org/tlog-witness: a conflict, and not a proof that is wrong.
    if (checkpoint.size === before.size && !sameBytes(checkpoint.root, before.root))
      return { status: 409, body: "Another tree of this size was seen here.\n" };
    if (!verifyConsistency(sha256, { from: before, to: checkpoint, proof }))
      return { status: 422, body: "This log does not go on from what was seen here.\n" };
    const line = cosignText(this.#key, { text: checkpoint.note.text, time: Math.floor(Date.now() / 1_000) }, (message) =>
      sign(null, message, this.#private),
    );
    const own = checkpoint.note.signatures.filter(({ name }) => name === checkpoint.origin);
    await writeWhole(this.#fileOf(checkpoint.origin), formatNote({ text: checkpoint.note.text, signatures: [...own, line] }));
    return { status: 200, body: formatSignature(line) };
  }

  /** Fails when there is something that cannot be read: it must not sign as if it had seen nothing. */
  async #kept(origin: string): Promise<SignedCheckpoint | undefined> {
    let text: string;
    try {
      text = await readFile(this.#fileOf(origin), "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
    const checkpoint = readCheckpoint(text);
    if (checkpoint?.origin !== origin) throw new Error("what was seen before cannot be read");
    return checkpoint;
  }

  #fileOf(origin: string): string {
    return join(this.#options.folder, `${hashOf(origin)}.checkpoint`);
  }
}

function hashOf(origin: string): string {
  return createHash("sha256").update(origin).digest("hex");
}

function isHash(bytes: Uint8Array | undefined): bytes is Uint8Array {
  return bytes?.length === HASH_BYTES;
}

async function loadKey(path: string): Promise<KeyObject> {
  const found = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw new PhonerackError("data_unwritable", error.message, { cause: error });
  });
  if (found !== undefined) return createPrivateKey(found);
  const { privateKey } = generateKeyPairSync("ed25519");
  await writeWhole(path, privateKey.export({ format: "pem", type: "pkcs8" }).toString());
  return privateKey;
}

/** The old text or the new one, also after a loss of power. */
async function writeWhole(path: string, text: string): Promise<void> {
  const file = await open(`${path}.draft`, "w", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.draft`, path);
  const folder = await open(dirname(path), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function listen(server: Server, { host, port }: WitnessOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) =>
      reject(cause.code === "EADDRINUSE" ? new PhonerackError("port_taken", `${host}:${port}`, { cause }) : cause),
    );
    server.listen(port, host, resolve);
  });
}
