/** The SQL of sign-on providers: rows that better-auth's sso reads when somebody logs in. */
import { and, asc, eq } from "drizzle-orm";
import { signOnProviders } from "../database/auth-schema.js";
import type { Db } from "../database/database.js";

export type SignOnRow = typeof signOnProviders.$inferSelect;

export class SignOnStore {
  readonly #db: Promise<Db>;

  /** `db` may still be opening. */
  constructor(db: Promise<Db>) {
    this.#db = db;
  }

  async list(tenant: string): Promise<SignOnRow[]> {
    const db = await this.#db;
    return db
      .select()
      .from(signOnProviders)
      .where(eq(signOnProviders.organizationId, tenant))
      .orderBy(asc(signOnProviders.domain));
  }

  async ofDomain(domain: string): Promise<SignOnRow | undefined> {
    const db = await this.#db;
    const [row] = await db.select().from(signOnProviders).where(eq(signOnProviders.domain, domain));
    return row;
  }

  async add(row: SignOnRow): Promise<void> {
    const db = await this.#db;
    await db.insert(signOnProviders).values(row);
  }

  async remove(tenant: string, id: string): Promise<boolean> {
    const db = await this.#db;
    const gone = await db
      .delete(signOnProviders)
      .where(and(eq(signOnProviders.organizationId, tenant), eq(signOnProviders.id, id)))
      .returning({ id: signOnProviders.id });
    return gone.length > 0;
  }
}
