import { generateKeyPairSync } from "node:crypto";
import { NOTES, SAMPLES_SIGNER } from "@phonerack/virtual-phone";
import { afterEach, expect, test } from "vitest";
import { closeRigs, openRig, type Rig } from "../../test/gate-rig.js";
import { install } from "../../test/install.js";

afterEach(closeRigs);

const BAZAAR = "com.example.bazaar";
const SETTINGS = "com.android.settings";
const NOTES_PROVED = { id: "a-notesproved", package: NOTES, signer: SAMPLES_SIGNER };

async function open(rig: Rig, name: string): Promise<void> {
  await rig.virtual.run(`monkey -p ${name} -c android.intent.category.LAUNCHER 1`);
}

/** A session's gate, with this app in front. */
async function facing(rig: Rig, name: string): Promise<() => void> {
  const release = rig.gate.demand();
  await open(rig, name);
  await rig.until(() => rig.gate.front().front?.package === name && rig.gate.front().knownMs !== null);
  return release;
}

test("lets a group into an app that was proved, by the signer that the phone's own APK has", async () => {
  const rig = await openRig();
  await rig.prove([NOTES_PROVED]);
  await facing(rig, NOTES);
  expect(rig.gate.front().front).toEqual({ package: NOTES, signer: SAMPLES_SIGNER, standing: "owned", by: "a-notesproved" });
  expect(rig.gate.ask(rig.asked())).toMatchObject({ decision: "allow", rule: "many-owned" });
  expect(rig.gate.ask(rig.asked({ action: "text" }))).toMatchObject({ decision: "allow" });
});

test("takes an app of the same name by another signer for nobody's", async () => {
  const rig = await openRig({ model: "v5" });
  const name = "org.example.orders";
  await install(rig.virtual, { package: name }, generateKeyPairSync("rsa", { modulusLength: 2048 }));
  await rig.prove([{ id: "a-orders", package: name, signer: "0".repeat(64) }]);
  await facing(rig, name);
  expect(rig.gate.ask(rig.asked()).error).toMatchObject({
    code: "denied",
    detail: expect.stringContaining(`${name} is not yours`),
  });
  expect(rig.gate.front().front?.signer).toMatch(/^[0-9a-f]{64}$/);
});

test("sees that an owned app was exchanged for another one of its name", async () => {
  const rig = await openRig();
  await rig.prove([NOTES_PROVED]);
  await facing(rig, NOTES);
  await rig.virtual.run(`pm uninstall ${NOTES}`);
  await install(rig.virtual, { package: NOTES }, generateKeyPairSync("rsa", { modulusLength: 2048 }));
  await open(rig, NOTES);
  await rig.until(() => rig.gate.front().front?.standing === "other");
  expect(rig.gate.ask(rig.asked())).toMatchObject({ decision: "deny", rule: "many-other" });
});

test("denies a group what is nobody's, text in the system, and all of it while the fence is open", async () => {
  const rig = await openRig();
  await facing(rig, BAZAAR);
  expect(rig.gate.ask(rig.asked())).toMatchObject({ decision: "deny", rule: "many-other" });
  expect(rig.gate.ask(rig.asked({ mode: "script", action: "paste" }))).toMatchObject({ rule: "many-other" });
  await open(rig, SETTINGS);
  await rig.until(() => rig.gate.front().front?.standing === "system");
  expect(rig.gate.ask(rig.asked())).toMatchObject({ decision: "allow", rule: "many-system" });
  expect(rig.gate.ask(rig.asked({ action: "text" }))).toMatchObject({ decision: "deny", rule: "many-system-text" });
  rig.fence = "open";
  expect(rig.gate.ask(rig.asked())).toMatchObject({ decision: "deny", rule: "many-unfenced" });
});

