/** The fence as a part of the agent: before cleaning, before a baseline, at the agent's start, and on the bus. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeMessage, encodeMessage, FenceOrder, FenceReply, subjects } from "@phonerack/contract/bus";
import { afterEach, expect, test } from "vitest";
import { at, closeLabs, type Lab, openLab } from "../../test/agent-lab.js";

afterEach(closeLabs);

const BAZAAR = "com.example.bazaar";
const VAULT = "dev.phonerack.vault";

const disabled = async (lab: Lab) => (await lab.phone().run("pm list packages -d")).stdout;

/** As a crash leaves it: journalled, and as far disabled as it came. */
async function crash(lab: Lab, id: string): Promise<void> {
  await lab.agent.stop();
  const fences = { [id]: [BAZAAR, "dev.phonerack.blocks"] };
  await writeFile(join(lab.options.dataDir, "fences.json"), JSON.stringify({ version: 1, fences }));
  await lab.phone().run(`pm disable-user --user 0 ${BAZAAR}`);
}

test("enables at its start what it had disabled, and takes no baseline before", async () => {
  const lab = await openLab({ limits: { baselineAfterMs: 0 } });
  const { id } = await lab.state("ready");
  await lab.phone().run(`pm disable-user --user 0 ${VAULT}`);
  await crash(lab, id);
  await lab.restart();
  await lab.until(() => lab.report()?.fence === undefined && lab.report()?.state === "ready");
  expect(await disabled(lab)).toBe(`package:${VAULT}\n`);
  const baseline = join(lab.options.dataDir, "baselines", `${id}.json`);
  await expect.poll(() => readFile(baseline, "utf8").catch(() => ""), { timeout: 10_000 }).not.toBe("");
  const { packages } = JSON.parse(await readFile(baseline, "utf8"));
  expect([packages[BAZAAR].disabled, packages[VAULT].disabled]).toEqual([false, true]);
});

test("enables it before it cleans, also when the lease ended while it was away", async () => {
  const lab = await openLab({ limits: { baselineAfterMs: 0 } });
  const { id } = await lab.state("ready");
  await lab.lease(id, { until: Date.now() + 600 });
  await crash(lab, id);
  await lab.restart();
  const report = await lab.until(() => lab.report()?.hold.phase === "free" && lab.report());
  expect(report.hold.note).toBeNull();
  expect(report.fence).toBeUndefined();
  expect(await disabled(lab)).toBe("");
});

test("tells whoever looks at the phone what it would disable", async () => {
  const lab = await openLab();
  const { id } = await lab.leased();
  const ask = (order: FenceOrder) =>
    lab.bus
      .request(subjects.fence(at(id)), encodeMessage(FenceOrder, order), { timeoutMs: 10_000 })
      .then((reply) => decodeMessage(FenceReply, reply));
  const preview = await ask({ epoch: lab.epochOf(id), notAfter: Date.now() + 2_000 });
  expect(preview).toMatchObject({ deviceId: id, ask: false });
  expect(preview.packages.map((one) => one.package)).toContain(BAZAAR);
  expect(preview.packages.map((one) => one.package)).not.toContain("com.android.settings");
  await expect(ask({ epoch: lab.epochOf(id) + 1, notAfter: Date.now() + 2_000 })).rejects.toMatchObject({ code: "epoch_stale" });
});
