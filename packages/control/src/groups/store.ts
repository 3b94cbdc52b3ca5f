/** The SQL of groups. Two controls may write the same group: what must hold is asked of the row as it stands, in the same transaction. */
import { and, desc, eq, inArray, isNotNull, isNull, type SQL, sql } from "drizzle-orm";
import type { Db } from "../database/database.js";
import { groups } from "../database/schema.js";
import { rows } from "../leases/transaction.js";
import type { GroupChange, GroupRow, MemberRow, RecordedStep } from "./rows.js";

/** A recording that is longer is not one that anybody replays. */
export const MOST_RECORDED = 1_000;

/** Everything but what was recorded, which may be long and is read only when somebody wants it. */
const COLUMNS = {
  id: groups.id,
  tenant: groups.tenant,
  leaseId: groups.leaseId,
  actor: groups.actor,
  actorName: groups.actorName,
  name: groups.name,
  aim: groups.aim,
  leader: groups.leader,
  mode: groups.mode,
  paused: groups.paused,
  recording: groups.recording,
  stepsPerSecond: groups.stepsPerSecond,
  agreed: groups.agreed,
  replayer: groups.replayer,
  members: groups.members,
  createdAt: groups.createdAt,
  endedAt: groups.endedAt,
  endReason: groups.endReason,
};

type Read = Omit<GroupRow, "createdAt" | "endedAt"> & { createdAt: Date; endedAt: Date | null };

export interface GroupQuery {
  /** Undefined: of all. */
  readonly tenant: string | undefined;
  readonly ended: boolean | undefined;
  readonly limit: number;
}

export class GroupStore {
  readonly #db: Promise<Db>;

  /** `db` may still be opening. */
  constructor(db: Promise<Db>) {
    this.#db = db;
  }

  async open(): Promise<GroupRow[]> {
    return this.#read(isNull(groups.endedAt));
  }

  async byIds(ids: readonly string[]): Promise<GroupRow[]> {
    return ids.length === 0 ? [] : this.#read(inArray(groups.id, [...ids]));
  }

  async list({ tenant, ended, limit }: GroupQuery): Promise<GroupRow[]> {
    const wanted: SQL[] = [];
    if (tenant !== undefined) wanted.push(eq(groups.tenant, tenant));
    if (ended !== undefined) wanted.push(ended ? isNotNull(groups.endedAt) : isNull(groups.endedAt));
    return this.#read(and(...wanted), limit);
  }

  /**
   * Makes it, with the first `seqs` numbers of steps for whoever makes it. Two that start groups of one lease at once wait for each other: the
   * second is told which device is in a group already, or that the lease is over.
   */
  async insert(row: GroupRow, seqs: number): Promise<"made" | "lease-over" | { readonly taken: string; readonly by: string }> {
    const db = await this.#db;
    return db.transaction(async (tx) => {
      const [lease] = await rows<{ phase: string }>(tx, sql`SELECT phase FROM leases WHERE id = ${row.leaseId} FOR UPDATE`);
      if (lease?.phase !== "active") return "lease-over";
      const others = await tx
        .select({ name: groups.name, id: groups.id, members: groups.members })
        .from(groups)
        .where(and(eq(groups.leaseId, row.leaseId), isNull(groups.endedAt)));
      const wanted = new Set(row.members.map(({ id }) => id));
      for (const other of others) {
        const both = other.members.find(({ id, out }) => out !== "dropped" && wanted.has(id));
        if (both) return { taken: both.id, by: other.name || other.id };
      }
      await tx.insert(groups).values({
        ...row,
        members: [...row.members],
        recorded: [],
        lastSeq: seqs,
        createdAt: new Date(row.createdAt),
        endedAt: null,
      });
      return "made";
    });
  }

  /** Undefined when it has ended. Recording that begins anew begins empty. */
  async change(id: string, { members, ...change }: GroupChange): Promise<GroupRow | undefined> {
    const db = await this.#db;
    const found = await db
      .update(groups)
      .set({
        ...change,
        ...(members && { members: [...members] }),
        ...(change.recording && { recorded: sql`CASE WHEN ${groups.recording} THEN ${groups.recorded} ELSE '[]'::jsonb END` }),
      })
      .where(and(eq(groups.id, id), isNull(groups.endedAt)))
      .returning(COLUMNS);
    return found.map(rowOf)[0];
  }

  /** Its members as `change` makes them of those there are; undefined when it has ended. */
  async changeMembers(id: string, change: (row: GroupRow) => GroupChange): Promise<GroupRow | undefined> {
    const db = await this.#db;
    return db.transaction(async (tx) => {
      const [before] = await tx
        .select(COLUMNS)
        .from(groups)
        .where(and(eq(groups.id, id), isNull(groups.endedAt)))
        .for("update");
      if (!before) return undefined;
      const { members, ...others } = change(rowOf(before));
      const after = { ...others, members: [...(members ?? before.members)] };
      await tx.update(groups).set(after).where(eq(groups.id, id));
      return rowOf({ ...before, ...after });
    });
  }

  /** Undefined when somebody else ended it before. What was recorded and not saved as a flow is forgotten, since it may hold what was typed. */
  async end(id: string, at: number, reason: string): Promise<GroupRow | undefined> {
    const db = await this.#db;
    const found = await db
      .update(groups)
      .set({ endedAt: new Date(at), endReason: reason, mode: "hand", replayer: null, recording: false })
      .where(and(eq(groups.id, id), isNull(groups.endedAt)))
      .returning(COLUMNS);
    return found.map(rowOf)[0];
  }

  /** The last of `count` numbers that are the caller's alone; undefined when it has ended. */
  async takeSeqs(id: string, count: number): Promise<number | undefined> {
    const db = await this.#db;
    const [found] = await db
      .update(groups)
      .set({ lastSeq: sql`${groups.lastSeq} + ${count}` })
      .where(and(eq(groups.id, id), isNull(groups.endedAt)))
      .returning({ last: groups.lastSeq });
    return found?.last;
  }

  /** Only while it records and has room; false when it has not. */
  async record(id: string, steps: readonly RecordedStep[]): Promise<boolean> {
    const db = await this.#db;
    const room = sql`jsonb_array_length(${groups.recorded}) + ${steps.length} <= ${MOST_RECORDED}`;
    const found = await db
      .update(groups)
      .set({ recorded: sql`${groups.recorded} || ${JSON.stringify(steps)}::jsonb` })
      .where(and(eq(groups.id, id), eq(groups.recording, true), room))
      .returning({ id: groups.id });
    return found.length > 0;
  }

  async recorded(id: string): Promise<RecordedStep[]> {
    const db = await this.#db;
    const [found] = await db.select({ recorded: groups.recorded }).from(groups).where(eq(groups.id, id));
    return (found?.recorded ?? []) as RecordedStep[];
  }

  async #read(where: SQL | undefined, limit = 10_000): Promise<GroupRow[]> {
    const db = await this.#db;
    const found = await db.select(COLUMNS).from(groups).where(where).orderBy(desc(groups.createdAt)).limit(limit);
    return found.map(rowOf);
  }
}

function rowOf({ createdAt, endedAt, ...row }: Read): GroupRow {
  return {
    ...row,
    members: row.members as readonly MemberRow[],
    createdAt: createdAt.getTime(),
    endedAt: endedAt?.getTime() ?? null,
  };
}
