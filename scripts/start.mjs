/**
 * `npm start`: a fresh clone to a running lab. Installs, builds, then becomes `phonerack up` in this same process, so that
 * Ctrl-C reaches it directly. Arguments go on: `npm start -- --port 8080`.
 */
import { buildToRun, checkNode, installPackages, main } from "./packages.mjs";

main(async () => {
  checkNode();
  installPackages();
  buildToRun();
  process.argv.splice(2, 0, "up");
  await import("../packages/cli/bin/phonerack.js");
});
