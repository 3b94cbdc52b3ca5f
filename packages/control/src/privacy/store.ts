/** Privacy's way into the database: what is kept of somebody, its erasure, and what goes by itself. The SQL is beside it, one file for each. */
import type { Erasure, KeptKind, PersonalData, PrivacyDays } from "@phonerack/contract/api";
import type { Db } from "../database/database.js";
import { erase, replaceIds, settle } from "./erasing.js";
import { type Person, personOf } from "./person.js";
import { countsOf, handsOf, leavesOf, pseudonymOf, recordsOf } from "./records.js";
import { sweepOnce } from "./sweep.js";

export class PrivacyStore {
  readonly #db: Promise<Db>;

  /** `db` may still be opening. */
  constructor(db: Promise<Db>) {
    this.#db = db;
  }

  async person(id: string): Promise<Person | undefined> {
    return personOf(await this.#db, id);
  }

  async counts(person: Person): Promise<Partial<Record<KeptKind, number>>> {
    return countsOf(await this.#db, person);
  }

  /** How they log in and from where is left out where it is not they who ask. */
  async kept(person: Person, byThemselves: boolean): Promise<Omit<PersonalData, "at" | "person">> {
    const db = await this.#db;
    const { records, cut } = await recordsOf(db, person, byThemselves);
    const { leaves, cut: leavesCut } = await leavesOf(db, person);
    const { hands, cut: handsCut } = await handsOf(db, person);
    const missing = [...cut, ...(leavesCut ? ["leaves"] : []), ...(handsCut ? ["hands"] : [])];
    return { pseudonym: await pseudonymOf(db, person.id), leaves, hands, records, cut: missing };
  }

  /** Fails with `member_not_found` and `last_owner`. */
  async erase(id: string, how: { alias: string; now: number }): Promise<Erasure> {
    return (await this.#db).transaction((tx) => erase(tx, id, how));
  }

  /** What came in after they were erased, and was under way before. */
  async eraseAgain(person: Person, alias: string): Promise<void> {
    await (await this.#db).transaction((tx) => replaceIds(tx, person, alias));
  }

  /** What was left of erasures, as far as it can be done now. */
  async settle(now: number): Promise<void> {
    await (await this.#db).transaction((tx) => settle(tx, now));
  }

  /** @returns whether there may be more */
  async sweep(days: PrivacyDays, now: number): Promise<boolean> {
    return sweepOnce(await this.#db, days, now);
  }
}
