/** The SQL of sessions and one-time codes. Holds hashes only; what they are made of is `access.ts`. */
import { and, eq, gt, lt } from "drizzle-orm";
import type { Db } from "../database/database.js";
import { loginCodes, sessions } from "../database/schema.js";

export interface SessionRow {
  readonly hash: string;
  readonly actor: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

export class AccessStore {
  readonly #db: Promise<Db>;

  /** `db` may still be opening. */
  constructor(db: Promise<Db>) {
    this.#db = db;
  }

  async addSession(row: SessionRow): Promise<void> {
    const db = await this.#db;
    await db.delete(sessions).where(lt(sessions.expiresAt, row.createdAt));
    await db.insert(sessions).values(row);
  }

  async session(hash: string, now: Date): Promise<SessionRow | undefined> {
    const db = await this.#db;
    const [row] = await db
      .select()
      .from(sessions)
      .where(and(eq(sessions.hash, hash), gt(sessions.expiresAt, now)));
    return row;
  }

  /** Whether there was one. */
  async endSession(hash: string): Promise<boolean> {
    const db = await this.#db;
    const ended = await db.delete(sessions).where(eq(sessions.hash, hash)).returning({ hash: sessions.hash });
    return ended.length > 0;
  }

  async addCode(hash: string, expiresAt: Date, now: Date): Promise<void> {
    const db = await this.#db;
    await db.delete(loginCodes).where(lt(loginCodes.expiresAt, now));
    await db.insert(loginCodes).values({ hash, expiresAt });
  }

  /** Takes the code away: of two who bring it at the same time, one is told true. */
  async takeCode(hash: string, now: Date): Promise<boolean> {
    const db = await this.#db;
    const taken = await db
      .delete(loginCodes)
      .where(and(eq(loginCodes.hash, hash), gt(loginCodes.expiresAt, now)))
      .returning({ hash: loginCodes.hash });
    return taken.length > 0;
  }
}
