/**
 * Which phone is which, across restarts and addresses. An id is ours and random: boards of one batch share serial numbers, so a serial
 * alone never names a phone. What is matched is how the phone is reached together with what its hardware says of itself.
 */
import { randomBytes } from "node:crypto";
import { readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { PhonerackError } from "@phonerack/contract/bus";
import { writeAtomically } from "../atomic-file.js";

/** What a phone says of itself. `unit` (Android's own id) tells apart boards with one serial, but a factory reset changes it. */
export interface Hardware {
  readonly serial: string;
  readonly manufacturer: string;
  readonly model: string;
  readonly unit: string;
}

interface Known {
  readonly id: string;
  address: string;
  hardware: Hardware | null;
  /** Milliseconds since the Unix epoch. */
  seen: number;
}

/** Records kept; beyond it the ones unseen for longest are forgotten. */
const MOST = 20_000;
const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
const SAVE_DELAY_MS = 100;

export class Identities {
  readonly #path: string;
  readonly #known = new Map<string, Known>();
  readonly #byAddress = new Map<string, Set<Known>>();
  readonly #byUnit = new Map<string, Set<Known>>();
  /** Ids of phones that are connected now, which no other phone can be. */
  readonly #present = new Set<string>();
  #saving: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #onSaveError: (error: unknown) => void;

  private constructor(path: string, onSaveError: (error: unknown) => void) {
    this.#path = path;
    this.#onSaveError = onSaveError;
  }

  /** Reads `identities.json`. A file that is none is put aside, not overwritten: its ids may be in leases and logs. Fails when it may not be read. */
  static async load(dataDir: string, onProblem: (error: unknown) => void): Promise<Identities> {
    const identities = new Identities(join(dataDir, "identities.json"), onProblem);
    let text: string;
    try {
      text = await readFile(identities.#path, "utf8");
    } catch (error) {
      // One that may not be read must not be written over either.
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      return identities;
    }
    try {
      for (const entry of parseKnown(text)) identities.#index(entry);
    } catch (error) {
      onProblem(error);
      await rename(identities.#path, `${identities.#path}.unreadable-${Date.now()}`);
    }
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

  /**
   * The id of the phone at `address` with this hardware, and marks it present until `release`. In order: the phone last met there with
   * the same hardware; the only absent phone with the same hardware and unit elsewhere (it moved); the record made for this
   * address before the phone could be asked; else a new one.
   */
  identify(address: string, hardware: Hardware): string {
    const here = this.#absentAt(address);
    const entry =
      here.find((known) => known.hardware && sameUnit(known.hardware, hardware)) ??
      here.find((known) => known.hardware && sameBoard(known.hardware, hardware)) ??
      this.#moved(hardware) ??
      here.find((known) => !known.hardware) ??
      this.#create(address, hardware);
    this.#unindex(entry);
    entry.address = address;
    entry.hardware = hardware;
    entry.seen = Date.now();
    this.#index(entry);
    this.#present.add(entry.id);
    for (const other of here) if (!other.hardware && other !== entry) this.#forget(other);
    this.#saveSoon();
    return entry.id;
  }

  /** The phone is no longer connected. */
  release(id: string): void {
    this.#present.delete(id);
  }

  /** Writes what is not yet on disk. */
  async stop(): Promise<void> {
    if (this.#timer) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#save();
    }
    await this.#saving;
  }

  /** A board that stands elsewhere now. With more than one that it could be, none: two boards as one is worse than one as two. */
  #moved(hardware: Hardware): Known | undefined {
    if (hardware.serial === "" && hardware.unit === "") return undefined;
    const [only, another] = [...(this.#byUnit.get(unitKey(hardware)) ?? [])];
    return only && !another && !this.#present.has(only.id) ? only : undefined;
  }

  #absentAt(address: string): Known[] {
    const here = [...(this.#byAddress.get(address) ?? [])].filter((entry) => !this.#present.has(entry.id));
    return here.sort((a, b) => b.seen - a.seen);
  }

  #index(entry: Known): void {
    this.#known.set(entry.id, entry);
    put(this.#byAddress, entry.address, entry);
    if (entry.hardware) put(this.#byUnit, unitKey(entry.hardware), entry);
  }

  #unindex(entry: Known): void {
    take(this.#byAddress, entry.address, entry);
    if (entry.hardware) take(this.#byUnit, unitKey(entry.hardware), entry);
  }

  #forget(entry: Known): void {
    this.#unindex(entry);
    this.#known.delete(entry.id);
  }

  #create(address: string, hardware: Hardware | null): Known {
    let id = newId();
    while (this.#known.has(id)) id = newId();
    const entry = { id, address, hardware, seen: Date.now() };
    this.#index(entry);
    this.#saveSoon();
    return entry;
  }

  #saveSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#save();
    }, SAVE_DELAY_MS);
  }

  #save(): void {
    const entries = [...this.#known.values()].sort((a, b) => b.seen - a.seen).slice(0, MOST);
    const text = `${JSON.stringify({ version: 1, devices: entries }, undefined, 1)}\n`;
    this.#saving = this.#saving.then(() => writeAtomically(this.#path, text)).catch(this.#onSaveError);
  }
}

function unitKey(hardware: Hardware): string {
  return JSON.stringify([hardware.serial, hardware.manufacturer, hardware.model, hardware.unit]);
}

function put(index: Map<string, Set<Known>>, key: string, entry: Known): void {
  const found = index.get(key);
  if (found) found.add(entry);
  else index.set(key, new Set([entry]));
}

function take(index: Map<string, Set<Known>>, key: string, entry: Known): void {
  const found = index.get(key);
  found?.delete(entry);
  if (found?.size === 0) index.delete(key);
}

function newId(): string {
  return `d-${Array.from(randomBytes(8), (byte) => ALPHABET[byte % 32]).join("")}`;
}

function sameBoard(a: Hardware, b: Hardware): boolean {
  return a.serial === b.serial && a.manufacturer === b.manufacturer && a.model === b.model;
}

function sameUnit(a: Hardware, b: Hardware): boolean {
  return sameBoard(a, b) && a.unit === b.unit;
}

function parseKnown(text: string): Known[] {
  const json: unknown = JSON.parse(text);
  const devices = typeof json === "object" && json !== null && "devices" in json ? json.devices : undefined;
  if (!Array.isArray(devices)) throw new PhonerackError("data_unwritable", "identities.json is not ours");
  return devices.map((entry: unknown) => {
    if (!isKnown(entry)) throw new PhonerackError("data_unwritable", "identities.json holds an entry that is none");
    return entry;
  });
}

function isKnown(entry: unknown): entry is Known {
  if (typeof entry !== "object" || entry === null) return false;
  const { id, address, hardware, seen } = entry as Partial<Known>;
  const parts =
    hardware === null || hardware === undefined ? [] : [hardware.serial, hardware.manufacturer, hardware.model, hardware.unit];
  return [id, address, ...parts].every((part) => typeof part === "string") && typeof seen === "number" && hardware !== undefined;
}
