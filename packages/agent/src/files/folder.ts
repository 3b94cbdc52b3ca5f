/** What is in a folder of one phone. */
import { type FileList, PhonerackError } from "@phonerack/contract/bus";
import type { PhoneAtWork } from "../workbench/phone-at-work.js";

export interface FolderPage {
  readonly path: string;
  readonly after: string | null;
  readonly limit: number;
}

/** Fails with `file_not_found`, `file_refused` or `path_invalid`. */
export async function listFolder(_phone: PhoneAtWork, _page: FolderPage): Promise<FileList> {
  throw new PhonerackError("not_found", "folder");
}
