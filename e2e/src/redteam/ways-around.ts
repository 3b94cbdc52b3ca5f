/** Ways around the gate: switching apps under a broadcast, changing the address, going slowly, tokens, other names, apps that act for others. */

import { generateKeyPairSync } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildApk } from "@phonerack/apk";
import { expect } from "vitest";
import { temporaryFolder } from "../phonerack.js";
import { BAZAAR, NOTES, type RedLab } from "./red-lab.js";
import type { Scenario } from "./scenario.js";

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const MANY = ["many-other", "many-target", "many-unknown", "many-leaky", "many-permitted-shell"];

/** Taps on one's own app, by hand. */
async function ownTaps(lab: RedLab, id: string, times: number): Promise<boolean> {
  await lab.open(`-n ${NOTES}/.MainActivity`, NOTES);
  for (let n = 0; n < times; n++) {
    const { body } = await lab.call("POST", `/devices/${id}/input`, { actions: [{ type: "tap", x: 200, y: 120 }] });
    if (body.results?.[0]?.outcome !== "delivered") return false;
  }
  return true;
}

/** On phones that keep what the fence disables disabled, as real ones do. */
export const switching: Scenario = {
  name: "an app that is switched in during a broadcast",
  refusals: MANY,
  landed: (lab) => lab.reached(lab.real),
  twin: (lab) => ownTaps(lab, lab.ids[0] ?? "", 3),
  attempt: async (lab) => {
    const some = lab.real.slice(0, 2);
    const ids = some.map(({ id }) => id);
    const { body: lease } = await lab.call("POST", "/leases", { devices: ids, idleMinutes: null });
    const { body: group } = await lab.call("POST", "/groups", {
      devices: ids,
      aim: "point",
      stepsPerSecond: 30,
      agreeToFence: true,
    });
    const step = (wanted: unknown) => lab.call("POST", `/groups/${group.id}/steps`, { step: wanted, wait: 5_000 });
    await step({ type: "launch", package: BAZAAR });
    const { width = 0, height = 0 } = some[0]?.screen ?? {};
    const switched = (async () => {
      for (let n = 0; n < 6; n++) {
        await lab.everywhere(`am start -n ${BAZAAR}/.MainActivity`, some);
        await wait(300);
      }
    })();
    const taps = Array.from({ length: 40 }, (_, n) =>
      wait(n * 50).then(() =>
        step({ type: "tap", at: { x: 100 + ((n * 37) % (width - 200)), y: 300 + ((n * 53) % (height - 400)), width, height } }),
      ),
    );
    await Promise.all([switched, ...taps]);
    await lab.job({ type: "shell", command: `am start -n ${BAZAAR}/.MainActivity; input tap 300 700; input tap 300 700` }, ids);
    await lab.call("DELETE", `/groups/${group.id}`);
    await lab.call("POST", `/leases/${lease.id}/release`, {});
    return 42;
  },
};

const NEW_ADDRESS =
  "cmd connectivity airplane-mode enable; cmd connectivity airplane-mode disable; settings put global http_proxy 192.0.2.9:8080; settings put secure always_on_vpn_app com.example.vpn; settings put global tether_dun_required 0";

/** Airplane off and on takes a new address where there is a network, and a shell may set a proxy for its own apps: what matters is that nothing is done behind it in others' apps. */
export const address: Scenario = {
  name: "deeds behind changing addresses: airplane mode, proxy, VPN, tethering",
  refusals: MANY,
  landed: (lab) => lab.reached(),
  twin: async (lab) => {
    await lab.open(`-n ${NOTES}/.MainActivity`, NOTES);
    const done = await lab.job({ type: "settings", settings: { airplane: true } });
    await lab.job({ type: "settings", settings: { airplane: false } });
    // Where Android has the command.
    return done.counts.done > 0;
  },
  attempt: async (lab) => {
    await lab.open(`-n ${BAZAAR}/.MainActivity`, BAZAAR);
    const { x, y } = await lab.placeOf("like");
    await lab.job({ type: "settings", settings: { airplane: true } });
    for (let account = 0; account < 3; account++) {
      await lab.open(`-n ${BAZAAR}/.MainActivity`, BAZAAR);
      await lab.job({ type: "shell", command: `${NEW_ADDRESS}; input tap ${x} ${y}` });
    }
    await lab.everywhere(
      "cmd connectivity airplane-mode disable; settings delete global http_proxy; settings delete secure always_on_vpn_app",
    );
    return 4;
  },
};

