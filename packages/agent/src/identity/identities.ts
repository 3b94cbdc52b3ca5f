/**
 * Which phone is which, across restarts, addresses and reflashes. An id is ours and random: boards of one batch share serial numbers, so a
 * serial alone never names a phone. What is matched is what survives a reflash (hardware.ts), else how the phone is reached together with
 * what it says of itself; where more than one story fits, the phone gets an id of its own and a person is asked.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { type Doubt, PhonerackError } from "@phonerack/contract/bus";
import { KeptFile, readKept } from "../kept-file.js";
import { compareIds, type Hardware, idList, sameBoard, sameUnit } from "./hardware.js";
import { type Known, parseKnown, textOf } from "./known-file.js";

/** Records kept; beyond it the ones unseen for longest are forgotten. */
const MOST = 20_000;
const MOST_CANDIDATES = 8;
const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

/** Who a phone is: a record, or none yet, with those that it may be after all. */
interface Match {
  readonly entry?: Known | undefined;
  readonly doubt?: Doubt | null;
}

export class Identities {
  /** Called with the id of a phone whose doubt changed by what happened to others. */
  onDoubt: (id: string) => void = () => undefined;
  readonly #kept: KeptFile;
  readonly #known = new Map<string, Known>();
  readonly #byAddress = new Index<Known>();
  /** By serial, maker and model. */
  readonly #byBoard = new Index<Known>();
  /** By each id of its hardware. */
  readonly #byId = new Index<Known>();
  readonly #doubted = new Set<Known>();
  /** Ids of phones that are connected now, which no other phone can be. */
  readonly #present = new Set<string>();

  private constructor(path: string, onProblem: (error: unknown) => void) {
    const text = () => textOf([...this.#known.values()].sort(latestFirst).slice(0, MOST));
    this.#kept = new KeptFile({ path, text, onProblem });
  }

  /** Reads `identities.json`: one that is not ours is put aside, its ids may be in leases and logs. Fails when it may not be read. */
  static async load(dataDir: string, onProblem: (error: unknown) => void): Promise<Identities> {
    const path = join(dataDir, "identities.json");
    const identities = new Identities(path, onProblem);
    for (const entry of (await readKept(path, parseKnown, onProblem)) ?? []) identities.#index(entry);
    return identities;
  }

  /** The id of the phone last met at this address, else undefined. Good enough to say "lost"; `identify` decides. */
  lastAt(address: string): string | undefined {
    return this.#absentAt(address)[0]?.id;
  }

  /** An id for a phone that we cannot ask yet, e.g. because it does not trust us. */
  provisional(address: string): string {
    return this.lastAt(address) ?? this.#create(address, null).id;
  }

  /** Who it could be besides, while a person has not said. */
  doubtOf(id: string): Doubt | null {
    return this.#known.get(id)?.doubt ?? null;
  }

  /** The id of the phone at `address` with this hardware, and marks it present until `release`. `doubtOf` it tells whether that is sure. */
  identify(address: string, hardware: Hardware): string {
    const here = this.#absentAt(address);
    const match = this.#match(here, hardware);
    const entry = match.entry ?? here.find((known) => !known.hardware) ?? this.#create(address, hardware);
    this.#change(entry, {
      address,
      // A phone that once told an id and now does not (a network's own Wi-Fi address hides it) still has it.
      hardware: { ...hardware, ids: { ...(match.entry && entry.hardware?.ids), ...hardware.ids } },
      doubt: match.entry ? entry.doubt : (match.doubt ?? null),
      seen: Date.now(),
    });
    this.#present.add(entry.id);
    for (const other of here) if (!other.hardware && other !== entry) this.#forget(other);
    this.#ruleOut(entry.id);
    return entry.id;
  }

  /** The phone is no longer connected. */
  release(id: string): void {
    this.#present.delete(id);
  }

  /**
   * A person says who a doubtful phone is: one of its candidates, which then has its address and hardware while `id` is no more, or (null)
   * one of its own. Fails with `identity_settled` when nobody doubts it, or it cannot be that one.
   * @returns the id that the phone has from now on
   */
  settle(id: string, same: string | null): string {
    const entry = this.#known.get(id);
    if (!entry?.doubt) throw new PhonerackError("identity_settled", "nobody doubts who it is");
    if (same === null) {
      this.#change(entry, { doubt: null });
      return id;
    }
    const old = this.#known.get(same);
    if (!old || !entry.doubt.candidates.includes(same) || this.#present.has(same)) {
      throw new PhonerackError("identity_settled", `it cannot be ${same}`);
    }
    const { address, hardware, seen } = entry;
    this.#present.delete(id);
    this.#forget(entry);
    this.#change(old, { address, hardware, seen });
    this.#ruleOut(id);
    return same;
  }

  /**
   * Resolves when all that is known now is on disk, or could not be written, which is told. To be awaited before anything is built on an id: a killed agent
   * that gave the phone another one would find neither its hold nor its fence again.
   */
  async saved(): Promise<void> {
    await this.#kept.saved().catch(() => undefined);
  }

  /** Writes what is not yet on disk. */
  stop(): Promise<void> {
    return this.#kept.stop();
  }

