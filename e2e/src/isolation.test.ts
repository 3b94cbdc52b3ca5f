/**
 * A lab in a country that asks for licences, with phones that have none: real processes, and phones whose Wi-Fi leads out. What has a way out is not lent, what
 * has none is; and an operator reads why.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type DeviceView, run, takeDevices, type Up, untilDevices } from "./phonerack.js";
import { startLabWith, startVirtualChassis, type VirtualChassis } from "./virtual-chassis.js";

interface Isolated extends DeviceView {
  readonly isolated: boolean;
  readonly isolation?: { verified: number | null; leadsOut: string | null };
}

let chassis: VirtualChassis;
let up: Up;
beforeAll(async () => {
  chassis = await startVirtualChassis(2, "--fault", "2:on-wifi");
  up = await startLabWith(chassis.addresses);
  await untilDevices(up, (all) => all.length === 2 && all.every(({ state }) => state === "ready"));
}, 120_000);
afterAll(async () => {
  await up?.stop();
  await chassis?.stop();
});

async function call(method: string, path: string, body?: unknown): Promise<{ status: number; body: never }> {
  const headers = { authorization: `Bearer ${up.token}`, "content-type": "application/json" };
  const answer = await fetch(`${up.url}/api/v1${path}`, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as never };
}
const until = async (holds: (devices: readonly Isolated[]) => boolean) =>
  (await untilDevices(up, (all) => holds(all as Isolated[]), 40_000)) as Isolated[];

test("a phone without a licence is lent when it has no way out, and not before", async () => {
  const lab: { sites: { country?: string }[] } = (await call("GET", "/lab")).body;
  for (const site of lab.sites) site.country = "CN";
  expect((await call("PUT", "/lab", { lab })).status).toBe(200);
  const devices = await until(
    (all) =>
      all.some(({ isolation }) => isolation?.verified) && all.some(({ isolation }) => isolation?.leadsOut?.includes("wlan0")),
  );
  expect(devices.map(({ isolated }) => isolated)).toEqual([true, true]);
  const [cutOff, open] = [...devices].sort((a, b) => (a.slot ?? 0) - (b.slot ?? 0));
  if (!cutOff || !open) throw new Error("there are no two phones");
  expect(open.isolation).toMatchObject({ verified: null, leadsOut: expect.stringContaining("over which it is reached") });
  await expect(takeDevices(up, [open.id])).rejects.toThrow(/device_leads_out.*leads out by wlan0/);

  const shown = await run("register", "show", open.name, "--control", up.url, "--token", up.token);
  expect(shown.stdout).toMatch(/: isolated\n[\s\S]*no record[\s\S]*cut off +no: It leads out by wlan0/);

  await takeDevices(up, [cutOff.id]);
  // Somebody carries it into a Wi-Fi: what it found is told at once, in words, and by an event with whoever had it.
  await chassis.post(cutOff.slot ?? 0, "faults", { "on-wifi": true });
  await until((all) => all.some(({ id, isolation }) => id === cutOff.id && isolation?.leadsOut?.includes("wlan0")));
  const events: { items: { kind: string; subject: string; actor: string }[] } = (
    await call("GET", "/events?kind=device.network-put-back")
  ).body;
  expect(events.items.filter(({ subject }) => subject === cutOff.id)).toMatchObject([{ kind: "device.network-put-back" }]);

  await chassis.post(open.slot ?? 0, "faults", { "on-wifi": false });
  await until((all) =>
    all.some(({ id, isolation }) => id === open.id && isolation?.leadsOut === null && isolation.verified !== null),
  );
  await takeDevices(up, [open.id]);
}, 90_000);
