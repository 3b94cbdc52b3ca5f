/** A phone's files over the API: folders listed whole, paths put together. Names of both sides are checked before anything is made of them. */
import { contract, type FileEntry, type FileList, PhonePath } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import type { ApiClient } from "../api/api-client.js";

const PAGE = 1_000;

export class PhoneFiles {
  readonly #api: ApiClient;
  readonly #id: string;

  constructor(api: ApiClient, id: string) {
    this.#api = api;
    this.#id = id;
  }

  /** All of a folder, page by page. Fails with `file_not_found`, `file_refused` and others of the phone's. */
  async list(path: string): Promise<FileList> {
    let whole: FileList | undefined;
    for (let after: string | null = null; ; ) {
      const words: URLSearchParams = new URLSearchParams({ path, limit: String(PAGE), ...(after === null ? {} : { after }) });
      const page: FileList = await this.#api.ask<FileList>(
        contract.devices.files,
        `/devices/${this.#id}/files?${words.toString()}`,
      );
      whole = whole ? { ...whole, entries: [...whole.entries, ...page.entries] } : page;
      if (page.next === null) return { ...whole, next: null };
      after = page.next;
    }
  }

  /** undefined: there is nothing, or nothing that can be looked at. */
  async find(path: string): Promise<FileEntry | undefined> {
    const at = path.replace(/\/$/, "").lastIndexOf("/");
    const { entries } = await this.list(path.slice(0, at) || "/");
    return entries.find(({ name, raw }) => raw === undefined && name === path.replace(/\/$/, "").slice(at + 1));
  }

  async isFolder(path: string): Promise<boolean> {
    return this.list(path).then(
      () => true,
      (error: unknown) => {
        if (error instanceof PhonerackError && ["file_not_found", "path_invalid", "file_refused"].includes(error.code))
          return false;
        throw error;
      },
    );
  }

  /** Of one file, or of a folder as .tar. */
  contentOf(path: string): string {
    return `/devices/${this.#id}/files/content?path=${encodeURIComponent(path)}`;
  }
}

/** Fails with `path_invalid`. */
export function phonePath(text: string): string {
  const parsed = PhonePath.safeParse(text);
  if (!parsed.success) throw new PhonerackError("path_invalid", `'${text}' ${parsed.error.issues[0]?.message ?? ""}`);
  return parsed.data;
}

export function below(folder: string, name: string): string {
  return phonePath(`${folder.replace(/\/$/, "")}/${name}`);
}
