/** What `bin/phonerack.js` and `npm start` run. */
import { runCli } from "./program.js";

// Whoever read our output has seen enough, e.g. `head`.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});
process.exitCode = await runCli(process.argv.slice(2));
