import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isContractProcedure } from "@orpc/contract";
import { contract } from "@phonerack/contract/api";
import { DeviceReport, PhonerackError } from "@phonerack/contract/bus";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FakeAgent, reportOf } from "../../test/fake-agent.js";
import { type RunningControl, runControl, silent, until } from "../../test/running-control.js";
import { startControl } from "../control.js";

let running: RunningControl;
let agent: FakeAgent;
let beating: NodeJS.Timeout;
let webRoot: string;

beforeAll(async () => {
  webRoot = await mkdtemp(join(tmpdir(), "phonerack-web-"));
  await writeFile(join(webRoot, "index.html"), "<!doctype html><title>the console</title>");
  await mkdir(join(webRoot, "assets"));
  await writeFile(join(webRoot, "assets", "app-1a2b.js"), "export {};");
  running = await runControl({ webRoot });
  agent = new FakeAgent(running.bus);
  agent.beat();
  beating = setInterval(() => agent.beat(), 1_000);
  for (let slot = 1; slot <= 12; slot++) {
    agent.report(reportOf(`rack-${slot}`, { slot, model: slot > 6 ? "R2" : "R1", sdk: 25 + slot }));
  }
  const desk = { chassis: null, slot: null, model: "Pixel 7" };
  agent.report(reportOf("desk-lost", desk));
  await until(async () => (await running.ask("/health")).body.devices === 13);
  await running.take("rack-1", "desk-lost");
  agent.report(reportOf("desk-lost", { ...desk, state: "lost", reason: "its cable was pulled" }));
  await until(async () => (await running.ask("/devices/desk-lost")).body.state === "lost");
});
afterAll(async () => {
  clearInterval(beating);
  agent.stop();
  await running.stop();
  await rm(webRoot, { recursive: true, force: true });
});

/** fetch would set Host itself. */
function getWithHost(host: string): Promise<number | undefined> {
  const { hostname, port } = new URL(running.control.url);
  return new Promise((resolve, reject) => {
    request({ hostname, port, path: "/api/v1/health", headers: { host } }, (response) => resolve(response.resume().statusCode))
      .on("error", reject)
      .end();
  });
}

async function cookieOf(link: string): Promise<string> {
  const entered = await running.knock(link.slice(running.control.url.length));
  return entered.headers.get("set-cookie")?.split(";")[0] ?? "";
}

describe("without log-in", () => {
  test("health is open, counts agents and devices, and tells how the log is", async () => {
    const response = await running.knock("/api/v1/health");
    const { log: told, ...health } = (await response.json()) as Record<string, unknown>;
    expect(health).toEqual({ status: "ok", version: "0.1.0", agents: 1, devices: 13 });
    expect(told).toMatchObject({ appends: true, size: expect.any(Number), witnesses: [] });
  });

  test.each([
    ["GET", "/devices"],
    ["GET", "/devices/rack-1"],
    ["PATCH", "/devices/rack-1"],
    ["DELETE", "/devices/rack-1"],
    ["GET", "/devices/rack-1/screenshot"],
    ["POST", "/devices/rack-1/input"],
    ["GET", "/session"],
    ["POST", "/session/link"],
    ["DELETE", "/session"],
    ["GET", "/openapi.json"],
    ["GET", "/nothing"],
  ])("%s %s is refused with the error table's words", async (method, path) => {
    const response = await running.knock(`/api/v1${path}`, { method });
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual(new PhonerackError("unauthorised").toJSON());
  });

  test.each(["Bearer wrong", "Bearer", "Basic YTpi", `Bearer ${"x".repeat(5_000)}`])(
    "'%.20s' lets nobody in",
    async (authorization) => {
      expect((await running.ask("/devices", { headers: { authorization } })).status).toBe(401);
    },
  );
});

