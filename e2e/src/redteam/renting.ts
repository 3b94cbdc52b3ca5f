/** Phones for whoever pays: rented without a name, lent on, spread over many organisations of straw; and phones that no registry knows. */
import { generateKeyPairSync } from "node:crypto";
import { buildApk } from "@phonerack/apk";
import { expect } from "vitest";
import type { Answer, RedLab } from "./red-lab.js";
import type { Scenario } from "./scenario.js";

const PASSWORD = "correct horse battery";
const TYPE = "application/vnd.android.package-archive";
const SHELLS = Number(process.env.REDTEAM_SHELLS ?? 6);
let made = 0;

type Ask = (method: string, path: string, body?: unknown) => Promise<Answer>;

/** A new organisation, and its first person, logged in. */
async function organisation(lab: RedLab): Promise<{ id: string; ask: Ask; cookie: string }> {
  const id = `shell-${++made}`;
  const { body } = await lab.call("POST", "/tenants", { id, name: `Shell ${made}`, owner: `boss@${id}.example` });
  const accepted = await fetch(`${lab.url}/api/v1/invitations/${body.invitation.link.split("/").at(-1)}/accept`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name: `Boss ${made}`, password: PASSWORD }),
  });
  if (!accepted.ok) throw new Error(await accepted.text());
  const cookie =
    accepted.headers
      .getSetCookie()
      .find((one) => /^phonerack_\d+=/.test(one))
      ?.split(";")[0] ?? "";
  const ask: Ask = async (method, path, wanted) => {
    const response = await fetch(`${lab.url}/api/v1${path}`, {
      method,
      headers: { cookie, origin: lab.url, ...(wanted !== undefined && { "content-type": "application/json" }) },
      ...(wanted !== undefined && { body: JSON.stringify(wanted) }),
    });
    return { status: response.status, body: await response.json() };
  };
  return { id, ask, cookie };
}