  /**
   * In order: who has the same hardware ids, here, else at the only other place; without ids to compare, who was here with the same unit,
   * the only one elsewhere with it, and who was here with the same serial (it was reset at its place). Else nobody, and those with the same
   * serial elsewhere, or with ids that agree only in part, may be it.
   */
  #match(here: readonly Known[], hardware: Hardware): Match {
    const told = this.#withSameIds(hardware);
    const sameHere = told.find((known) => here.includes(known));
    if (sameHere) return { entry: sameHere };
    if (told.length === 1 && !this.#present.has(told[0]?.id ?? "")) return { entry: told[0] };
    const untold = (known: Known) => known.hardware !== null && compareIds(known.hardware.ids, hardware.ids) === "untold";
    const hereUntold = here.filter(untold);
    const entry =
      hereUntold.find((known) => known.hardware && sameUnit(known.hardware, hardware)) ??
      this.#movedUnit(hardware) ??
      hereUntold.find((known) => known.hardware && sameBoard(known.hardware, hardware));
    return entry && told.length === 0 ? { entry } : { doubt: this.#doubtOver(told, hardware) };
  }

  /** All whose ids agree with these, present ones too: ids that two have are nobody's own. */
  #withSameIds(hardware: Hardware): Known[] {
    return this.#sharing(hardware)
      .filter((known) => known.hardware && compareIds(known.hardware.ids, hardware.ids) === "same")
      .sort(latestFirst);
  }

  #sharing(hardware: Hardware): Known[] {
    return [...new Set(idList(hardware.ids).flatMap((id) => this.#byId.get(id)))];
  }

  /** A board without ids that stands elsewhere now. With more than one that it could be, none: two boards as one is worse than one as two. */
  #movedUnit(hardware: Hardware): Known | undefined {
    if (hardware.unit === "") return undefined;
    const [only, another] = this.#byBoard
      .get(boardKey(hardware))
      .filter((known) => known.hardware?.unit === hardware.unit && compareIds(known.hardware.ids, hardware.ids) === "untold");
    return only && !another && !this.#present.has(only.id) ? only : undefined;
  }

  #doubtOver(told: readonly Known[], hardware: Hardware): Doubt | null {
    const absent = (known: Known) => !this.#present.has(known.id);
    const mixed = this.#sharing(hardware).filter(
      (known) => known.hardware && compareIds(known.hardware.ids, hardware.ids) === "mixed",
    );
    const alike = hardware.serial === "" ? [] : this.#byBoard.get(boardKey(hardware));
    const untold = alike.filter((known) => known.hardware && compareIds(known.hardware.ids, hardware.ids) === "untold");
    const why =
      told.length > 0
        ? "its hardware ids are those of more than one phone"
        : mixed.length > 0
          ? "some of its hardware ids are the same, some are not"
          : "it has the same serial and model but stands elsewhere and was reset, and its hardware tells no ids to compare";
    const candidates = [...new Set([...told, ...mixed, ...untold])].filter(absent).sort(latestFirst).slice(0, MOST_CANDIDATES);
    return candidates.length === 0 ? null : { candidates: candidates.map(({ id }) => id), why };
  }

  /** This one is itself, or no more: nobody else can be it. */
  #ruleOut(id: string): void {
    for (const entry of Array.from(this.#doubted)) {
      const { doubt } = entry;
      if (entry.id === id || !doubt?.candidates.includes(id)) continue;
      const candidates = doubt.candidates.filter((candidate) => candidate !== id);
      this.#change(entry, { doubt: candidates.length === 0 ? null : { ...doubt, candidates } });
      this.onDoubt(entry.id);
    }
  }

  #absentAt(address: string): Known[] {
    return this.#byAddress
      .get(address)
      .filter((entry) => !this.#present.has(entry.id))
      .sort(latestFirst);
  }

  #change(entry: Known, change: Partial<Omit<Known, "id">>): void {
    this.#unindex(entry);
    Object.assign(entry, change);
    this.#index(entry);
    this.#saveSoon();
  }

  #index(entry: Known): void {
    this.#known.set(entry.id, entry);
    this.#byAddress.put(entry.address, entry);
    if (entry.doubt) this.#doubted.add(entry);
    if (!entry.hardware) return;
    this.#byBoard.put(boardKey(entry.hardware), entry);
    for (const id of idList(entry.hardware.ids)) this.#byId.put(id, entry);
  }

  #unindex(entry: Known): void {
    this.#byAddress.take(entry.address, entry);
    this.#doubted.delete(entry);
    if (!entry.hardware) return;
    this.#byBoard.take(boardKey(entry.hardware), entry);
    for (const id of idList(entry.hardware.ids)) this.#byId.take(id, entry);
  }

  #forget(entry: Known): void {
    this.#unindex(entry);
    this.#known.delete(entry.id);
    this.#saveSoon();
  }

  #create(address: string, hardware: Hardware | null): Known {
    let id = newId();
    while (this.#known.has(id)) id = newId();
    const entry: Known = { id, address, hardware, seen: Date.now(), doubt: null };
    this.#index(entry);
    this.#saveSoon();
    return entry;
  }

  #saveSoon(): void {
    this.#kept.change();
    this.#kept.saveSoon();
  }
}

/** Several under one key. */
class Index<T> {
  readonly #sets = new Map<string, Set<T>>();

  get(key: string): T[] {
    return [...(this.#sets.get(key) ?? [])];
  }

  put(key: string, value: T): void {
    const found = this.#sets.get(key);
    if (found) found.add(value);
    else this.#sets.set(key, new Set([value]));
  }

  take(key: string, value: T): void {
    const found = this.#sets.get(key);
    found?.delete(value);
    if (found?.size === 0) this.#sets.delete(key);
  }
}

function latestFirst(a: Known, b: Known): number {
  return b.seen - a.seen;
}

function boardKey({ serial, manufacturer, model }: Hardware): string {
  return JSON.stringify([serial, manufacturer, model]);
}

function newId(): string {
  return `d-${Array.from(randomBytes(8), (byte) => ALPHABET[byte % 32]).join("")}`;
}
