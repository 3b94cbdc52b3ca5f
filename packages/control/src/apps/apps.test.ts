import { createHash, sign } from "node:crypto";
import { readdir } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import type { SigningKey } from "@phonerack/apk";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FakeAgent, reportOf } from "../../test/fake-agent.js";
import { Person } from "../../test/person.js";
import { type Answer, type RunningControl, runControl, until } from "../../test/running-control.js";
import { APK_TYPE, demoApk, newKey, uploadApk } from "../../test/upload-apk.js";

const DEMO = {
  package: "dev.phonerack.notes",
  signer: "5e9fb3da25a80ff201849217a3859fb162c0cdfb2188c3887ecbfdbae5b6d8ec",
  label: "Notes",
};
const [ec, rsa, foreign] = [newKey("ec"), newKey("rsa", "rsa"), newKey("foreign")];

let running: RunningControl;
let agent: FakeAgent;
let beating: NodeJS.Timeout;
let startedAt = 1;
let acme: Person;

beforeAll(async () => {
  running = await runControl({ demoApps: [DEMO] });
  agent = new FakeAgent(running.bus);
  agent.beat();
  beating = setInterval(() => agent.beat(startedAt), 500);
  reportAll();
  await until(async () => (await running.ask("/health")).body.devices === 4, "the devices");
  // Several teams of one company: how many phones each may rent is no matter here.
  await running.ask("/tenancies/declaration", { method: "PUT", body: { ownOnly: true } });
  const body = { id: "acme", name: "ACME", owner: "boss@acme.example" };
  const { invitation } = (await running.ask("/tenants", { method: "POST", body })).body;
  acme = await Person.byInvitation(running, invitation.link, { name: "Boss", password: "correct horse battery" });
});
afterAll(async () => {
  clearInterval(beating);
  agent.stop();
  await running.stop();
});

function reportAll(): void {
  for (const id of ["device-1", "device-2", "device-3", "device-4"]) agent.report(reportOf(id, { reach: "usb" }));
}

const digestOf = (key: Required<SigningKey>) => createHash("sha256").update(key.certificate).digest("hex");
const post = (path: string, body: unknown = {}, who: { ask: RunningControl["ask"] } = running) =>
  who.ask(path, { method: "POST", body });
const asAcme = { ask: (path: string, options?: { method?: string; body?: unknown }) => acme.ask(path, options) };

async function upload(
  name: string,
  key: Required<SigningKey>,
  bearer = running.bearer as Record<string, string>,
): Promise<string> {
  const { status, body } = await uploadApk(running, { apk: demoApk({ package: name }, key), bearer });
  expect({ status, package: body.package }).toEqual({ status: 201, package: name });
  return body.id;
}

async function prove(
  id: string,
  key: SigningKey,
  algorithm = "ecdsa",
  who: { ask: RunningControl["ask"] } = running,
): Promise<Answer> {
  const { body: nonce } = await post(`/apps/${id}/nonce`, {}, who);
  const signature = sign("sha256", Buffer.from(nonce.message ?? ""), key.privateKey).toString("base64");
  return post(`/apps/${id}/proof`, { nonce: nonce.nonce, algorithm, signature }, who);
}

