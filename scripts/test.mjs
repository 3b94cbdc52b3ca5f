/**
 * `npm test`: installs what the tests need, builds, then formatting, lint, types and all tests. Each gate counts as one test, so that
 * the closing line `N passed, N failed` tells the whole truth; the exit code is 0 only when nothing failed.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, checkNode, installPackages, installPrograms, main, root, SetupError, say } from "./packages.mjs";

/** Program → Debian package: the peers that our tests meet for real. */
const PEERS = {
  adb: "adb",
  chromium: "chromium",
  ffmpeg: "ffmpeg",
  "nats-server": "nats-server",
  initdb: "postgresql",
  // Another machine on this one, and its browser's certificates.
  ip: "iproute2",
  certutil: "libnss3-tools",
};

const bin = (name) => join(root, "node_modules/.bin", name);

function gate(name, command, args) {
  say(`${name} …`);
  const passed = spawnSync(command, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] }).status === 0;
  if (!passed) say(`${name} FAILED`);
  return passed;
}

/** What failed, said again beneath the tests: their pages of output are all that a cut log keeps. */
function sayFailures(names) {
  for (const name of names) say(`${name} FAILED: see above, or run it alone with npm run check`);
}

/** Runs vitest and returns its own counts; a run that produced no report counts as one failure. */
function runTests() {
  const folder = mkdtempSync(join(tmpdir(), "phonerack-test-"));
  const report = join(folder, "report.json");
  const args = ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...process.argv.slice(2)];
  const clean = gate("tests", bin("vitest"), args);
  try {
    const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(readFileSync(report, "utf8"));
    const brokenFiles = testResults.filter(
      (file) => file.status === "failed" && file.assertionResults.every((t) => t.status !== "failed"),
    );
    const failed = numFailedTests + brokenFiles.length;
    return { passed: numPassedTests, failed: clean ? failed : Math.max(failed, 1), skipped: numPendingTests };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main(() => {
  checkNode();
  installPackages();
  installPrograms(PEERS);
  let built = true;
  try {
    build();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(error.message);
    built = false;
  }
  const gates = {
    build: built,
    "formatting and import walls": gate("formatting and import walls", bin("biome"), ["ci", "--colors=off", "."]),
    lint: gate("lint", bin("oxlint"), ["--type-aware"]),
  };
  const tests = built ? runTests() : { passed: 0, failed: 0, skipped: 0 };
  const failures = Object.keys(gates).filter((name) => !gates[name]);
  sayFailures(failures);
  const passed = Object.keys(gates).length - failures.length + tests.passed;
  const failed = failures.length + tests.failed;
  process.stdout.write(`\n${passed} passed, ${failed} failed${tests.skipped > 0 ? `, ${tests.skipped} skipped` : ""}\n`);
  process.exitCode = failed === 0 ? 0 : 1;
});
