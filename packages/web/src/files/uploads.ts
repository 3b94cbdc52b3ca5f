/** Files on their way from this browser onto phones: a few at a time, each through the lab, whole or not at all. Outside React: they go on whatever page is open. */
import { type DeviceId, PhonerackError } from "@phonerack/contract/api";
import { doOnDevice } from "../jobs/do-on-device.js";
import { sendFile } from "../uploads/send-file.js";
import { uploadDoor } from "../uploads/upload-door.js";

const AT_ONCE = 3;

export interface FileUpload {
  readonly key: number;
  readonly name: string;
  readonly path: string;
  readonly state: "waiting" | "sending" | "writing" | "done" | "failed";
  /** 0 to 1. */
  readonly part: number;
  readonly error: unknown;
}

interface Wanted {
  readonly file: File;
  readonly path: string;
  /** Folders that must be there first. */
  readonly folders: readonly string[];
}

/** Each phone's, for as long as one holds it: under another epoch it is begun anew. */
export class UploadsOfPhones {
  readonly #phones = new Map<DeviceId, { readonly epoch: number; readonly uploads: FileUploads }>();

  of(deviceId: DeviceId, epoch: number): FileUploads {
    const known = this.#phones.get(deviceId);
    if (known?.epoch === epoch) return known.uploads;
    known?.uploads.stop();
    const uploads = new FileUploads(deviceId);
    this.#phones.set(deviceId, { epoch, uploads });
    return uploads;
  }
}

export class FileUploads {
  readonly #deviceId: DeviceId;
  readonly #listeners = new Set<() => void>();
  readonly #aborts = new Map<number, AbortController>();
  readonly #queue: { key: number; wanted: Wanted }[] = [];
  readonly #folders = new Map<string, Promise<unknown>>();
  #items: readonly FileUpload[] = [];
  #running = 0;
  #next = 1;

  constructor(deviceId: DeviceId) {
    this.#deviceId = deviceId;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly get = (): readonly FileUpload[] => this.#items;

  /** Into this folder of the phone; what a folder was chosen with keeps its place below it. */
  take(files: readonly File[], folder: string): void {
    for (const file of files) {
      const inside = (file.webkitRelativePath || file.name).split("/");
      const folders = inside.slice(0, -1).map((_, at) => `${folder}/${inside.slice(0, at + 1).join("/")}`);
      const wanted = { file, path: `${folder}/${inside.join("/")}`, folders };
      const key = this.#next++;
      this.#items = [
        ...this.#items,
        { key, name: inside.join("/"), path: wanted.path, state: "waiting", part: 0, error: undefined },
      ];
      this.#queue.push({ key, wanted });
    }
    this.#tell();
    this.#pump();
  }

  giveUp(key: number): void {
    this.#aborts.get(key)?.abort(new Error("given up"));
    this.#items = this.#items.filter((item) => item.key !== key);
    this.#tell();
  }

  clear(): void {
    this.#items = this.#items.filter(({ state }) => state !== "done" && state !== "failed");
    this.#tell();
  }

  stop(): void {
    this.#queue.length = 0;
    for (const abort of this.#aborts.values()) abort.abort(new Error("given up"));
  }

  #pump(): void {
    while (this.#running < AT_ONCE) {
      const next = this.#queue.shift();
      if (!next) return;
      if (!this.#items.some(({ key }) => key === next.key)) continue;
      this.#running++;
      void this.#send(next.key, next.wanted).finally(() => {
        this.#running--;
        this.#pump();
      });
    }
  }

  async #send(key: number, { file, path, folders }: Wanted): Promise<void> {
    const abort = new AbortController();
    this.#aborts.set(key, abort);
    try {
      this.#change(key, { state: "sending" });
      const onProgress = (part: number) => this.#change(key, { part });
      const { sha256, size } = await sendFile(file, { onProgress, signal: abort.signal }, uploadDoor);
      this.#change(key, { state: "writing", part: 1 });
      for (const folder of folders) await this.#folder(folder);
      await doOnDevice(this.#deviceId, { type: "put", path, sha256, size });
      this.#change(key, { state: "done" });
    } catch (error) {
      this.#change(key, { state: "failed", error });
    } finally {
      this.#aborts.delete(key);
    }
  }

  /** Several files of one folder need it made once. */
  #folder(path: string): Promise<unknown> {
    const making =
      this.#folders.get(path) ??
      doOnDevice(this.#deviceId, { type: "make-folder", path }).catch((error: unknown) => {
        if (!(error instanceof PhonerackError) || error.code !== "file_exists") throw error;
      });
    this.#folders.set(path, making);
    return making;
  }

  #change(key: number, change: Partial<FileUpload>): void {
    this.#items = this.#items.map((item) => (item.key === key ? { ...item, ...change } : item));
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
