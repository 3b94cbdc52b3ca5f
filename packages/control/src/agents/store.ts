/** The SQL of joined agents and the codes with which they join. Holds hashes only; what they are made of is `joined-agents.ts`. */
import { and, eq, gt, lt } from "drizzle-orm";
import type { Db } from "../database/database.js";
import { agents, joinCodes } from "../database/schema.js";

export interface AgentRow {
  readonly id: string;
  readonly host: string;
  readonly joinedAt: Date;
  readonly joinedBy: string;
  readonly tokenHash: string;
  readonly publicKey: string;
}

/** Undoes the transaction: the code stays good. */
class NameTaken extends Error {}

export class AgentStore {
  readonly #db: Promise<Db>;

  /** `db` may still be opening. */
  constructor(db: Promise<Db>) {
    this.#db = db;
  }

  async all(): Promise<AgentRow[]> {
    const db = await this.#db;
    return db.select().from(agents);
  }

  async byToken(tokenHash: string): Promise<AgentRow | undefined> {
    const db = await this.#db;
    const [row] = await db.select().from(agents).where(eq(agents.tokenHash, tokenHash));
    return row;
  }

  async addCode(code: { hash: string; createdBy: string; expiresAt: Date }, now: Date): Promise<void> {
    const db = await this.#db;
    await db.delete(joinCodes).where(lt(joinCodes.expiresAt, now));
    await db.insert(joinCodes).values(code);
  }

  /** Uses the code up for the agent: of two who bring it at the same time, one is told `joined`. A name that is taken leaves it good. */
  async join(codeHash: string, agent: Omit<AgentRow, "joinedBy">): Promise<AgentRow | "no-code" | "name-taken"> {
    const db = await this.#db;
    try {
      return await db.transaction(async (tx) => {
        const [code] = await tx
          .delete(joinCodes)
          .where(and(eq(joinCodes.hash, codeHash), gt(joinCodes.expiresAt, agent.joinedAt)))
          .returning();
        if (!code) return "no-code" as const;
        const [row] = await tx
          .insert(agents)
          .values({ ...agent, joinedBy: code.createdBy })
          .onConflictDoNothing({ target: agents.id })
          .returning();
        if (!row) throw new NameTaken();
        return row;
      });
    } catch (error) {
      if (error instanceof NameTaken) return "name-taken";
      throw error;
    }
  }

  /** Whether there was one. */
  async remove(id: string): Promise<boolean> {
    const db = await this.#db;
    const removed = await db.delete(agents).where(eq(agents.id, id)).returning({ id: agents.id });
    return removed.length > 0;
  }
}
