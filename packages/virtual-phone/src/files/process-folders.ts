/** `/proc/PID` of each process and `/proc/self`: made when looked at. */
import { FILE_TYPE, type FileNode, type LiveFolder, type LiveSource, type Node } from "./node.js";

const PROC_INO = 1_000_000;

export const liveProcessFolders: LiveFolder = {
  list(source: LiveSource): ReadonlyMap<string, Node> {
    const found = new Map<string, Node>();
    for (const process of source.processes()) {
      const facts = { ino: PROC_INO + process.pid * 8, uid: process.uid, gid: process.uid, mtime: 0, owner: null };
      const mode = FILE_TYPE.dir | 0o555;
      found.set(String(process.pid), { ...facts, kind: "dir", mode, children: processFiles(process) });
    }
    return found;
  },
};

function processFiles(process: { pid: number; uid: number; name: string; args?: string }): Map<string, Node> {
  const file = (index: number, text: string): FileNode => ({
    kind: "file",
    ino: PROC_INO + process.pid * 8 + index,
    mode: FILE_TYPE.file | 0o444,
    uid: process.uid,
    gid: process.uid,
    mtime: 0,
    owner: null,
    content: { live: () => text },
  });
  // The kernel keeps the last 15 characters of an app's name as its thread name, since ActivityThread sets it so.
  const comm = process.name.slice(-15);
  return new Map<string, Node>([
    ["cmdline", file(1, `${process.args?.replaceAll(" ", "\0") ?? process.name}\0`)],
    ["comm", file(2, `${comm}\n`)],
    ["oom_score_adj", file(3, "0\n")],
    [
      "status",
      file(
        4,
        `Name:\t${comm}\nState:\tS (sleeping)\nTgid:\t${process.pid}\nPid:\t${process.pid}\nUid:\t${`${process.uid}\t`.repeat(4).trim()}\n`,
      ),
    ],
  ]);
}
