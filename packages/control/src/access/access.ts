/**
 * Who may come in: the admin token, log-ins (by cookie or as a token) and API keys. Knows nothing of HTTP; `guard.ts` stands at the door,
 * better-auth behind `accounts.ts` makes the log-ins.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { atLeast, LAB_TENANT, Role } from "@phonerack/contract/bus";
import { type Accounts, KEY_PREFIX, type OpenedSession } from "./accounts.js";
import { type Caller, isAsBefore } from "./caller.js";
import { KEY_ACTOR, readGrant } from "./key-grant.js";
import { type AccessStore, FIRST_OWNER, type KeyRow, type LogInRow } from "./store.js";
import { hashToken } from "./token-hashes.js";

export type { Caller } from "./caller.js";

const CODE_MS = 10 * 60_000;
/** How long somebody is believed without asking the database again; what another replica ended lives at most this much longer. */
const BELIEVED_MS = 500;
const MAX_BELIEVED = 1_000;

export interface AccessParts {
  readonly token: string;
  readonly store: AccessStore;
  readonly accounts: Accounts;
  /** Tells the other replicas that somebody may do something else from now on. */
  readonly announce: () => void;
  readonly now?: () => number;
}

export class Access {
  readonly token: string;
  readonly accounts: Accounts;
  readonly #store: AccessStore;
  readonly #now: () => number;
  readonly #announce: () => void;
  readonly #tokenHash: Buffer;
  readonly #believed = new Map<string, { caller: Caller; until: number }>();

  constructor(parts: AccessParts) {
    this.token = parts.token;
    this.accounts = parts.accounts;
    this.#store = parts.store;
    this.#now = parts.now ?? Date.now;
    this.#announce = parts.announce;
    this.#tokenHash = sha256(parts.token);
  }

  /** `Authorization: Bearer …`: the admin token, an API key, or a log-in's token. */
  async byBearer(token: string): Promise<Caller | undefined> {
    // Compared by hash, so that the time it takes tells nothing of the token or its length.
    if (timingSafeEqual(sha256(token), this.#tokenHash)) return this.#believe("admin", () => this.#admin());
    if (token.startsWith(KEY_PREFIX)) return this.#believe(hashToken(token), () => this.#byKey(token));
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

  async #byKey(key: string): Promise<Caller | undefined> {
    const id = await this.accounts.keyId(key);
    if (id === undefined) return undefined;
    const [row] = await this.#store.keysById([id], new Date(this.#now()));
    return row && callerOfKey(row);
  }

  /** Of those who were let in before, who would be let in as the same now: one question to the database for all log-ins, one for all keys. */
  async unchanged(callers: Iterable<Caller>): Promise<Set<Caller>> {
    const asked = [...callers];
    const now = new Date(this.#now());
    const sessions = new Set(asked.flatMap(({ session }) => session ?? []));
    const keys = new Set(asked.flatMap((caller) => (caller.kind === "key" ? caller.actor.slice(KEY_ACTOR.length) : [])));
    const [logIns, grants] = await Promise.all([
      this.#store.sessionsById([...sessions], now),
      this.#store.keysById([...keys], now),
    ]);
    const fresh = new Map<string, Caller | undefined>();
    for (const row of logIns) fresh.set(row.id, callerOfSession(row));
    for (const row of grants) fresh.set(KEY_ACTOR + row.id, callerOfKey(row));
    return new Set(
      asked.filter((caller) => {
        if (caller.kind === "admin-token") return true;
        const same = fresh.get(caller.session ?? caller.actor);
        return same !== undefined && isAsBefore(caller, same);
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
    const ended = await this.#store.endSession(session);
    this.changed();
    return ended;
  }

  /** For whoever changed what somebody may: here and at the other replicas nobody is believed any more. */
  changed(): void {
    this.doubt();
    this.#announce();
  }

  /** Believes nobody any more without asking. */
  doubt(): void {
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

/** Undefined when what is kept with the key does not say what it may. */
function callerOfKey(row: KeyRow): Caller | undefined {
  const grant = readGrant(row.grant);
  const theirs = roleOf(row.role);
  if (!grant || !theirs) return undefined;
  const role = atLeast(theirs, grant.role) ? grant.role : theirs;
  return {
    actor: KEY_ACTOR + row.id,
    name: row.name ?? "a key",
    kind: "key",
    tenant: row.tenant,
    tenantName: row.tenantName,
    role,
    lab: row.tenant === LAB_TENANT ? labOf(role) : null,
    scopes: grant.scopes,
    session: null,
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
