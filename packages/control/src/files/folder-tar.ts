/** A folder of a device as a tar archive, made while it is read. A name that is no text, and what is no file, folder or link, are left out. */
import { once } from "node:events";
import { Readable } from "node:stream";
import { type FileEntry, type FileList, PhonerackError } from "@phonerack/contract/bus";
import { type Pack, pack } from "tar-stream";
import type { Asks } from "../workbench/asks.js";
import type { Pipes } from "../workbench/pipes.js";
import { type FileSpot, openPhoneFile } from "./phone-file.js";

const PAGE = 1_000;
const MOST_ENTRIES = 200_000;
const DEEPEST = 60;

export interface TarParts {
  readonly asks: Pick<Asks, "ask">;
  readonly pipes: Pick<Pipes, "open">;
}

/** @param name how the folder is called in the archive. The stream breaks with the reason where something cannot be read whole. */
export function folderTar(parts: TarParts, spot: FileSpot, name: string): Readable {
  const archive = pack();
  // Whoever reads the stream is told; an error that nobody hears would end the process.
  archive.on("error", nothing);
  const stream = Readable.from(archive, { objectMode: false });
  const walk = new Walk(parts, spot, archive);
  stream.on("error", nothing).once("close", () => {
    archive.destroy();
    walk.end();
  });
  walk.folder(spot.path, name, 0).then(
    () => archive.finalize(),
    (error: Error) => archive.destroy(error),
  );
  return stream;
}

class Walk {
  readonly #parts: TarParts;
  readonly #spot: FileSpot;
  readonly #archive: Pack;
  readonly #ended = new AbortController();
  #reading: Readable | undefined;
  #entries = 0;

  constructor(parts: TarParts, spot: FileSpot, archive: Pack) {
    this.#parts = parts;
    this.#spot = spot;
    this.#archive = archive;
  }

  /** An archive that nobody reads any more must not keep the device reading. */
  end(): void {
    this.#ended.abort();
    this.#reading?.destroy();
  }

  async folder(path: string, name: string, depth: number): Promise<void> {
    this.#ended.signal.throwIfAborted();
    if (depth > DEEPEST) throw new PhonerackError("too_large", `deeper than ${DEEPEST} folders`);
    this.#archive.entry({ name: `${name}/`, type: "directory", mode: 0o755 });
    const { who, deviceId } = this.#spot;
    const folders: string[] = [];
    for (let after: string | null = null; ; ) {
      const question: { type: "folder"; path: string; after: string | null; limit: number } = {
        type: "folder",
        path,
        after,
        limit: PAGE,
      };
      const { list }: { list: FileList } = await this.#parts.asks.ask(who, deviceId, question);
      this.#entries += list.entries.length;
      if (this.#entries > MOST_ENTRIES) throw new PhonerackError("too_large", `more than ${MOST_ENTRIES} files`);
      for (const entry of list.entries) {
        if (entry.raw !== undefined) continue;
        if (entry.kind === "folder") folders.push(entry.name);
        else await this.#entry(`${path.replace(/\/$/, "")}/${entry.name}`, `${name}/${entry.name}`, entry);
      }
      after = list.next;
      if (after === null) break;
    }
    for (const child of folders) await this.folder(`${path.replace(/\/$/, "")}/${child}`, `${name}/${child}`, depth + 1);
  }

  async #entry(path: string, name: string, { kind, target, mode, modifiedAt }: FileEntry): Promise<void> {
    const mtime = new Date(modifiedAt);
    if (kind === "link" && target !== null) this.#archive.entry({ name, type: "symlink", linkname: target, mtime });
    if (kind !== "file") return;
    this.#ended.signal.throwIfAborted();
    const file = await openPhoneFile(this.#parts.pipes, { ...this.#spot, path });
    const sink = this.#archive.entry({ name, size: file.size, mode, mtime });
    sink.on("error", nothing);
    this.#reading = file.bytes();
    const { signal } = this.#ended;
    for await (const piece of this.#reading) if (!sink.write(piece)) await once(sink, "drain", { signal });
    sink.end(undefined);
  }
}

function nothing(): void {}