describe("an upload", () => {
  test("is read, verified and shown, and its bytes are gone", async () => {
    const { status, body } = await uploadApk(running, {
      apk: demoApk({ package: "com.example.read", versionName: "2.1", schemes: [2, 3] }, ec),
    });
    expect({ status, body }).toMatchObject({
      status: 201,
      body: {
        package: "com.example.read",
        label: "Demo",
        versionName: "2.1",
        signer: digestOf(ec),
        signerName: "CN=ec",
        scheme: 3,
        ownership: null,
        obstacles: [],
      },
    });
    expect((await running.ask(`/apps/${body.id}`)).body).toEqual(body);
    expect((await running.ask("/apps?package=com.example.read")).body.items).toEqual([body]);
    expect(await readdir(join(running.dataDir, "uploads"))).toEqual([]);
  });

  test("of another version is the same app, by another signer another one", async () => {
    const id = await upload("com.example.same", ec);
    const newer = await uploadApk(running, {
      apk: demoApk({ package: "com.example.same", versionCode: 9, versionName: "9" }, ec),
    });
    const older = await uploadApk(running, {
      apk: demoApk({ package: "com.example.same", versionCode: 3, versionName: "3" }, ec),
    });
    expect([newer.body.id, older.body.id, older.body.versionName]).toEqual([id, id, "9"]);
    expect(await upload("com.example.same", foreign)).not.toBe(id);
  });

  const good = demoApk({}, ec);
  test.each([
    ["nothing", Buffer.alloc(0), 422, "apk_invalid"],
    ["half of one", good.subarray(0, good.length / 2), 422, "apk_invalid"],
    ["a split", demoApk({ split: "config.fr" }, ec), 422, "apk_invalid"],
    ["unsigned", demoApk({}, undefined), 201, undefined],
    ["signed by two", demoApk({ schemes: [1, 2], jarKey: foreign }, ec), 422, "apk_unsigned"],
  ])("of %s has one named outcome", async (what, apk, status, code) => {
    const bytes = what === "unsigned" ? good : apk;
    const answer = await uploadApk(running, { apk: bytes });
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
    expect(await readdir(join(running.dataDir, "uploads"))).toEqual([]);
  });

  test("of JSON is told what to send; one that announces too much is refused before a byte of it", async () => {
    expect((await uploadApk(running, { type: "application/json", apk: Buffer.from("{}") })).body).toMatchObject({
      code: "bad_request",
    });
    const status = await new Promise((resolve, reject) => {
      const headers = { ...running.bearer, "content-type": APK_TYPE, "content-length": 3 * 1024 ** 3 };
      const asked = request(`${running.control.url}/api/v1/apps`, { method: "POST", headers }, (response) => {
        resolve(response.statusCode);
        asked.destroy();
      });
      asked.on("error", reject).write("PK");
    });
    expect(status).toBe(413);
  });

  test("that is cut off leaves nothing behind", async () => {
    const asked = request(`${running.control.url}/api/v1/apps`, {
      method: "POST",
      headers: { ...running.bearer, "content-type": APK_TYPE, "content-length": 5_000_000 },
    });
    asked.on("error", () => undefined);
    asked.write(good);
    await until(async () => (await readdir(join(running.dataDir, "uploads"))).length === 1, "the file");
    asked.destroy();
    await until(async () => (await readdir(join(running.dataDir, "uploads"))).length === 0, "the end of the file");
  });
});

describe("a proof", () => {
  test.each([
    ["ecdsa", ec],
    ["rsa", rsa],
  ] as const)("by %s makes the app its organisation's", async (algorithm, key) => {
    const id = await upload(`com.example.proved.${algorithm}`, key);
    const { status, body } = await prove(id, key, algorithm);
    expect({ status, body }).toMatchObject({ status: 200, body: { ownership: { how: "key", reason: null } } });
    const { items } = (await running.ask(`/events?subject=${id}`)).body;
    expect(items.map(({ kind }: { kind: string }) => kind)).toEqual(["app.proved", "app.uploaded"]);
  });

  test("says in words what is signed, for whom and for which lab", async () => {
    const id = await upload("com.example.words", ec);
    const { message, nonce } = (await post(`/apps/${id}/nonce`)).body;
    const host = new URL(running.control.url).host;
    expect(message.split("\n").slice(0, 6)).toEqual([
      "phonerack ownership proof",
      "package: com.example.words",
      `signer: ${digestOf(ec)}`,
      "organisation: lab",
      `lab: ${host}`,
      `nonce: ${nonce}`,
    ]);
  });

  test("with another key is wrong, and its nonce is used up; so is one that was used, and one of another app", async () => {
    const [id, other] = [await upload("com.example.nonce", ec), await upload("com.example.nonce2", ec)];
    expect((await prove(id, foreign)).body.code).toBe("proof_wrong");
    const { body: nonce } = await post(`/apps/${id}/nonce`);
    const signature = sign("sha256", Buffer.from(nonce.message), ec.privateKey).toString("base64");
    const proof = { nonce: nonce.nonce, algorithm: "ecdsa", signature };
    expect((await post(`/apps/${other}/proof`, proof)).body.code).toBe("nonce_invalid");
    expect((await post(`/apps/${id}/proof`, { ...proof, nonce: `${nonce.nonce}x` })).body.code).toBe("nonce_invalid");
    const both = await Promise.all([post(`/apps/${id}/proof`, proof), post(`/apps/${id}/proof`, proof)]);
    expect(new Set(both.map(({ body }) => body.code ?? "proved"))).toEqual(new Set(["nonce_invalid", "proved"]));
    expect((await post(`/apps/${id}/proof`, proof)).body.code).toBe("nonce_invalid");
  });

  test("with an algorithm that is not the key's, or bytes that are no signature, is wrong", async () => {
    const id = await upload("com.example.algorithm", ec);
    expect((await prove(id, ec, "rsa")).body.code).toBe("proof_wrong");
    const { nonce } = (await post(`/apps/${id}/nonce`)).body;
    expect((await post(`/apps/${id}/proof`, { nonce, algorithm: "ecdsa", signature: "AAAA" })).body.code).toBe("proof_wrong");
  });
});

