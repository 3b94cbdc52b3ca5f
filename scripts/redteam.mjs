/**
 * `npm run redteam -- --json`: everything that this machine must not be good for, tried on the real stack (docs/redteam.md). Installs and builds what it needs;
 * exit 1 when one scenario fails.
 *
 *   --json        one JSON document instead of a table
 *   --small       3 virtual phones and 6 that count as real, as in the tests, instead of 20 of each and 50 shell organisations
 *   --only NAME   only scenarios whose name has this in it
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildToRun, checkNode, installPackages, installPrograms, main, root, SetupError, say } from "./packages.mjs";

const SIZES = { small: { phones: 3, real: 6, shells: 6 }, full: { phones: 20, real: 20, shells: 50 } };

/** Runs the suite; its own words go to stderr, since stdout is for what came of it. */
function attack({ small, only }) {
  const folder = mkdtempSync(join(tmpdir(), "phonerack-redteam-"));
  const report = join(folder, "report.json");
  const size = small ? SIZES.small : SIZES.full;
  const env = {
    ...process.env,
    REDTEAM_PHONES: String(size.phones),
    REDTEAM_REAL: String(size.real),
    REDTEAM_SHELLS: String(size.shells),
    REDTEAM_REPORT: report,
    ...(only !== undefined && { REDTEAM_ONLY: only }),
  };
  const vitest = join(root, "node_modules/.bin/vitest");
  try {
    const { status } = spawnSync(vitest, ["run", "e2e/src/redteam.test.ts"], { cwd: root, env, stdio: ["ignore", 2, 2] });
    return { clean: status === 0, scenarios: readReport(report) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8")).scenarios;
  } catch {
    throw new SetupError("The red team came to no end; what it said stands above.");
  }
}

const WIDTHS = [64, 9, 7, 8, 6, 8];
const row = (cells) =>
  cells.map((cell, at) => (at === 0 ? String(cell).padEnd(WIDTHS[0]) : String(cell).padStart(WIDTHS[at]))).join(" ");

function table(scenarios) {
  const lines = [`  ${row(["", "ATTEMPTS", "LANDED", "DENIALS", "TWIN", "CONTROL"])}`];
  for (const { name, passed, attempts, landed, denials, twin, control, knownOpen } of scenarios) {
    const mark = !passed ? "✗" : knownOpen === null ? "✓" : "○";
    lines.push(`${mark} ${row([name, attempts, landed, denials, twin ? "works" : "fails", control])}`);
    if (knownOpen !== null) lines.push(`    known to be open: ${knownOpen}`);
  }
  return `${lines.join("\n")}\n`;
}

main(() => {
  const { values } = parseArgs({
    options: { json: { type: "boolean" }, small: { type: "boolean" }, only: { type: "string" } },
  });
  checkNode();
  installPackages();
  installPrograms({ adb: "adb" });
  buildToRun();
  const { clean, scenarios } = attack(values);
  process.stdout.write(values.json ? `${JSON.stringify({ scenarios })}\n` : table(scenarios));
  if (scenarios.length === 0) say("No scenario has such a name.");
  process.exitCode = clean && scenarios.length > 0 && scenarios.every(({ passed }) => passed) ? 0 : 1;
});
