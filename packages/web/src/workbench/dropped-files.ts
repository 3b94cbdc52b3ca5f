/** What becomes of files that are dropped on phones: APKs are installed, together where they are parts of one app; anything else goes into the phones' Download folder. */
import { PhonerackError } from "@phonerack/contract/api";

export interface DroppedFiles {
  readonly apks: readonly File[];
  readonly others: readonly File[];
}

/** Throws for bundles: they are no app that a phone could take, and their hint says what to do. */
export function sortFiles(files: readonly File[]): DroppedFiles {
  const ends = (file: File, end: string) => file.name.toLowerCase().endsWith(end);
  const bundle = files.find((file) => ends(file, ".aab"));
  if (bundle) throw new PhonerackError("aab_refused", bundle.name);
  return { apks: files.filter((file) => ends(file, ".apk")), others: files.filter((file) => !ends(file, ".apk")) };
}

/** Where a file without another place goes, as browsers on Android do. */
export const DOWNLOADS = "/sdcard/Download";

/** Where it lies below, of a folder, and its name, as Android's file systems take them: whatever has a meaning in paths is replaced. */
export function downloadPath({ name, webkitRelativePath }: Pick<File, "name" | "webkitRelativePath">): string {
  const parts = webkitRelativePath ? webkitRelativePath.split("/") : [name];
  return [DOWNLOADS, ...parts.map(plainName)].join("/");
}

function plainName(name: string): string {
  const plain = name.replaceAll(/[/\\\p{Cc}]/gu, "_").trim();
  return plain === "" || plain === "." || plain === ".." ? "file" : plain;
}
