/** What leases need to know of organisations and people: names, how many there are, who is a member. Accounts themselves are `access/`. */
import { type Bus, ControlChanged, decodeMessage, Role, subjects } from "@phonerack/contract/bus";
import { sql } from "drizzle-orm";
import type { Logger } from "pino";
import type { Db } from "../database/database.js";

/** Another replica's news may be lost: read again at least so often. */
const AGAIN_MS = 60_000;

export interface TenantsParts {
  /** May still be opening. */
  readonly db: Promise<Db>;
  readonly bus: Bus;
  readonly log: Logger;
}

export class Tenants {
  readonly #parts: TenantsParts;
  readonly #names = new Map<string, string>();
  readonly #subscription: { unsubscribe(): void };
  readonly #timer: NodeJS.Timeout;

  constructor(parts: TenantsParts) {
    this.#parts = parts;
    this.#subscription = parts.bus.subscribe(subjects.changed, ({ payload }) => {
      if (decodeMessage(ControlChanged, payload).access) this.#readSoon();
      return undefined;
    });
    this.#timer = setInterval(() => this.#readSoon(), AGAIN_MS);
  }

  async start(): Promise<void> {
    const found = await this.#rows<{ id: string; name: string }>(sql`SELECT id, name FROM organizations`);
    this.#names.clear();
    for (const { id, name } of found) this.#names.set(id, name);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#subscription.unsubscribe();
  }

  /** The id itself for one that was made a moment ago, until it has been read. */
  readonly name = (id: string): string => {
    const name = this.#names.get(id);
    if (name === undefined) this.#readSoon();
    return name ?? id;
  };

  get many(): boolean {
    return this.#names.size > 1;
  }

  /** By id or e-mail address. */
  readonly memberOf = async (
    tenant: string,
    idOrEmail: string,
  ): Promise<{ actor: string; name: string; role: Role } | undefined> => {
    const [found] = await this.#rows<{ actor: string; name: string; role: string }>(
      sql`SELECT u.id AS actor, u.name, m.role FROM members m JOIN users u ON u.id = m.user_id
        WHERE m.organization_id = ${tenant} AND (u.id = ${idOrEmail} OR lower(u.email) = ${idOrEmail.toLowerCase()})`,
    );
    const role = Role.safeParse(found?.role);
    return found && role.success ? { ...found, role: role.data } : undefined;
  };

  #readSoon(): void {
    this.start().catch((error: unknown) => this.#parts.log.warn({ err: error }, "the organisations could not be read"));
  }

  async #rows<T>(query: ReturnType<typeof sql>): Promise<T[]> {
    const result = (await (await this.#parts.db).execute(query)) as unknown as { rows: T[] };
    return result.rows;
  }
}
