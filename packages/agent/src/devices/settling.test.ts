/** Who is who, with real virtual phones: boards that share their serial, and a person who is asked. */
import { decodeMessage, encodeMessage, IdentityOrder, IdentityReply, PhonerackError, subjects } from "@phonerack/contract/bus";
import { afterEach, expect, test } from "vitest";
import { at, closeLabs, type Lab, openLab, SOON_MS } from "../../test/agent-lab.js";

afterEach(closeLabs);

const plug = (lab: Lab, slot: number) => lab.agent.connect({ host: "127.0.0.1", port: lab.phone(slot).port });

/** Two phones of one model that say one serial and tell no hardware ids; the second is off. */
async function openTwins(): Promise<Lab> {
  const lab = await openLab({
    count: 2,
    models: ["v2"],
    faults: ["*:duplicate-serial", "*:untold-hardware"],
    connect: false,
  });
  plug(lab, 1);
  await lab.state("ready");
  return lab;
}

async function settle(lab: Lab, id: string, same: string | null): Promise<string> {
  const order = encodeMessage(IdentityOrder, { same });
  return decodeMessage(IdentityReply, await lab.bus.request(subjects.identity(at(id)), order, { timeoutMs: SOON_MS })).id;
}

/** The first phone is taken out; what may be it, moved and reset, is put in elsewhere. */
async function openDoubt(): Promise<{ lab: Lab; old: string; now: string }> {
  const lab = await openTwins();
  const old = lab.report()?.id ?? "";
  await lab.phone(1).stop();
  await lab.state("lost");
  plug(lab, 2);
  const now = await lab.until(() => {
    const report = lab.report(2);
    return report?.state === "ready" && report.doubt !== null && report;
  });
  expect(now.doubt).toMatchObject({ candidates: [old] });
  return { lab, old, now: now.id };
}

test("boards with one serial are two by what their hardware tells", async () => {
  const lab = await openLab({ count: 2, models: ["v2"], faults: ["*:duplicate-serial"] });
  const [one, two] = [await lab.state("ready", 1), await lab.state("ready", 2)];
  expect(one.serial).toBe(two.serial);
  expect(one.id).not.toBe(two.id);
  expect(one.hardware).toHaveLength(2);
  expect(new Set([...(one.hardware ?? []), ...(two.hardware ?? [])]).size).toBe(4);
  expect([one.doubt, two.doubt]).toEqual([null, null]);
});

test("a doubtful board takes its old id when a person says so, and the new one is withdrawn", async () => {
  const { lab, old, now } = await openDoubt();
  expect(await settle(lab, now, old)).toBe(old);
  await lab.until(() => {
    const report = lab.reports.get(old);
    return report?.state === "ready" && report.address.endsWith(`:${lab.phone(2).port}`) && report.doubt === null;
  });
  expect(lab.gone).toContain(now);
  await expect(settle(lab, now, old)).rejects.toThrow(PhonerackError);
});

test("a doubtful board stays one of its own when a person says so", async () => {
  const { lab, old, now } = await openDoubt();
  expect(await settle(lab, now, null)).toBe(now);
  await lab.until(() => lab.reports.get(now)?.doubt === null);
  await expect(settle(lab, now, old)).rejects.toMatchObject({ code: "identity_settled" });
  expect(lab.reports.get(now)?.state).toBe("ready");
});

test("a doubt ends when the other one is back", async () => {
  const { lab, old, now } = await openDoubt();
  await lab.phone(1).start();
  await lab.until(() => lab.reports.get(old)?.state === "ready" && lab.reports.get(now)?.doubt === null);
});
