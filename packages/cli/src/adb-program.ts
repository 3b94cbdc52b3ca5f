/** Whether adb is on this machine: a missing one is a failure only for those who need it. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import type { AgentOptions } from "@phonerack/agent";
import { PhonerackError } from "@phonerack/contract/bus";

/** `--adb PATH`, `--adb`, `--no-adb`, or nothing said. */
export type AdbFlag = string | boolean | undefined;

/** Nothing said: USB phones are found if adb is there. Asked for: fails with `adb_missing` if it is not. */
export function chooseAdb(flag: AdbFlag, needed: boolean): AgentOptions["adb"] {
  if (flag === false) return { enabled: false };
  if (typeof flag === "string") {
    if (!isProgram(flag)) throw new PhonerackError("adb_missing", `there is no program ${flag}`);
    return { enabled: true, path: flag };
  }
  const found = findAdb();
  if (found) return { enabled: true, path: found };
  if (needed || flag === true) throw new PhonerackError("adb_missing");
  return { enabled: false };
}

/** undefined: it is not in PATH. */
export function findAdb(): string | undefined {
  return (process.env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, "adb"))
    .find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