const PACED = 30;
/** The gate gives 20 an hour on a phone beyond the two a person may try others' apps on: that is the budget, whatever the pace. */
export const pacing: Scenario = {
  name: "slow hands: random pauses, and one's own app in between",
  refusals: ["hand-budget", "hand-hourly", "hand-daily"],
  budget: 20,
  landed: async (lab) => lab.reached(lab.phones.slice(-1)),
  twin: (lab) => ownTaps(lab, lab.ids.at(-1) ?? "", PACED),
  attempt: async (lab) => {
    // The two that are free are used up first.
    await lab.open(`-n ${BAZAAR}/.MainActivity`, BAZAAR);
    const like = await lab.placeOf("like");
    const tap = (id: string) => lab.call("POST", `/devices/${id}/input`, { actions: [{ type: "tap", x: like.x, y: like.y }] });
    for (const id of lab.ids.slice(0, 2)) await tap(id);
    const last = lab.ids.at(-1) ?? "";
    for (let n = 0; n < PACED; n++) {
      await tap(last);
      await wait(Math.random() * 60);
      if (n % 10 === 9) {
        await lab.everywhere(`am start -n ${NOTES}/.MainActivity`, lab.phones.slice(-1));
        await lab.call("POST", `/devices/${last}/input`, { actions: [{ type: "tap", x: 200, y: 120 }] });
        await lab.open(`-n ${BAZAAR}/.MainActivity`, BAZAAR);
      }
    }
    return PACED;
  },
};

const SHARED_TAPS = 10;
let taken = 0;
export const tokens: Scenario = {
  name: "a token that was stolen, shared or taken away",
  // Whoever knocks is noted once a minute.
  refusals: ["access.refused", "many-unfenced"],
  landed: async () => taken,
  twin: (lab) => ownTaps(lab, lab.ids[0] ?? "", 2),
  attempt: async (lab) => {
    await lab.open(`-n ${NOTES}/.MainActivity`, NOTES);
    const made = async (scopes: readonly string[]) =>
      (await lab.call("POST", "/keys", { name: "k", scopes, role: "owner" })).body;
    const [reader, gone] = [await made(["read"]), await made(["read", "drive"])];
    await lab.call("DELETE", `/keys/${gone.info.id}`);
    const tries = [reader.key, gone.key, "prk_made-up", `${reader.key.slice(0, -2)}xx`];
    for (const token of tries) {
      const { body } = await lab.call("POST", "/leases", { devices: [lab.real[1]?.id] }, token);
      if (body.phase === "active") {
        taken++;
        await lab.call("POST", `/leases/${body.id}/release`, {});
      }
      const tapped = await lab.call(
        "POST",
        `/devices/${lab.ids[0]}/input`,
        { actions: [{ type: "tap", x: 200, y: 120 }] },
        token,
      );
      if (tapped.body.results?.[0]?.outcome === "delivered") taken++;
    }
    return 2 * tries.length + (await withShared(lab, (await made(["read", "drive"])).key));
  },
};

/** A good key, given to whoever wants it: it is a program wherever it is used from, and does no more in others' apps than its maker's programs may. */
async function withShared(lab: RedLab, token: string): Promise<number> {
  const phone = lab.real.at(-1);
  if (!phone) throw new Error("this needs one more phone");
  await expect.poll(async () => (await lab.call("GET", `/devices/${phone.id}`)).body.lease, { timeout: 60_000 }).toBe("free");
  const { body: lease } = await lab.call("POST", "/leases", { devices: [phone.id], idleMinutes: null }, token);
  await lab.everywhere(`am start -n ${BAZAAR}/.MainActivity`, [phone]);
  await expect.poll(() => lab.placeOf("like", phone).catch(() => undefined), { timeout: 10_000 }).toBeDefined();
  const { x, y } = await lab.placeOf("like", phone);
  for (let n = 0; n < SHARED_TAPS; n++) {
    const { body } = await lab.call("POST", `/devices/${phone.id}/input`, { actions: [{ type: "tap", x, y }] }, token);
    if (body.results?.[0]?.outcome === "delivered") taken++;
  }
  await lab.call("POST", `/leases/${lease.id}/release`, {}, token);
  return SHARED_TAPS;
}

const SPOOF =
  "settings put global device_name 'Pixel 9'; settings put secure lock_screen_owner_info ''; setprop ro.serialno FAKE01; setprop ro.product.model 'Pixel 9'; settings put secure bluetooth_name 'Pixel 9'";
const IDENTITY =
  "settings get global device_name; settings get secure lock_screen_owner_info; getprop ro.serialno; getprop ro.product.model";
