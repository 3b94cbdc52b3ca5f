/**
 * What this machine must not be good for, tried on the real stack: each attempt lands nowhere (read from the phones by plain adb), is refused with its reason in the lab's
 * log, has a lawful twin that works, and lands on a phonerack that lets everything through. `npm run redteam` runs the same with more phones.
 */
import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run as command } from "./phonerack.js";
import { SCENARIOS } from "./redteam/all.js";
import { allowAll } from "./redteam/allow-all.js";
import { RedLab } from "./redteam/red-lab.js";
import { type Outcome, run } from "./redteam/scenario.js";

const PHONES = Number(process.env.REDTEAM_PHONES ?? 3);
const ONLY = process.env.REDTEAM_ONLY;

let lab: RedLab;
let open: RedLab;
const outcomes: Outcome[] = [];

beforeAll(async () => {
  lab = await RedLab.start({ phones: PHONES });
  open = await RedLab.start({ phones: PHONES, env: await allowAll() });
}, 300_000);
afterAll(async () => {
  await lab?.stop();
  await open?.stop();
  if (process.env.REDTEAM_REPORT) await writeFile(process.env.REDTEAM_REPORT, JSON.stringify({ scenarios: outcomes }));
});

test.each(SCENARIOS.filter(({ name }) => !ONLY || name.includes(ONLY)).map((scenario) => [scenario.name, scenario] as const))(
  "%s",
  async (_name, scenario) => {
    const outcome = await run(scenario, { lab, open });
    outcomes.push(outcome);
    expect(outcome, JSON.stringify(outcome)).toMatchObject({ passed: true });
    // Each decision again, by the rules of this build.
    const { code, stdout } = await command("audit", "verify", "--replay", "--data", lab.data, "--json");
    expect({ code, found: code === 0 ? [] : stdout }).toEqual({ code: 0, found: [] });
  },
  300_000,
);
