/** Writing a whole file so that a crash at any moment, of us or of the machine, leaves the old text or the new one, never half of either. */
import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";

/** Resolves when the new text would also survive a loss of power. */
export async function writeAtomically(path: string, text: string): Promise<void> {
  const draft = `${path}.draft`;
  const file = await open(draft, "w", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  // The new name itself is on disk only with its folder.
  const folder = await open(dirname(path), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