describe("bad input", () => {
  const tap = { actions: [{ type: "tap", x: 1, y: 2 }] };
  test.each([
    ["GET", "/devices?limit=0", undefined, 400, "bad_request"],
    ["GET", "/devices?limit=1001", undefined, 400, "bad_request"],
    ["GET", "/devices?state=happy", undefined, 400, "bad_request"],
    ["GET", "/devices?sdk=many", undefined, 400, "bad_request"],
    ["GET", "/devices?cursor=nonsense", undefined, 400, "bad_request"],
    ["GET", "/devices/NO", undefined, 400, "bad_request"],
    ["GET", "/devices/nobody-knows", undefined, 404, "device_not_found"],
    ["GET", "/devices/nobody-knows/screenshot", undefined, 404, "device_not_found"],
    ["GET", "/devices/desk-lost/screenshot", undefined, 409, "device_not_ready"],
    ["POST", "/devices/nobody-knows/input", tap, 404, "device_not_found"],
    ["POST", "/devices/desk-lost/input", tap, 409, "device_not_ready"],
    ["POST", "/devices/rack-1/input", { actions: [] }, 400, "bad_request"],
    ["POST", "/devices/rack-1/input", { actions: [{ type: "tap", x: 1 }] }, 400, "bad_request"],
    ["POST", "/devices/rack-1/input", { actions: [{ type: "key", key: "WARP" }] }, 400, "bad_request"],
    ["POST", "/devices/rack-1/input", { actions: [{ type: "shell", command: "id" }] }, 400, "bad_request"],
    ["POST", "/devices/rack-1/input", undefined, 400, "bad_request"],
    ["PATCH", "/devices/rack-1", { name: "   " }, 400, "bad_request"],
    ["PATCH", "/devices/rack-1", { name: "x".repeat(61) }, 400, "bad_request"],
    ["PATCH", "/devices/nobody-knows", { name: "x" }, 404, "device_not_found"],
    ["DELETE", "/devices/rack-1", undefined, 409, "device_in_use"],
    ["DELETE", "/devices/nobody-knows", undefined, 404, "device_not_found"],
    ["GET", "/nothing", undefined, 404, "not_found"],
    ["GET", "/devices/%ZZ", undefined, 400, "bad_request"],
    ["PUT", "/devices", {}, 404, "not_found"],
    ["POST", "/devices/rack-1/input", { actions: [{ type: "text", text: "x".repeat(2_000_000) }] }, 413, "too_large"],
  ])("%s %s %.0s→ %i %s", async (...[method, path, body, status, code]) => {
    const answer = await running.ask(path, { method, body });
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
    expect(answer.body.message).toBe(new PhonerackError(code as "internal").message);
  });

  test.each([
    ["application/json", "{"],
    ["text/plain", "{}"],
    ["application/x-www-form-urlencoded", "actions=1"],
    ["application/json", '{"__proto__":{"a":1},"actions":[]}'],
  ])("a body of %s that says %s is refused as it stands", async (type, body) => {
    const headers = { ...running.bearer, "content-type": type };
    const response = await running.knock("/api/v1/devices/rack-1/input", { method: "POST", headers, body });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: "bad_request" });
  });

  test("a body without a length is bounded too", async () => {
    const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536).fill(32)) });
    const headers = { ...running.bearer, "content-type": "application/json" };
    const options = { method: "POST", headers, body: endless, duplex: "half" } as RequestInit;
    const status = await running.knock("/api/v1/devices/rack-1/input", options).then(
      (response) => response.status,
      () => "cut off",
    );
    expect([413, "cut off"]).toContain(status);
  });

  test("bytes that are no HTTP get one named error and a closed connection", async () => {
    const { hostname, port } = new URL(running.control.url);
    const socket = connect(Number(port), hostname, () => socket.write("\x16\x03\x01 hello\r\n\r\n"));
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    expect(text).toMatch(/^HTTP\/1.1 400 /);
    expect(JSON.parse(text.slice(text.indexOf("\r\n\r\n")))).toMatchObject({ code: "bad_request" });
  });
});

