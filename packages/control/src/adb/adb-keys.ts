/** People's adb: the keys that they enrolled, and the sessions that these have opened. */
import { createHash } from "node:crypto";
import { type AdbKey, PhonerackError, type Pipe, type PipeMessage } from "@phonerack/contract/bus";
import type { Logger } from "pino";
import type { Caller } from "../access/caller.js";
import type { RecordEvent } from "../events/events.js";
import { newId } from "../ids.js";
import type { AdbKeyRow, AdbKeyStore } from "./store.js";

const MOST_KEYS = 50;
/** Android's public key: 64 words of modulus and of Montgomery's constant, and what belongs to them. AOSP system/core, libcrypto_utils/android_pubkey.c. */
const KEY_BYTES = 524;
const MODULUS_WORDS = 64;
const MOST_NAME = 100;
/** Kinds of services that are counted for the log. */
const MOST_SERVICES = 100;
/** A key that was removed at another control ends its sessions here within this time. */
const REVIEW_MS = 2_000;

export interface AdbKeysParts {
  readonly store: AdbKeyStore;
  readonly record: RecordEvent;
  readonly log: Logger;
}

interface Session {
  readonly pipe: Pipe;
  readonly actor: string;
  fingerprint: string | undefined;
}

export class AdbKeys {
  readonly #parts: AdbKeysParts;
  readonly #sessions = new Set<Session>();
  readonly #review: NodeJS.Timeout;

  constructor(parts: AdbKeysParts) {
    this.#parts = parts;
    this.#review = setInterval(() => {
      this.#dismiss().catch((error: unknown) => parts.log.warn({ err: error }, "adb keys could not be reviewed"));
    }, REVIEW_MS);
  }

  stop(): void {
    clearInterval(this.#review);
  }

  async list({ actor }: Caller): Promise<AdbKey[]> {
    return (await this.#parts.store.of(actor)).map(viewOf);
  }

  /** Fails with `adb_key_invalid` or `too_many`. */
  async add({ actor, tenant }: Caller, line: string): Promise<AdbKey> {
    const { key, fingerprint, name } = readPublicKey(line);
    const known = await this.#parts.store.of(actor);
    if (known.length >= MOST_KEYS && !known.some((one) => one.fingerprint === fingerprint))
      throw new PhonerackError("too_many", `${MOST_KEYS} adb keys; remove one first`);
    const row = { id: newId("k"), actor, name, fingerprint, key, createdAt: new Date(), usedAt: null };
    const kept = await this.#parts.store.put(row);
    if (kept.id === row.id)
      this.#parts.record({ actor, tenant, kind: "adb-key.added", subject: kept.id, detail: { name, fingerprint } });
    return viewOf(kept);
  }

  /** What it has opened ends. Fails with `adb_key_not_found`. */
  async remove({ actor, tenant }: Caller, id: string): Promise<void> {
    const gone = await this.#parts.store.remove(actor, id);
    if (!gone) throw new PhonerackError("adb_key_not_found", id);
    const { fingerprint, name } = gone;
    this.#parts.record({ actor, tenant, kind: "adb-key.removed", subject: id, detail: { name, fingerprint } });
    await this.#dismiss();
  }

  /** Ends what keys have open that are no more. */
  async #dismiss(): Promise<void> {
    for (const actor of new Set([...this.#sessions].map((session) => session.actor))) {
      const known = new Set((await this.#parts.store.of(actor)).map((row) => row.fingerprint));
      for (const { actor: whose, fingerprint, pipe } of this.#sessions)
        if (whose === actor && fingerprint !== undefined && !known.has(fingerprint))
          pipe.close(new PhonerackError("adb_key_not_found", "this adb's key was removed"));
    }
  }

  /** Whom an agent lets in for this person. */
  async keysOf({ actor }: Caller): Promise<string[]> {
    return (await this.#parts.store.of(actor)).map(({ key }) => key);
  }

  /** Keeps account of a session for the log: who, with which key, which services by name alone. @returns what hears the agent's words in it */
  follow({ actor, tenant }: Caller, deviceId: string, pipe: Pipe): (message: PipeMessage) => void {
    const session: Session = { pipe, actor, fingerprint: undefined };
    const services = new Map<string, number>();
    const began = Date.now();
    this.#sessions.add(session);
    void pipe.over.then(({ error }) => {
      this.#sessions.delete(session);
      const detail = {
        fingerprint: session.fingerprint ?? null,
        seconds: Math.round((Date.now() - began) / 1_000),
        services: Object.fromEntries(services),
        ...(error ? { reason: error.code } : {}),
      };
      this.#parts.record({ actor, tenant, kind: "adb.closed", subject: deviceId, detail });
    });
    return (message) => {
      if (message.type === "service" && (services.has(message.name) || services.size < MOST_SERVICES))
        services.set(message.name, (services.get(message.name) ?? 0) + 1);
      if (message.type !== "let-in") return;
      const { fingerprint } = message;
      session.fingerprint = fingerprint;
      this.#parts.record({ actor, tenant, kind: "adb.opened", subject: deviceId, detail: { fingerprint } });
      this.#parts.store
        .used(actor, fingerprint, new Date())
        .catch((error: unknown) => this.#parts.log.warn({ err: error }, "an adb key's use could not be written"));
    };
  }
}

function readPublicKey(line: string): { key: string; fingerprint: string; name: string } {
  const [base64 = "", ...words] = line.trim().split(/\s+/);
  const bytes = Buffer.from(base64, "base64");
  if (bytes.length !== KEY_BYTES || bytes.readUInt32LE(0) !== MODULUS_WORDS || bytes.toString("base64") !== base64)
    throw new PhonerackError("adb_key_invalid", `it has ${bytes.length} bytes, not ${KEY_BYTES} of an RSA key of 2048 bits`);
  const digest = createHash("md5").update(bytes).digest("hex").toUpperCase();
  return {
    key: base64,
    fingerprint: (digest.match(/../g) ?? []).join(":"),
    name: words.join(" ").slice(0, MOST_NAME) || "adb",
  };
}

function viewOf({ id, name, fingerprint, createdAt, usedAt }: AdbKeyRow): AdbKey {
  return { id, name, fingerprint, createdAt: createdAt.getTime(), usedAt: usedAt?.getTime() ?? null };
}
