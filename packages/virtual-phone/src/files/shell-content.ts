/** The content provider of com.android.shell: its `bugreports` folder, as `content://com.android.shell/bugreports/NAME`. */
import type { PhoneFiles } from "./file-system.js";

const FOLDER = "/data/user_de/0/com.android.shell/files/bugreports";
/** An app that opens a page reads it whole. */
const MOST = 1024 * 1024;

/** Undefined when there is no such file, or it is larger than anybody shows. */
export async function readShellContent(files: PhoneFiles, uri: string): Promise<Uint8Array | undefined> {
  const [, name] = /^content:\/\/com\.android\.shell\/bugreports\/([\w.-]+)$/.exec(uri) ?? [];
  if (name === undefined || name.startsWith(".")) return undefined;
  try {
    const source = files.open(`${FOLDER}/${name}`);
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of source) {
      bytes += chunk.length;
      if (bytes > MOST) return undefined;
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch {
    return undefined;
  }
}
