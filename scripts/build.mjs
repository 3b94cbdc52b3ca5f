/** `npm run build`: installs what is missing, compiles, bundles the console. */
import { build, checkNode, installPackages, main } from "./packages.mjs";

main(() => {
  checkNode();
  installPackages();
  build();
});
