/** Files of the lab that this host has: each is sent here once, however many phones need it. */
import { PhonerackError, type Pipe, type PipeService } from "@phonerack/contract/bus";

export class Blobs {
  readonly #folder: string;

  constructor({ folder }: { folder: string }) {
    this.#folder = folder;
  }

  /** Throws away what a crash left half written. */
  async start(): Promise<void> {}

  /** Takes one from control. Refuses by throwing (`host_full`); what it gives back serves the pipe to its end. */
  async receive(_service: Extract<PipeService, { type: "blob" }>): Promise<(pipe: Pipe) => Promise<void>> {
    throw new PhonerackError("not_found", this.#folder);
  }

  /** Its path on this host; fails with `blob_not_found`. Used as long as `release` was not called. */
  async use(_sha256: string): Promise<{ readonly path: string; readonly size: number; release(): void }> {
    throw new PhonerackError("blob_not_found");
  }
}
