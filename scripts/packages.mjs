/**
 * What a checkout needs before anything of ours can run: npm packages, a build, and for tests Debian's programs.
 * Plain Node without dependencies, because it runs before there are any. Says what it does on stderr; stdout stays free.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** What `packages/cli` is compiled of, itself included. */
const PROGRAM = ["contract", "policy", "android-wire", "apk", "virtual-phone", "agent", "control", "cli"];

/** Packages whose newest file decides whether the console must be bundled again. */
const CONSOLE_SOURCES = ["packages/web", "packages/contract/src", "packages/policy/src", "packages/android-wire/src"];

export class SetupError extends Error {}

export function say(line) {
  process.stderr.write(`phonerack: ${line}\n`);
}

export function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new SetupError(`Node ${process.versions.node} is too old; install Node 20.19 or newer.`);
}

/** Runs a program with its output on stderr; throws a SetupError with one sentence when it fails. */
export function run(command, args, whatFailed) {
  const done = spawnSync(command, args, { cwd: root, stdio: ["ignore", 2, 2] });
  if (done.status === 0) return;
  throw new SetupError(
    `${whatFailed} (${[command, ...args].join(" ")} ended with ${done.status ?? done.signal ?? done.error?.message}).`,
  );
}

/** Installs npm packages when node_modules is missing or was made from another package-lock.json. */
export function installPackages() {
  const lock = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  const stamp = join(root, "node_modules/.phonerack-lock");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  say("installing packages …");
  run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], "npm could not install the packages; check the network");
  writeFileSync(
    stamp,
    createHash("sha256")
      .update(readFileSync(join(root, "package-lock.json")))
      .digest("hex"),
  );
}

/** Compiles what changed, tests too, and bundles the console when its sources changed. */
export function build() {
  say("compiling …");
  run(process.execPath, [join(root, "node_modules/.bin/tsc"), "-b"], "the sources do not compile");
  bundleConsole();
}

/** Compiles and bundles what runs, and nothing at all when nothing changed since: what `npm start` waits for. */
export function buildToRun() {
  const compiled = PROGRAM.every((name) => existsSync(join(root, "packages", name, "dist/.tsbuildinfo")));
  whenChanged(
    { name: "program", folders: ["packages/policy/node", ...PROGRAM.map((name) => `packages/${name}/src`)], built: compiled },
    () => {
      say("compiling …");
      run(process.execPath, [join(root, "node_modules/.bin/tsc"), "-b", "packages/cli"], "the sources do not compile");
    },
  );
  bundleConsole();
}

function bundleConsole() {
  const built = existsSync(join(root, "packages/web/dist/index.html"));
  whenChanged({ name: "console", folders: CONSOLE_SOURCES, built }, () => {
    say("bundling the console …");
    run(
      "npm",
      ["run", "build", "--silent", "--workspace", "@phonerack/web", "--", "--logLevel", "warn"],
      "the console could not be bundled",
    );
  });
}

/** Does the work unless it was done for just these files and what it made is still there. */
function whenChanged({ name, folders, built }, work) {
  const stamp = join(root, ".build", `${name}-sources`);
  const sources = fingerprint(folders);
  if (built && existsSync(stamp) && readFileSync(stamp, "utf8") === sources) return;
  work();
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, sources);
}

/** Names, sizes and times of all files below the folders, as one digest. */
function fingerprint(folders) {
  const hash = createHash("sha256");
  for (const folder of folders) {
    for (const name of readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).sort((a, b) => (a < b ? -1 : 1))) {
      if (/(^|\/)(dist|node_modules)(\/|$)/.test(name)) continue;
      const { size, mtimeMs } = statSync(join(root, folder, name));
      hash.update(`${folder}/${name} ${size} ${mtimeMs}\n`);
    }
  }
  return hash.digest("hex");
}

/** A program's path, looked for on PATH and where Debian keeps servers. */
export function findProgram(name) {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  const postgres = "/usr/lib/postgresql";
  if (existsSync(postgres)) folders.push(...readdirSync(postgres).map((version) => join(postgres, version, "bin")));
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** Installs Debian packages whose programs are missing: with apt when root on Debian, else one sentence says what to install. */
export function installPrograms(programs) {
  const missing = Object.entries(programs).filter(([program]) => findProgram(program) === undefined);
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map(([, name]) => name))];
  if (process.getuid?.() !== 0 || findProgram("apt-get") === undefined) {
    throw new SetupError(
      `the tests need ${packages.join(", ")}; install them (Debian: sudo apt-get install ${packages.join(" ")}).`,
    );
  }
  say(`installing ${packages.join(", ")} …`);
  process.env.DEBIAN_FRONTEND = "noninteractive";
  run("apt-get", ["update", "-qq"], "apt-get could not read its package lists");
  run(
    "apt-get",
    ["install", "-y", "-qq", "--no-install-recommends", ...packages],
    "apt-get could not install the programs the tests need",
  );
}

/** Ends the process with one sentence for a SetupError; anything else is a bug and keeps its stack. */
export function main(work) {
  Promise.resolve()
    .then(work)
    .catch((error) => {
      if (!(error instanceof SetupError)) throw error;
      say(error.message);
      process.exit(1);
    });
}
