/**
 * What a cleaner is: it makes a phone again what it was before a lease, and tells how each thing was found. When a phone is cleaned, how
 * often it is tried and what follows from the record is the business of `hold/`; how it is done is this folder's.
 */
import type { CleanRecord } from "@phonerack/contract/bus";
import type { Logger } from "pino";
import type { ServerJar } from "../mirror/server-jar.js";
import type { PhoneLink } from "../transports/link.js";

export interface CleanOrder {
  readonly deviceId: string;
  /** Goes into the record as it is. */
  readonly epoch: number;
  /** Ends with a restart of the phone, and with it the clipboard and whatever else only memory holds. */
  readonly reboot: boolean;
  /** It gets no route out: its radios stay off, whatever it was like when its baseline was taken. */
  readonly isolated: boolean;
  /** Aborted when the phone is cleaned for nobody any more, or for too long: give up, at once. */
  readonly signal: AbortSignal;
  /** What is being done now, in a few words for people: "removing 2 packages". */
  onProgress(note: string): void;
}

export interface Cleaner {
  /**
   * Cleans and verifies. What is not as it should be stands in the record (`clean: false`); it rejects only with the signal's reason or when
   * the connection was lost without our doing, and is then called again, from the beginning, once the phone is back.
   */
  clean(order: CleanOrder): Promise<CleanRecord>;
  /** Takes what is on the phone now as what should be, and keeps it on disk. @returns when, in milliseconds since the Unix epoch. */
  takeBaseline(deviceId: string): Promise<number>;
  /** When the phone's baseline was taken; null when it has none. */
  baselineAt(deviceId: string): number | null;
}

export interface CleanerParts {
  /** The agent's; a cleaner keeps its files in a folder of its own there. */
  readonly dataDir: string;
  readonly log: Logger;
  /** The clipboard is reached through it; it is the one file that stays in the shell's folder. */
  readonly jar: ServerJar;
  /**
   * The connection to a phone that is connected and prepared: the present one, else the next. After `link.life` has ended (a restart) ask again.
   * Rejects with the signal's reason.
   */
  ready(deviceId: string, signal: AbortSignal): Promise<PhoneLink>;
}

/** Made once by `startAgent`. Fails when its files may not be read. */
export type CreateCleaner = (parts: CleanerParts) => Promise<Cleaner>;
