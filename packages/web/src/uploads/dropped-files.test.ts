import { expect, test } from "vitest";
import { filesDropped } from "./dropped-files.js";

const file = (name: string) => new File(["x"], name);

/** As Chromium gives them: a folder's in parts, until there are no more. */
function entry(path: string, inside?: readonly FileSystemEntry[]): FileSystemEntry {
  const name = path.split("/").at(-1) ?? "";
  if (!inside) return { isDirectory: false, fullPath: path, file: (done: (file: File) => void) => done(file(name)) } as never;
  const left = [...inside];
  const createReader = () => ({ readEntries: (done: (some: unknown[]) => void) => done(left.splice(0, 2)) });
  return { isDirectory: true, fullPath: path, createReader } as never;
}

const transfer = (entries: readonly (FileSystemEntry | null)[], files: readonly File[] = []) =>
  ({ items: entries.map((one) => ({ webkitGetAsEntry: () => one })), files }) as unknown as DataTransfer;
const places = (files: readonly File[]) => files.map(({ name, webkitRelativePath }) => webkitRelativePath || name);

test("files are given as they are", async () => {
  const files = [file("a"), file("b")];
  expect(await filesDropped(transfer([entry("/a"), entry("/b")], files))).toEqual(files);
  expect(await filesDropped(transfer([null], [file("a")]))).toHaveLength(1);
});

test("folders with all that is in them, each file with its place", async () => {
  const deep = entry("/top/deep", [entry("/top/deep/1"), entry("/top/deep/2"), entry("/top/deep/3")]);
  const found = await filesDropped(transfer([entry("/top", [entry("/top/a"), deep, entry("/top/empty", [])]), entry("/b")]));
  expect(places(found)).toEqual(["top/a", "top/deep/1", "top/deep/2", "top/deep/3", "b"]);
});

test("not without end", async () => {
  const many = Array.from({ length: 1_001 }, (_, at) => entry(`/top/${at}`));
  await expect(filesDropped(transfer([entry("/top", many)]))).rejects.toMatchObject({ code: "too_many" });
});
