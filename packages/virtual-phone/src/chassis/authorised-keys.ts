/** The hosts a phone trusts for good: in memory, and in a file where the chassis has a data folder. */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { AuthorisedKeys } from "../adbd/services.js";

const MAX_KEYS = 100;

/** @param path undefined: forgotten at the end. */
export function authorisedKeys(path: string | undefined): AuthorisedKeys {
  let loaded: Promise<string[]> | undefined;
  const load = (): Promise<string[]> => (loaded ??= path ? readKeys(path) : Promise.resolve([]));
  return {
    all: () => load(),
    async add(key) {
      const keys = await load();
      if (keys.includes(key)) return;
      keys.push(key);
      if (keys.length > MAX_KEYS) keys.shift();
      if (path) await save(path, keys);
    },
  };
}

async function readKeys(path: string): Promise<string[]> {
  try {
    const text = await readFile(path, "utf8");
    return text.split("\n").filter(Boolean).slice(-MAX_KEYS);
  } catch {
    // No file yet, or an unreadable one: as a phone whose keys were cleared, it asks again.
    return [];
  }
}

async function save(path: string, keys: readonly string[]): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, `${keys.join("\n")}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
