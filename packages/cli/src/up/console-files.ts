/** Where the built console is in this checkout. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The console as `npm run build` left it; without it control serves the API alone. */
export function consoleFiles(): { webRoot: string } | Record<string, never> {
  const webRoot = fileURLToPath(new URL("../../../web/dist", import.meta.url));
  return existsSync(join(webRoot, "index.html")) ? { webRoot } : {};
}