/** Touches that reached this phone, in whatever app, by its own record, which ends with a restart. */
async function touches(lab: RedLab, id: string): Promise<number> {
  const all = (
    await lab.everywhere(
      "dumpsys phonerack_input",
      lab.real.filter((one) => one.id === id),
    )
  ).join("\n");
  return [...all.matchAll(/^package .*?"touches":(\d+)/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
}

const tap = (ask: Ask, id: string) => ask("POST", `/devices/${id}/input`, { actions: [{ type: "tap", x: 200, y: 300 }] });

/** Whether it was theirs: then they tap on it, and give it back. */
async function rent(lab: RedLab, { ask, id }: { ask: Ask; id: string }, refused: string[]): Promise<void> {
  const { body } = await ask("POST", "/leases", { devices: [id] });
  if (body.code !== undefined) return void refused.push(body.code);
  const before = await touches(lab, id);
  await tap(ask, id);
  if ((await touches(lab, id)) > before) driven++;
  await ask("POST", `/leases/${body.id}/release`, {});
}

/** Phones that somebody drove who should not have had them. */
let driven = 0;

export const rental: Scenario = {
  name: "a rental without a name, lent on, and by organisations of straw",
  refusals: ["lease.refused"],
  landed: async () => driven,
  twin: (lab) => verified(lab),
  attempt: async (lab) => {
    const refused: string[] = [];
    const phones = lab.real.map(({ id }) => id);
    const anonymous: Ask = (method, path, body) => lab.call(method, path, body, "");
    await rent(lab, { ask: anonymous, id: phones[0] ?? "" }, refused);
    // Each wants but one phone.
    let boss = "";
    let ask = anonymous;
    for (let n = 0; n < SHELLS; n++) {
      const one = await organisation(lab);
      ({ ask } = one);
      boss = (await ask("GET", "/members")).body.items[0]?.id ?? "";
      await rent(lab, { ask, id: phones[n % phones.length] ?? "" }, refused);
    }
    for (const wish of many(phones)) {
      const { body } = await ask("POST", "/leases", wish);
      if (body.code === undefined) await ask("POST", `/leases/${body.id}/release`, {});
      else refused.push(body.code);
    }
    // Rented by one who may, and lent on.
    const last = phones.at(-1) ?? "";
    await settled(lab, last);
    const { body: lease } = await lab.call("POST", "/leases", { devices: [last], idleMinutes: null });
    refused.push((await lab.call("POST", `/leases/${lease.id}/handover`, { to: boss })).body.code);
    refused.push((await tap(ask, last)).body.code);
    await lab.call("POST", `/leases/${lease.id}/release`, {});
    const expected = ["unauthorised", "tier_exceeded", "member_not_found", "device_not_found"];
    if (!lab.letsThrough) expect(new Set(refused)).toEqual(new Set(expected));
    return SHELLS + 9;
  },
};

/** All that there are, by each way to ask for many. */
const many = (devices: readonly string[]) => [
  { devices },
  { where: { chassis: "H1" }, count: 2 },
  { where: { chassis: "H1" }, wholeChassis: true },
  { devices, wait: true },
  { devices, from: Date.now() + 3_600_000, until: Date.now() + 7_200_000 },
];

/** Whether it is lent, once it is clean and its agent has looked at it. */
async function lent(ask: Ask, id: string): Promise<boolean> {
  for (let tries = 0; tries < 60; tries++) {
    const { body } = await ask("POST", "/leases", { devices: [id] });
    if (body.code === undefined) {
      await ask("POST", `/leases/${body.id}/release`, {});
      return body.phase === "active";
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return false;
}

/** Until the phone was cleaned of whoever had it before. */
async function settled(lab: RedLab, id: string): Promise<void> {
  const lease = async () => (await lab.call("GET", `/devices/${id}`)).body.lease;
  await expect.poll(lease, { timeout: 60_000, interval: 250 }).toBe("free");
}

/** An organisation that somebody knows, with an app of its own, has what its tier gives. */
async function verified(lab: RedLab): Promise<boolean> {
  const { id, ask, cookie } = await organisation(lab);
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const uploaded = await fetch(`${lab.url}/api/v1/apps`, {
    method: "POST",
    headers: { cookie, origin: lab.url, "content-type": TYPE },
    body: new Uint8Array(buildApk({ package: `com.example.own${made}`, label: "Own" }, { privateKey, publicKey })),
  });
  const app = (await uploaded.json()) as { id: string };
  await lab.call("POST", `/apps/${app.id}/approval`, { reason: "contract 17, we know them" });
  await lab.call("PUT", `/tenants/${id}/facts`, { verified: "contract 17", domain: `${id}.example` });
  const given = await lab.call("PUT", `/tenants/${id}/tier`, { tier: "T1", reason: "we met them" });
  if (given.status !== 200) throw new Error(JSON.stringify(given.body));
  const phone = lab.real[0]?.id ?? "";
  return lent(ask, phone);
}

const FORGED = { form: "complete-unit", model: "TET-AN00", imeis: ["864725048031205"] };
const PAPERS = {
  nal: { number: "00-D710-208871", model: "TET-AN00", expires: "2099-12-31" },
  srrc: { number: "2020CP10858", model: "TET-AN00", expires: "2099-12-31" },
};

/** Where licences are asked for. */
async function inCountry(lab: RedLab, country: string | null): Promise<void> {
  const { body } = await lab.call("GET", "/lab");
  for (const site of body.sites) {
    if (country === null) delete site.country;
    else site.country = country;
  }
  const put = await lab.call("PUT", "/lab", { lab: body });
  if (put.status !== 200) throw new Error(JSON.stringify(put.body));
}

let out = 0;
export const licences: Scenario = {
  name: "phones without a licence, or with a forged one, in a public network",
  refusals: ["lease.refused"],
  // Rented, and with a route out by the phone's own word.
  landed: async () => out,
  twin: (lab) => licensed(lab),
  attempt: async (lab) => {
    const some = lab.real.slice(1, 3);
    await lab.fault(2, { "on-wifi": true });
    await lab.fault(3, { "on-wifi": true });
    await inCountry(lab, "CN");
    // Numbers of the right shape, on a phone whose IMEI is none; nobody looked them up.
    const forged = some[1]?.id ?? "";
    await lab.call("PUT", `/register/devices/${forged}`, { record: { ...FORGED, licences: PAPERS } });
    for (const { id } of some) await settledOrKept(lab, id);
    for (const phone of some) {
      const { body } = await lab.call("POST", "/leases", { devices: [phone.id], idleMinutes: null });
      if (body.code !== undefined) continue;
      const [routes = ""] = await lab.everywhere("ip route show table all", [phone]);
      if (/default .*wlan0/.test(routes)) out++;
      await lab.call("POST", `/leases/${body.id}/release`, {});
    }
    await lab.call("DELETE", `/register/devices/${forged}`);
    await inCountry(lab, null);
    for (const slot of [2, 3]) await lab.fault(slot, { "on-wifi": false });
    return some.length + 1;
  },
};

/** Until its agent has looked at what leads out, where one looks. */
async function settledOrKept(lab: RedLab, id: string): Promise<void> {
  const seen = async () => {
    const { isolation, lease } = (await lab.call("GET", `/devices/${id}`)).body;
    return (lab.letsThrough && lease === "free") || isolation?.leadsOut != null;
  };
  await expect.poll(seen, { timeout: 40_000, interval: 250 }).toBe(true);
}

/** A phone whose papers somebody looked up, in the same country. */
async function licensed(lab: RedLab): Promise<boolean> {
  const phone = lab.real[3]?.id ?? "";
  await inCountry(lab, "CN");
  const { saysModel } = (await lab.call("GET", `/register/devices/${phone}`)).body;
  const licences = Object.fromEntries(Object.entries(PAPERS).map(([name, one]) => [name, { ...one, model: saysModel }]));
  const record = { form: "complete-unit", model: saysModel, imeis: ["864725048031204"], licences };
  await lab.call("PUT", `/register/devices/${phone}`, { record });
  const picture = await fetch(`${lab.url}/api/v1/register/devices/${phone}/evidence?name=registry.png`, {
    method: "POST",
    headers: { authorization: `Bearer ${lab.token}`, "content-type": "image/png" },
    body: Buffer.from(
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
      "base64",
    ),
  });
  const { id: evidence } = (await picture.json()) as { id: string };
  for (const [scheme, { number }] of Object.entries(PAPERS))
    await lab.call("POST", "/register/confirmations", { scheme, number, devices: [phone], evidence });
  const { body: entry } = await lab.call("GET", `/register/devices/${phone}`);
  const mine = await lent((...words) => lab.call(...words), phone);
  await lab.call("DELETE", `/register/devices/${phone}`);
  await inCountry(lab, null);
  return entry.network.class === "public" && mine;
}