describe("devices", () => {
  test("come by name, slot 9 before slot 10, a page at a time without gap or repetition", async () => {
    const names: string[] = [];
    let cursor: string | null = "";
    for (let page = 0; cursor !== null && page < 10; page++) {
      const { body } = await running.ask(`/devices?limit=5${cursor && `&cursor=${cursor}`}`);
      expect(body.items.length).toBeLessThanOrEqual(5);
      names.push(...body.items.map((device: { name: string }) => device.name));
      cursor = body.next;
    }
    const slots = Array.from({ length: 12 }, (_, slot) => `V01-${String(slot + 1).padStart(2, "0")}`);
    expect(names).toEqual(["Pixel 7 lost", ...slots]);
  });

  test.each([
    ["state=lost", ["desk-lost"]],
    ["model=R2&limit=2", ["rack-7", "rack-8"]],
    ["sdk=30", ["rack-5"]],
    ["chassis=V01&q=v01-1", ["rack-10", "rack-11", "rack-12"]],
    ["q=pIxEl", ["desk-lost"]],
    ["q=nowhere", []],
  ])("are filtered by %s", async (query, ids) => {
    const { body } = await running.ask(`/devices?${query}`);
    expect(body.items.map((device: { id: string }) => device.id)).toEqual(ids);
  });

  test("are shown one by one with what control adds", async () => {
    const { body } = await running.ask("/devices/rack-3");
    expect(body).toEqual({
      ...DeviceReport.parse(reportOf("rack-3", { slot: 3, sdk: 28 })),
      name: "V01-03",
      lease: "free",
      holder: null,
      quarantine: null,
      support: null,
      site: "Lab",
      rack: "V",
      labels: [],
      isolated: false,
      tenant: null,
      watchers: 0,
    });
  });

  test("keep the name they are given", async () => {
    const renamed = await running.ask("/devices/rack-2", { method: "PATCH", body: { name: " Erika's phone " } });
    expect(renamed.body).toMatchObject({ id: "rack-2", name: "Erika's phone" });
    agent.report(reportOf("rack-2", { slot: 2, sdk: 27 }));
    await until(async () => (await running.ask("/devices/rack-2")).body.sdk === 27);
    expect((await running.ask("/devices/rack-2")).body.name).toBe("Erika's phone");
    await running.ask("/devices/rack-2", { method: "PATCH", body: { name: "V01-02" } });
  });

  test("take actions in order and tell the outcome of each", async () => {
    const actions = [
      { type: "tap", x: 1, y: 2 },
      { type: "swipe", x: 1, y: 2, toX: 3, toY: 4 },
      { type: "key", key: "keycode_home" },
      { type: "text", text: "你好 👋" },
    ];
    const { body } = await running.ask("/devices/rack-1/input", { method: "POST", body: { actions } });
    expect(body).toEqual({ results: actions.map(() => ({ outcome: "delivered" })) });
    expect(agent.inputs.at(-1)?.inputs).toEqual([
      actions[0],
      { ...actions[1], ms: 300 },
      { type: "key", key: "HOME" },
      actions[3],
    ]);
  });

  test("answer with the agent's own error when it refuses", async () => {
    agent.refuseInput = new PhonerackError("denied", "not an owned app");
    const { status, body } = await running.ask("/devices/rack-1/input", {
      method: "POST",
      body: { actions: [{ type: "key", key: "BACK" }] },
    });
    agent.refuseInput = undefined;
    expect({ status, ...body }).toMatchObject({ status: 403, code: "denied", detail: "not an owned app" });
  });

  test("give their screen as PNG, put together from its parts", async () => {
    agent.png = new Uint8Array(100_001).map((_, at) => at % 251);
    const response = await running.knock("/api/v1/devices/rack-1/screenshot", { headers: running.bearer });
    expect(response.headers.get("content-type")).toBe("image/png");
    expect(Buffer.from(await response.arrayBuffer()).equals(agent.png)).toBe(true);
  });
});

describe("the session", () => {
  test("is opened by the console's link, once, with a cookie that no script and no other site can use", async () => {
    const link = new URL(await running.control.consoleLink());
    const first = await running.knock(link.pathname + link.search);
    expect({ status: first.status, to: first.headers.get("location") }).toEqual({ status: 303, to: "/" });
    const setCookie = first.headers.get("set-cookie") ?? "";
    expect(setCookie).toMatch(
      new RegExp(`^phonerack_${link.port}=[\\w.+/=-]{60,100}; Path=/; Expires=[^;]+; HttpOnly; SameSite=Strict$`),
    );
    const second = await running.knock(link.pathname + link.search);
    expect(second.status).toBe(401);
    expect(await second.text()).toContain(new PhonerackError("link_used").message);
  });

  test("lets in by cookie, and no more after log-out", async () => {
    const cookie = await cookieOf(await running.control.consoleLink());
    const withCookie = (method = "GET") => running.knock("/api/v1/session", { method, headers: { cookie } });
    const session = (await (await withCookie()).json()) as { actor: string; expiresAt: number };
    expect(session.actor).toBe("owner");
    expect(session.expiresAt).toBeGreaterThan(Date.now());
    const ended = await withCookie("DELETE");
    expect(await ended.json()).toEqual({ ended: true });
    expect(ended.headers.get("set-cookie")).toMatch(/Expires=Thu, 01 Jan 1970/);
    expect((await withCookie()).status).toBe(401);
  });

  test("has new links for who holds the token", async () => {
    const { body } = await running.ask("/session/link", { method: "POST" });
    expect(body.expiresAt).toBeGreaterThan(Date.now());
    expect(await cookieOf(body.link)).toMatch(/^phonerack_/);
  });

  test("answers only to names of this machine when it listens on loopback", async () => {
    expect(await getWithHost("rebound.example")).toBe(403);
    expect(await getWithHost("127.0.0.1.rebound.example")).toBe(403);
    expect(await getWithHost("localhost:8080")).toBe(200);
    expect(await getWithHost("[::1]:8080")).toBe(200);
  });

  test("does not act for a page of another site", async () => {
    const cookie = await cookieOf((await running.ask("/session/link", { method: "POST" })).body.link);
    for (const origin of ["http://evil.example", "null", "http://localhost:1"]) {
      const response = await running.knock("/api/v1/session/link", { method: "POST", headers: { cookie, origin } });
      expect(await response.json()).toMatchObject({ code: "forbidden_origin" });
    }
    const own = await running.knock("/api/v1/session", { headers: { cookie, origin: running.control.url } });
    expect(own.status).toBe(200);
  });

  test("is not to be guessed at speed", async () => {
    const guess = () => running.knock("/enter?code=guess").then((response) => response.status);
    const answers = await Promise.all(Array.from({ length: 25 }, guess));
    expect(answers).toContain(429);
    expect(answers).not.toContain(303);
  });
});

