/** What `bin/phonerack.js` and `npm start` run. */
import { runCli } from "./program.js";

process.exitCode = await runCli(process.argv.slice(2));
