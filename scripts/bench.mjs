/** `npm run bench -- NAME --json`: builds what changed, then becomes `phonerack bench NAME`. */
import { buildToRun, checkNode, installPackages, main } from "./packages.mjs";

main(async () => {
  checkNode();
  installPackages();
  buildToRun();
  process.argv.splice(2, 0, "bench");
  await import("../packages/cli/bin/phonerack.js");
});