describe("the console's files", () => {
  test.each([
    ["/", 200, "no-cache"],
    ["/devices/rack-1?tab=log", 200, "no-cache"],
    ["/assets/app-1a2b.js", 200, "public, max-age=31536000, immutable"],
    ["/assets/app-gone.js", 404, "no-store"],
    ["/favicon.ico", 404, "no-store"],
    ["/apiary", 200, "no-cache"],
    ["/api/v2/devices", 404, "no-store"],
    ["/../package.json", 404, "no-store"],
    ["/assets/..%2f..%2fpackage.json", 400, "no-store"],
  ])("%s → %i, %s", async (path, status, caching) => {
    const response = await running.knock(path);
    expect({ status: response.status, caching: response.headers.get("cache-control") }).toEqual({ status, caching });
    if (status === 404) expect(await response.json()).toMatchObject({ code: "not_found" });
  });

  test("come with a policy that lets the decoder run and nothing foreign in, on plain HTTP too", async () => {
    const { headers } = await running.knock("/");
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval'");
    expect(policy).toContain("worker-src 'self' blob:");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("upgrade-insecure-requests");
    expect(headers.has("strict-transport-security")).toBe(false);
    expect(headers.get("x-request-id")).toMatch(/^[\w-]{12}$/);
  });
});

/** The paths of all routes of a part of the contract. */
function pathsOf(part: object): string[] {
  return Object.values(part).flatMap((entry) =>
    isContractProcedure(entry) ? (entry["~orpc"].route.path ?? []) : pathsOf(entry),
  );
}

describe("OpenAPI", () => {
  test("describes every route in version 3.1, with the picture as PNG and the form of refusals", async () => {
    const { body } = await running.ask("/openapi.json");
    expect(body.openapi).toMatch(/^3\.1\./);
    expect(Object.keys(body.paths).sort()).toEqual([...new Set(pathsOf(contract))].sort());
    expect(body.paths["/devices/{id}/screenshot"].get.responses["200"].content).toHaveProperty("image/png");
    expect(body.paths["/devices"].get.responses.default.content["application/json"].schema).toEqual({
      $ref: "#/components/schemas/ApiError",
    });
    expect(body.components.schemas.ApiError.required).toEqual(["code", "message"]);
    expect(body.paths["/health"].get.security).toEqual([]);
    const references = [...JSON.stringify(body).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(
      ([, name]) => name ?? "",
    );
    for (const name of references) expect(body.components.schemas).toHaveProperty(name);
  });
});

describe("the data folder", () => {
  test("keeps the token for its owner alone", async () => {
    const path = join(running.dataDir, "admin-token");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await readFile(path, "utf8")).trim()).toBe(running.control.token);
  });

  test("belongs to one control at a time", async () => {
    const second = startControl({
      bus: running.bus,
      replica: "control-2",
      dataDir: running.dataDir,
      database: { kind: "pglite" },
      host: "127.0.0.1",
      port: 0,
      version: "0.1.0",
      log: silent,
    });
    await expect(second).rejects.toMatchObject({ code: "data_in_use" });
  });
});

test("a taken port is named, and what was begun is undone", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => taken.once("listening", resolve));
  const dataDir = await mkdtemp(join(tmpdir(), "phonerack-taken-"));
  const { port } = taken.address() as { port: number };
  try {
    await expect(runControl({ dataDir, port })).rejects.toMatchObject({ code: "port_taken", detail: `127.0.0.1:${port}` });
    await expect(stat(join(dataDir, "lock"))).rejects.toMatchObject({ code: "ENOENT" });
  } finally {
    taken.close();
    await rm(dataDir, { recursive: true, force: true });
  }
});