test("tells whoever listens of a switch to another app, and counts denials in words for the report", async () => {
  const rig = await openRig();
  await rig.prove([NOTES_PROVED]);
  await facing(rig, NOTES);
  const seen: unknown[] = [];
  rig.gate.onFront((front) => seen.push(front?.standing));
  await open(rig, BAZAAR);
  await rig.until(() => seen.includes("other"));
  for (let tap = 0; tap < 3; tap++) rig.gate.ask(rig.asked());
  await rig.until(() => rig.shown.some(({ denials }) => denials?.count === 3));
  expect(rig.shown.findLast(({ denials }) => denials)?.denials?.last).toContain("not yours");
  expect(rig.shown.findLast(({ foreground }) => foreground)?.foreground).toMatchObject({ package: BAZAAR, standing: "other" });
});

test("judges anew when grounds change, and when a permit has run out", async () => {
  const rig = await openRig();
  await facing(rig, BAZAAR);
  const permit = { id: "p-permit", package: BAZAAR, devices: ["d-gatephone"], until: Date.now() + 700 };
  await rig.prove([], [permit]);
  expect(rig.gate.front().front).toMatchObject({ standing: "permitted", by: "p-permit" });
  rig.fence = "open";
  const byHand = rig.asked({ mode: "unicast", action: "text" });
  expect(rig.gate.ask(byHand)).toMatchObject({ decision: "allow", rule: "hand-owned" });
  await rig.until(() => rig.gate.front().front?.standing === "other");
  expect(rig.gate.ask(byHand)).toMatchObject({ decision: "deny", rule: "hand-text-other" });
});

test("knows the front again after its event stream broke, and takes nothing for known in between", async () => {
  const rig = await openRig();
  await rig.prove([NOTES_PROVED]);
  await facing(rig, NOTES);
  const states: (number | null)[] = [];
  rig.gate.onFront(() => states.push(rig.gate.front().knownMs));
  await rig.virtual.run("pkill logcat");
  await rig.until(() => states.includes(null));
  expect(rig.gate.ask(rig.asked())).toMatchObject({ decision: "deny", rule: "many-unknown" });
  expect(rig.gate.needsLook(rig.asked())).toBe(true);
  expect(await rig.gate.askFresh(rig.asked())).toMatchObject({ decision: "allow", rule: "many-owned" });
  await rig.until(() => rig.gate.front().knownMs !== null);
  expect(rig.gate.ask(rig.asked())).toMatchObject({ decision: "allow" });
});

test("knows nothing any more 5 s after a phone's last answer to its marker", async () => {
  const rig = await openRig();
  await rig.prove([NOTES_PROVED]);
  await facing(rig, NOTES);
  rig.virtual.setFault("hang", true);
  await rig.until(() => (rig.gate.front().knownMs ?? 0) > 5_000, 8_000);
  expect(rig.gate.ask(rig.asked())).toMatchObject({ decision: "deny", rule: "many-unknown" });
  expect(await rig.gate.askFresh(rig.asked())).toMatchObject({ decision: "deny", rule: "many-unknown" });
  rig.virtual.setFault("hang", false);
}, 20_000);

test("weighs the window that has the focus: the shade over an owned app takes no text", async () => {
  const rig = await openRig();
  await rig.prove([NOTES_PROVED]);
  await facing(rig, NOTES);
  await rig.virtual.run("cmd statusbar expand-notifications");
  rig.fence = "leaky";
  expect(rig.gate.ask(rig.asked({ action: "text" }))).toMatchObject({ decision: "deny", rule: "many-leaky" });
  expect(await rig.gate.askFresh(rig.asked({ action: "text" }))).toMatchObject({ decision: "deny", rule: "many-system-text" });
  expect(await rig.gate.askFresh(rig.asked())).toMatchObject({ decision: "allow", rule: "many-system" });
  await rig.virtual.run("cmd statusbar collapse");
  expect(await rig.gate.askFresh(rig.asked({ action: "text" }))).toMatchObject({ decision: "allow", rule: "many-owned" });
});

test("leaves nothing running on the phone when nobody demands to know any more", async () => {
  const rig = await openRig();
  const processes = async () =>
    (await rig.virtual.run("ps -A -o ARGS")).stdout.split("\n").filter((line) => /logcat|while/.test(line));
  const release = await facing(rig, NOTES);
  expect((await processes()).length).toBeGreaterThan(0);
  release();
  await expect.poll(processes).toEqual([]);
});
