/** The record of each device's last cleaning, one file a device: it must outlive us until control has it, and it is too large for one file for all. */
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { CleanRecord } from "@phonerack/contract/bus";
import { writeAtomically } from "../atomic-file.js";

export class CleanRecords {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(dataDir: string): Promise<CleanRecords> {
    const folder = join(dataDir, "cleanings");
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return new CleanRecords(folder);
  }

  /** Resolves when it is on disk. */
  async keep(record: CleanRecord): Promise<void> {
    await writeAtomically(this.#pathOf(record.deviceId), `${JSON.stringify(CleanRecord.parse(record))}\n`);
  }

  /** The last one; undefined when there is none, or none that can be read. */
  async last(deviceId: string): Promise<CleanRecord | undefined> {
    try {
      return CleanRecord.parse(JSON.parse(await readFile(this.#pathOf(deviceId), "utf8")));
    } catch {
      return undefined;
    }
  }

  #pathOf(deviceId: string): string {
    return join(this.#folder, `${deviceId}.json`);
  }
}
