/**
 * Who may come in: the admin token, and browsers that opened a one-time link. Knows nothing of HTTP; `guard.ts` stands at the door.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { AccessStore } from "./store.js";

const SESSION_MS = 30 * 24 * 3_600_000;
const CODE_MS = 10 * 60_000;
/** How long a session is believed without asking the database again; one that another replica ended lives at most this much longer. */
const BELIEVED_MS = 10_000;
const MAX_BELIEVED = 1_000;

/** Somebody who was let in. */
export interface Caller {
  readonly actor: string;
  /** Milliseconds since the epoch (Unix); null: never. */
  readonly expiresAt: number | null;
  /** The hash of the cookie, when that is what let them in. */
  readonly session: string | null;
}

const ADMIN: Caller = { actor: "admin", expiresAt: null, session: null };

export class Access {
  readonly token: string;
  readonly #store: AccessStore;
  readonly #now: () => number;
  readonly #tokenHash: Buffer;
  readonly #believed = new Map<string, { caller: Caller; until: number }>();

  constructor(parts: { token: string; store: AccessStore; now?: () => number }) {
    this.token = parts.token;
    this.#store = parts.store;
    this.#now = parts.now ?? Date.now;
    this.#tokenHash = sha256(parts.token);
  }

  /** Compared by hash, so that the time it takes tells nothing of the token or its length. */
  byToken(token: string): Caller | undefined {
    return timingSafeEqual(sha256(token), this.#tokenHash) ? ADMIN : undefined;
  }

  bySession(cookie: string): Promise<Caller | undefined> {
    return this.#byHash(sha256(cookie).toString("hex"));
  }

  /** Whether somebody who was let in before would be let in now. */
  async stillValid(caller: Caller): Promise<boolean> {
    return caller.session === null || (await this.#byHash(caller.session)) !== undefined;
  }

  async #byHash(hash: string): Promise<Caller | undefined> {
    const now = this.#now();
    const believed = this.#believed.get(hash);
    if (believed && believed.until > now) return believed.caller;
    this.#believed.delete(hash);
    const row = await this.#store.session(hash, new Date(now));
    if (!row) return undefined;
    const caller = { actor: row.actor, expiresAt: row.expiresAt.getTime(), session: hash };
    if (this.#believed.size >= MAX_BELIEVED) this.#believed.clear();
    this.#believed.set(hash, { caller, until: Math.min(now + BELIEVED_MS, caller.expiresAt) });
    return caller;
  }

  /** A code that lets one browser in, once. */
  async newCode(): Promise<{ code: string; expiresAt: number }> {
    const code = randomBytes(24).toString("base64url");
    const now = this.#now();
    const expiresAt = now + CODE_MS;
    await this.#store.addCode(sha256(code).toString("hex"), new Date(expiresAt), new Date(now));
    return { code, expiresAt };
  }

  /** Uses the code up for a session; undefined when it was used before, has expired or never was. */
  async enter(code: string): Promise<{ cookie: string; expiresAt: number } | undefined> {
    const now = this.#now();
    if (!(await this.#store.takeCode(sha256(code).toString("hex"), new Date(now)))) return undefined;
    const cookie = randomBytes(32).toString("base64url");
    const expiresAt = now + SESSION_MS;
    const hash = sha256(cookie).toString("hex");
    await this.#store.addSession({ hash, actor: ADMIN.actor, createdAt: new Date(now), expiresAt: new Date(expiresAt) });
    return { cookie, expiresAt };
  }

  async end(session: string): Promise<boolean> {
    this.#believed.delete(session);
    return this.#store.endSession(session);
  }
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