describe("what cannot be proved", () => {
  const power = (permission: string) => ({
    parts: [{ kind: "service" as const, name: ".S", permission: `android.permission.${permission}` }],
  });
  test.each([
    ["accessibility", { package: "com.example.acc", ...power("BIND_ACCESSIBILITY_SERVICE") }, true],
    ["vpn", { package: "com.example.vpn", ...power("BIND_VPN_SERVICE") }, true],
    [
      "device-admin",
      {
        package: "com.example.admin",
        parts: [{ kind: "receiver" as const, name: ".R", actions: ["android.app.action.DEVICE_ADMIN_ENABLED"] }],
      },
      true,
    ],
    ["keyboard", { package: "com.example.ime", ...power("BIND_INPUT_METHOD") }, true],
    [
      "overlay-listener",
      {
        package: "com.example.overlay",
        permissions: ["android.permission.SYSTEM_ALERT_WINDOW"],
        ...power("BIND_NOTIFICATION_LISTENER_SERVICE"),
      },
      true,
    ],
    ["foreign-instrumentation", { package: "com.example.inst", instruments: ["com.whatsapp"] }, true],
    ["well-known", { package: "com.whatsapp" }, false],
    ["well-known", { package: "com.tencent.mm" }, true],
  ] as const)("%s %j", async (code, plan, approvable) => {
    const { body } = await uploadApk(running, { apk: demoApk(plan, ec) });
    expect(body.obstacles).toMatchObject([{ code, approvable }]);
    expect((await post(`/apps/${body.id}/nonce`)).body.code).toBe("app_refused");
    const approved = await post(`/apps/${body.id}/approval`, { reason: "it is ours, here is the contract" });
    if (!approvable) expect(approved.body.code).toBe("app_refused");
    else expect(approved.body.ownership).toMatchObject({ how: "approved", reason: "it is ours, here is the contract" });
  });

  test("a debug key by a signature, though by an operator's word", async () => {
    const debug = (await uploadApk(running, { apk: demoApk({ package: "com.example.debug" }, newKey("Android Debug")) })).body;
    expect(debug.obstacles).toMatchObject([{ code: "debug-key", approvable: true }]);
  });

  test("what it calls itself is shown without what nobody sees", async () => {
    const plan = { package: "com.example.names", label: "Set\u202etings\u0000\u001b[2J", versionName: "1\u0000\u202e.0" };
    const { status, body } = await uploadApk(running, { apk: demoApk(plan, ec) });
    expect({ status, label: body.label, version: body.versionName }).toEqual({
      status: 201,
      label: "Set�tings��[2J",
      version: "1��.0",
    });
  });

  test("a version with a new obstacle takes ownership away", async () => {
    const id = await upload("com.example.turned", ec);
    await prove(id, ec);
    const { body } = await uploadApk(running, {
      apk: demoApk({ package: "com.example.turned", versionCode: 2, ...power("BIND_VPN_SERVICE") }, ec),
    });
    expect(body).toMatchObject({ id, ownership: null, obstacles: [{ code: "vpn" }] });
  });

  test("what was approved of one app is not approved of another", async () => {
    const version = async (versionCode: number, instruments: readonly string[]) =>
      (await uploadApk(running, { apk: demoApk({ package: "com.example.driver", versionCode, instruments }, ec) })).body;
    const { id } = await version(1, ["com.example.first"]);
    await post(`/apps/${id}/approval`, { reason: "their other app" });
    expect(await version(2, ["com.example.first"])).toMatchObject({ ownership: { how: "approved" } });
    expect(await version(3, ["com.example.first", "com.example.second"])).toMatchObject({
      ownership: null,
      obstacles: [{ target: "com.example.first" }, { code: "foreign-instrumentation", target: "com.example.second" }],
    });
  });

  test("a test of an app that is owned by the same key needs nobody's word", async () => {
    const driver = { package: "com.example.mine.test", instruments: ["com.example.mine"] };
    const tests = async (key: Required<SigningKey>) => (await uploadApk(running, { apk: demoApk(driver, key) })).body;
    expect((await tests(ec)).obstacles).toMatchObject([{ target: "com.example.mine" }]);
    await prove(await upload("com.example.mine", ec), ec);
    expect((await tests(ec)).obstacles).toEqual([]);
    // By another key it is another app's.
    expect((await tests(foreign)).obstacles).toMatchObject([{ target: "com.example.mine" }]);
  });
});

