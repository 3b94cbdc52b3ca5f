/**
 * Who may come in: the admin token, log-ins (by cookie or as a token) and API keys. Knows nothing of HTTP; `guard.ts` stands at the door,
 * better-auth behind `accounts.ts` makes the log-ins.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { LAB_TENANT, Role } from "@phonerack/contract/bus";
import type { Accounts, OpenedSession } from "./accounts.js";
import { type Caller, isAsBefore } from "./caller.js";
import { type AccessStore, FIRST_OWNER, type LogInRow } from "./store.js";
import { hashToken } from "./token-hashes.js";

export type { Caller } from "./caller.js";

const CODE_MS = 10 * 60_000;
/** How long somebody is believed without asking the database again; what another replica ended lives at most this much longer. */
const BELIEVED_MS = 500;
const MAX_BELIEVED = 1_000;

export class Access {
  readonly token: string;
  readonly accounts: Accounts;
  readonly #store: AccessStore;
  readonly #now: () => number;
  readonly #tokenHash: Buffer;
  readonly #believed = new Map<string, { caller: Caller; until: number }>();

  constructor(parts: { token: string; store: AccessStore; accounts: Accounts; now?: () => number }) {
    this.token = parts.token;
    this.accounts = parts.accounts;
    this.#store = parts.store;
    this.#now = parts.now ?? Date.now;
    this.#tokenHash = sha256(parts.token);
  }

  /** `Authorization: Bearer …`: the admin token, or a log-in's token. */
  async byBearer(token: string): Promise<Caller | undefined> {
    // Compared by hash, so that the time it takes tells nothing of the token or its length.
    if (timingSafeEqual(sha256(token), this.#tokenHash)) return this.#believe("admin", () => this.#admin());
    const plain = token.includes(".") ? await this.accounts.unsigned(token) : token;
    return plain === undefined ? undefined : this.#bySession(plain);
  }

  async byCookie(value: string): Promise<Caller | undefined> {
    const token = await this.accounts.unsigned(value);
    return token === undefined ? undefined : this.#bySession(token);
  }

  #bySession(token: string): Promise<Caller | undefined> {
    const hash = hashToken(token);
    return this.#believe(hash, async () => {
      const row = await this.#store.sessionByToken(hash, new Date(this.#now()));
      return row && callerOfSession(row);
    });
  }

  /** Of those who were let in before, who would be let in as the same now: one question to the database for all. */
  async unchanged(callers: Iterable<Caller>): Promise<Set<Caller>> {
    const asked = [...callers];
    const sessions = new Set(asked.flatMap(({ session }) => session ?? []));
    const rows = await this.#store.sessionsById([...sessions], new Date(this.#now()));
    const now = new Map(rows.map((row) => [row.id, callerOfSession(row)]));
    return new Set(
      asked.filter((caller) => {
        if (caller.kind === "admin-token") return true;
        const fresh = caller.session === null ? undefined : now.get(caller.session);
        return fresh !== undefined && isAsBefore(caller, fresh);
      }),
    );
  }

  /** A code that lets one browser in as the lab's first owner, once. */
  async newCode(): Promise<{ code: string; expiresAt: number }> {
    const code = randomBytes(24).toString("base64url");
    const now = this.#now();
    const expiresAt = now + CODE_MS;
    await this.#store.addCode(sha256(code).toString("hex"), new Date(expiresAt), new Date(now));
    return { code, expiresAt };
  }

  /** Uses the code up for a log-in; undefined when it was used before, has expired or never was. */
  async enter(code: string, from: { ip: string; userAgent: string | undefined }): Promise<OpenedSession | undefined> {
    if (!(await this.#store.takeCode(sha256(code).toString("hex"), new Date(this.#now())))) return undefined;
    return this.accounts.openFirstOwner(from);
  }

  async end(session: string): Promise<boolean> {
    this.forget();
    return this.#store.endSession(session);
  }

  /** Believes nobody any more: for whoever changed what somebody may. */
  forget(): void {
    this.#believed.clear();
  }

  async #admin(): Promise<Caller> {
    return {
      actor: FIRST_OWNER,
      name: (await this.#store.userName(FIRST_OWNER)) ?? "Owner",
      kind: "admin-token",
      tenant: LAB_TENANT,
      tenantName: "Lab",
      role: "owner",
      lab: "owner",
      scopes: null,
      session: null,
      expiresAt: null,
    };
  }

  async #believe(key: string, find: () => Promise<Caller | undefined>): Promise<Caller | undefined> {
    const now = this.#now();
    const believed = this.#believed.get(key);
    if (believed && believed.until > now) return believed.caller;
    this.#believed.delete(key);
    const caller = await find();
    if (!caller) return undefined;
    if (this.#believed.size >= MAX_BELIEVED) this.#believed.clear();
    this.#believed.set(key, { caller, until: Math.min(now + BELIEVED_MS, caller.expiresAt ?? Number.POSITIVE_INFINITY) });
    return caller;
  }
}

function callerOfSession(row: LogInRow): Caller {
  return {
    actor: row.userId,
    name: row.userName,
    kind: "person",
    tenant: row.tenant,
    tenantName: row.tenantName,
    role: roleOf(row.role),
    lab: labOf(roleOf(row.labRole)),
    scopes: null,
    session: row.id,
    expiresAt: row.expiresAt?.getTime() ?? null,
  };
}

function roleOf(text: string | null): Role | null {
  const role = Role.safeParse(text);
  return role.success ? role.data : null;
}

function labOf(role: Role | null): "owner" | "operator" | null {
  return role === "owner" || role === "operator" ? role : null;
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
