/** Which object store this control uses. */
import { join } from "node:path";
import { FolderStore } from "./folder-store.js";
import type { ObjectStore } from "./object-store.js";

export type StorageChoice =
  /** The data folder's own `objects`, for one control. */
  { readonly kind: "folder" };

/** Fails with `data_unwritable`. */
export async function openStorage(_choice: StorageChoice, dataDir: string): Promise<ObjectStore> {
  return FolderStore.open(join(dataDir, "objects"));
}
