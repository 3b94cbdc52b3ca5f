/** `node scripts/reference.mjs`: writes docs/cli.md and docs/api.md from the built commands and the contract. Tests compare them. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { build, main, root } from "./packages.mjs";

main(async () => {
  build();
  const built = (path) => import(join(root, "packages", path));
  const [{ createProgram }, { cliReference }, { apiReference }] = await Promise.all([
    built("cli/dist/program.js"),
    built("cli/dist/reference.js"),
    built("control/dist/http/reference.js"),
  ]);
  writeFileSync(join(root, "docs/cli.md"), cliReference(createProgram()));
  writeFileSync(join(root, "docs/api.md"), apiReference());
});