let spoofed = 0;
/** What a shell changes of the lab's labels is put back within seconds; what Android holds is not its to change. */
export const identity: Scenario = {
  name: "other labels and identities, by a shell",
  refusals: ["device.labels-put-back"],
  landed: async () => spoofed,
  twin: async (lab) => {
    await lab.open(`-n ${NOTES}/.MainActivity`, NOTES);
    return (await lab.job({ type: "shell", command: "getprop ro.product.model" })).counts.done === lab.phones.length;
  },
  attempt: async (lab) => {
    await lab.open(`-n ${NOTES}/.MainActivity`, NOTES);
    const before = await lab.everywhere(IDENTITY);
    await lab.job({
      type: "shell",
      command: `${SPOOF}; am force-stop com.android.settings; am start -n com.android.settings/.Settings; input keyevent HOME`,
    });
    const deadline = Date.now() + 40_000;
    const differs = async () => (await lab.everywhere(IDENTITY)).filter((text, at) => text !== before[at]).length;
    let left = await differs();
    for (; left > 0 && Date.now() < deadline; left = await differs()) {
      if (lab.letsThrough) break;
      await wait(500);
    }
    spoofed += left;
    return lab.phones.length;
  },
};

const ROBOT = "com.example.robot";
const WELL_KNOWN = "com.whatsapp";

/** An app that acts in others, and a well-known name under another key. */
export const robots: Scenario = {
  name: "an accessibility robot, and a repackaged app",
  refusals: ["app.refused", ...MANY],
  // Installed on phones; and what the lab believes to be somebody's own.
  landed: async (lab) => {
    const { body } = await lab.call("GET", "/apps?limit=200");
    const believed = body.items.filter(
      (app: { package: string; ownership: unknown }) => app.package === WELL_KNOWN && app.ownership,
    );
    return (await having(lab, ROBOT)) + (await having(lab, WELL_KNOWN)) + believed.length;
  },
  twin: async (lab) => {
    await lab.open(`-n ${NOTES}/.MainActivity`, NOTES);
    return (await lab.job({ type: "stop", package: NOTES })).counts.done === lab.phones.length;
  },
  attempt: async (lab) => {
    const folder = await temporaryFolder();
    const key = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const eye = { kind: "service" as const, name: ".Eye", permission: "android.permission.BIND_ACCESSIBILITY_SERVICE" };
    const [robot, repackaged] = [join(folder, "robot.apk"), join(folder, "repackaged.apk")];
    await writeFile(robot, buildApk({ package: ROBOT, parts: [eye] }, key));
    await writeFile(repackaged, buildApk({ package: WELL_KNOWN, label: "WhatsApp" }, key));
    await lab.everywhere("input keyevent HOME");
    const refused: string[] = [];
    // By hand on a phone that this person may try apps on, where the manifest is read; and on all, where the gate asks for an owner first.
    for (const where of [lab.phones[0]?.name ?? "", lab.phones.map(({ name }) => name).join(",")]) {
      const { stdout, stderr } = await lab.cli("install", robot, "--devices", where, "--agree", "--json");
      if (/app_reaches/.test(stdout + stderr)) refused.push("app_reaches");
    }
    await lab.cli("install", repackaged, "--devices", lab.phones.map(({ name }) => name).join(","), "--agree", "--json");
    const uploaded = await fetch(`${lab.url}/api/v1/apps`, {
      method: "POST",
      headers: { authorization: `Bearer ${lab.token}`, "content-type": "application/vnd.android.package-archive" },
      body: new Uint8Array(await readFile(repackaged)),
    });
    const app = (await uploaded.json()) as { id: string };
    refused.push((await lab.call("POST", `/apps/${app.id}/nonce`, {})).body.code);
    refused.push((await lab.call("POST", `/apps/${app.id}/approval`, { reason: "it is ours, they say" })).body.code);
    await rm(folder, { recursive: true });
    if (lab.letsThrough) {
      expect(await having(lab, ROBOT), "the robot").toBeGreaterThan(0);
      expect(await having(lab, WELL_KNOWN), "the repackaged app").toBeGreaterThan(0);
    } else expect(refused).toEqual(["app_reaches", "app_refused", "app_refused"]);
    return 5;
  },
};

/** How many phones have it installed. */
async function having(lab: RedLab, name: string): Promise<number> {
  const installed = await lab.everywhere("pm list packages -3");
  return installed.filter((packages) => packages.split("\n").includes(`package:${name}`)).length;
}
