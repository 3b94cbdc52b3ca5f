/** The gate as a part of the agent: budgets of hands, scripts and their fence, grounds from the bus. */
import {
  AgentBeat,
  decodeMessage,
  encodeMessage,
  GroundsOrder,
  GroundsReply,
  type Input,
  subjects,
} from "@phonerack/contract/bus";
import { NOTES, SAMPLES_SIGNER } from "@phonerack/virtual-phone";
import { afterEach, expect, test } from "vitest";
import { AGENT, closeLabs, type Lab, openLab, SOON_MS } from "../../test/agent-lab.js";

afterEach(closeLabs);

const BAZAAR = "com.example.bazaar";
const TENANT = "t-1";
const TAP: Input = { type: "tap", x: 1, y: 1_000 };
const TEXT: Input = { type: "text", text: "nice" };

async function prove(lab: Lab, version = 1): Promise<Record<string, number>> {
  const owned = [{ id: "a-notesproved", package: NOTES, signer: SAMPLES_SIGNER }];
  const order = encodeMessage(GroundsOrder, { grounds: [{ tenant: TENANT, version, owned, permits: [] }] });
  return decodeMessage(GroundsReply, await lab.bus.request(subjects.grounds(AGENT), order, { timeoutMs: SOON_MS })).versions;
}

/** The id of a phone that is lent to the tenant and shows this app. */
async function facing(lab: Lab, name: string): Promise<string> {
  const { id } = await lab.state("ready");
  await lab.lease(id, { tenant: TENANT });
  await bring(lab, name);
  return id;
}

async function bring(lab: Lab, name: string): Promise<void> {
  await lab.phone().run(`monkey -p ${name} -c android.intent.category.LAUNCHER 1`);
  await lab.until(() => lab.report()?.foreground?.package === name && lab.report()?.foreground?.standing);
}

const outcomes = async (lab: Lab, id: string, inputs: Input[], change = {}) =>
  (await lab.input(id, inputs, { trial: false, ...change })).map(({ outcome, error }) => error?.detail ?? outcome);

test("lets a hand do anything in somebody else's app on a device of its trials", async () => {
  const lab = await openLab();
  const id = await facing(lab, BAZAAR);
  expect(lab.report()?.foreground).toMatchObject({ package: BAZAAR, standing: "other" });
  const inputs: Input[] = [...Array.from({ length: 30 }, () => TAP), TEXT, { type: "key", key: "ENTER" }];
  expect(new Set(await outcomes(lab, id, inputs, { trial: true }))).toEqual(new Set(["delivered"]));
  expect(lab.report()?.denials).toBeUndefined();
});

test("lets a hand beyond its trials touch somebody else's app 20 times an hour and write nothing, also across a restart", async () => {
  const lab = await openLab();
  const id = await facing(lab, BAZAAR);
  expect(await outcomes(lab, id, [TEXT])).toEqual([expect.stringContaining("nothing is written into it")]);
  expect(
    await outcomes(
      lab,
      id,
      Array.from({ length: 15 }, () => TAP),
    ),
  ).toEqual(Array(15).fill("delivered"));
  await lab.restart();
  await lab.state("ready");
  await lab.until(() => lab.report()?.foreground?.standing);
  const more = await outcomes(
    lab,
    id,
    Array.from({ length: 7 }, () => TAP),
  );
  expect(more.slice(0, 5)).toEqual(Array(5).fill("delivered"));
  expect(more.slice(5)).toEqual(Array(2).fill(expect.stringContaining("20 taps and swipes an hour on this phone are used up")));
  await lab.until(() => lab.report()?.denials?.count === 2);
  expect(await outcomes(lab, id, [{ type: "key", key: "HOME" }])).toEqual(["delivered"]);
  await lab.until(() => lab.report()?.foreground?.standing === "system");
  expect(await outcomes(lab, id, [TAP, TEXT])).toEqual(["delivered", "delivered"]);
});

test("fences a phone for a script, lets it write in an owned app, and denies it everything elsewhere", async () => {
  const lab = await openLab();
  await prove(lab);
  const id = await facing(lab, NOTES);
  expect(lab.report()?.foreground).toMatchObject({ standing: "owned", signer: SAMPLES_SIGNER });
  expect(await outcomes(lab, id, [TAP, TEXT], { mode: "script" })).toEqual(["delivered", "delivered"]);
  await lab.until(() => lab.report()?.fence?.state === "closed" && lab.report()?.fence?.disabled.includes(BAZAAR));
  await lab.phone().run("input keyevent HOME");
  await lab.until(() => lab.report()?.foreground?.standing === "system");
  expect(await outcomes(lab, id, [TAP, TEXT], { mode: "script" })).toEqual([
    "delivered",
    expect.stringContaining("script text is not written there"),
  ]);
});

test("closes no fence for a script of who does not hold the phone", async () => {
  const lab = await openLab();
  const id = await facing(lab, BAZAAR);
  expect(await lab.input(id, [TAP], { mode: "script", actor: "u-2" })).toMatchObject([{ error: { code: "lease_required" } }]);
  expect(lab.report()?.fence).toBeUndefined();
});

test("keeps grounds across a restart and says in its beat which it has", async () => {
  const lab = await openLab();
  expect(await prove(lab, 7)).toEqual({ [TENANT]: 7 });
  expect(await prove(lab, 6)).toEqual({ [TENANT]: 7 });
  await lab.restart();
  const beat = new Promise((resolve) => {
    lab.bus.subscribe(subjects.beat(AGENT), ({ payload }) => {
      resolve(decodeMessage(AgentBeat, payload).grounds);
      return undefined;
    });
  });
  expect(await beat).toEqual({ [TENANT]: 7 });
  await facing(lab, NOTES);
  expect(lab.report()?.foreground?.standing).toBe("owned");
});