describe("agents", () => {
  test("know what a tenant owns before they hear of its lease, and each change at once", async () => {
    const id = await upload("com.example.grounds", ec, acme.headers);
    await prove(id, ec, "ecdsa", asAcme);
    expect(agent.grounds.has("acme")).toBe(false);
    await post("/leases", { devices: ["device-1"] }, asAcme);
    expect(agent.told.slice(0, 2)).toEqual(["grounds", "terms"]);
    expect(agent.terms.at(-1)).toMatchObject({ tenant: "acme", enrolled: false, phase: "leased" });
    const { version, owned } = agent.grounds.get("acme") ?? { version: 0, owned: [] };
    expect(owned).toEqual([
      { id: expect.any(String), package: DEMO.package, signer: DEMO.signer, only: "virtual" },
      { id, package: "com.example.grounds", signer: digestOf(ec) },
    ]);
    const permit = {
      tenant: "acme",
      package: "com.other.app",
      devices: ["device-1"],
      until: Date.now() + 60_000,
      reason: "a demo",
    };
    const made = await post("/permits", permit);
    expect(made.status).toBe(201);
    expect(agent.grounds.get("acme")).toMatchObject({
      version: version + 1,
      permits: [{ id: made.body.id, package: "com.other.app" }],
    });
    expect((await acme.ask("/permits")).body.items).toEqual([made.body]);
    await running.ask(`/permits/${made.body.id}`, { method: "DELETE", body: {} });
    await acme.ask(`/apps/${id}/ownership`, { method: "DELETE", body: {} });
    expect(agent.grounds.get("acme")).toMatchObject({ version: version + 3, permits: [], owned: [{ only: "virtual" }] });
  });

  test("that began anew are told again by their next beat", async () => {
    agent.grounds.clear();
    agent.beat(++startedAt);
    reportAll();
    await until(() => agent.grounds.has("acme"), "the grounds");
  });

  test("hear that a device is a lab device from now on", async () => {
    expect((await running.ask("/devices/device-1/enrolment", { method: "PUT", body: { enrolled: true } })).body.enrolled).toBe(
      true,
    );
    expect(agent.terms.at(-1)).toMatchObject({ deviceId: "device-1", enrolled: true, tenant: "acme" });
  });

  test("are told that an input is a trial, on two devices of a person a day, but for an app of their own", async () => {
    await post("/leases", { devices: ["device-2", "device-3", "device-4"] }, asAcme);
    const drive = async (id: string, standing: "owned" | "other") => {
      agent.report(reportOf(id, { reach: "usb", foreground: { package: "com.some.app", activity: ".A", standing } }));
      await until(async () => (await acme.ask(`/devices/${id}`)).body.foreground?.standing === standing);
      const answer = await post(`/devices/${id}/input`, { actions: [{ type: "tap", x: 1, y: 1 }] }, asAcme);
      expect(answer.status).toBe(200);
      return agent.inputs.at(-1)?.trial ?? false;
    };
    expect(await drive("device-1", "owned")).toBe(false);
    expect([await drive("device-2", "other"), await drive("device-3", "other"), await drive("device-4", "other")]).toEqual([
      true,
      true,
      false,
    ]);
    expect([await drive("device-2", "owned"), await drive("device-1", "other")]).toEqual([true, false]);
    const set = await running.ask("/tenants/acme/trials", { method: "PUT", body: { devicesPerDay: 5 } });
    expect(set.body).toEqual({ devicesPerDay: 5, usedToday: 2 });
  });
});

describe("what comes with phonerack", () => {
  test("is everybody's, with an id of its own, and stays", async () => {
    const [lab, theirs] = [await running.ask(`/apps?package=${DEMO.package}`), await acme.ask(`/apps?package=${DEMO.package}`)];
    const [mine] = lab.body.items;
    const [its] = theirs.body.items;
    expect([mine, its]).toMatchObject([{ ownership: { how: "demo" } }, { ownership: { how: "demo" } }]);
    expect(mine.id).not.toBe(its.id);
    expect((await running.ask(`/apps/${mine.id}`)).body).toEqual(mine);
    expect((await running.ask(`/apps/${mine.id}`, { method: "DELETE", body: {} })).body.code).toBe("app_refused");
  });
});

describe("another organisation's app", () => {
  test("is disowned by the lab's operators only with a reason, which its organisation reads", async () => {
    const id = await upload("com.example.theirs", ec, acme.headers);
    await prove(id, ec, "ecdsa", asAcme);
    const disown = (body: object) => running.ask(`/apps/${id}/ownership`, { method: "DELETE", body });
    expect((await disown({})).body.code).toBe("bad_request");
    expect((await disown({ reason: "it sends spam" })).body.ownership).toBeNull();
    const { items } = (await acme.ask(`/events?subject=${id}`)).body;
    expect(items[0]).toMatchObject({ kind: "app.disowned", detail: { reason: "it sends spam" } });
  });
});
