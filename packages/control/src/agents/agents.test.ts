/** Hosts that join and are removed, over the API of two controls on one PostgreSQL; agents link to control, or play on the bus itself. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createUser, decode } from "@nats-io/jwt";
import type { AgentView } from "@phonerack/contract/api";
import { type Bus, createInProcessBus, createLinkBus, LINK_PROTOCOL } from "@phonerack/contract/bus";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { FakeAgent, reportOf } from "../../test/fake-agent.js";
import { hasPostgres, type PostgresServer, startPostgres } from "../../test/postgres-server.js";
import { type RunningControl, runControl, silent, until } from "../../test/running-control.js";
import { openDatabase } from "../database/database.js";
import { BusKeys, writeBusKeys } from "./bus-keys.js";
import { type AgentRow, AgentStore } from "./store.js";

const KEY = createUser().getPublicKey();

async function codeOf(control: RunningControl): Promise<string> {
  const { status, body } = await control.ask("/agents/codes", { method: "POST", body: {} });
  expect(status).toBe(201);
  return body.code as string;
}

/** Joins as a host does: without any log-in. */
async function joinAs(control: RunningControl, change: Record<string, unknown>) {
  const body = { name: "rack-a", host: "host-a", publicKey: KEY, ...change };
  const headers = { "content-type": "application/json" };
  const response = await control.knock("/api/v1/agents/join", { method: "POST", headers, body: JSON.stringify(body) });
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
  return { status: response.status, body: (await response.json()) as any };
}

async function renew(control: RunningControl, token: string) {
  const headers = { "content-type": "application/json" };
  const response = await control.knock("/api/v1/agents/renew", { method: "POST", headers, body: JSON.stringify({ token }) });
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
  return { status: response.status, body: (await response.json()) as any };
}

/** A link as an agent opens it; `refused` is the HTTP status of one that was not let in. */
function linkTo(control: RunningControl, token: string, name?: string): { bus: Bus; refused: Promise<number>; closed: string[] } {
  const closed: string[] = [];
  let refuse: (status: number) => void;
  const refused = new Promise<number>((resolve) => {
    refuse = resolve;
  });
  const headers = { authorization: `Bearer ${token}`, ...(name ? { "x-phonerack-agent": name } : {}) };
  const open = () => {
    const socket = new WebSocket(`${control.control.url.replace("http", "ws")}/api/v1/bus`, LINK_PROTOCOL, { headers });
    socket.on("error", () => undefined);
    socket.on("unexpected-response", (_request, response) => {
      refuse(response.statusCode ?? 0);
      socket.terminate();
    });
    return socket;
  };
  const bus = createLinkBus({ open, onState: (_lane, state, reason) => state === "down" && closed.push(reason) });
  return { bus, refused, closed };
}

/** Undefined for an agent that is not listed. */
async function agentOn(control: RunningControl, id: string): Promise<AgentView | undefined> {
  return ((await control.ask("/agents")).body.items as AgentView[]).find((agent) => agent.id === id);
}

const deviceIds = async (control: RunningControl) =>
  ((await control.ask("/devices")).body.items as { id: string; state: string }[]).map(({ id, state }) => `${id} ${state}`);

describe.runIf(hasPostgres)("a lab with two controls", () => {
  let postgres: PostgresServer;
  let bus: Bus;
  let first: RunningControl;
  let second: RunningControl;
  beforeAll(async () => {
    postgres = await startPostgres();
    bus = createInProcessBus();
    const database = { kind: "postgres" as const, url: postgres.url };
    first = await runControl({ bus, database, replica: "control-1" });
    second = await runControl({ bus, database, replica: "control-2" });
  }, 60_000);
  afterAll(async () => {
    await second.control.stop();
    await first.control.stop();
    await bus.stop();
    await postgres.stop();
  });

  test("joins a host by a code that works once, and shows it on both at once", async () => {
    const code = await codeOf(first);
    const joined = await joinAs(second, { code: ` ${code.toLowerCase().replaceAll("-", " ")}` });
    expect(joined).toMatchObject({ status: 200, body: { agent: "rack-a", bus: { kind: "link" }, token: expect.any(String) } });
    expect(await joinAs(first, { code, name: "rack-b" })).toMatchObject({ status: 401, body: { code: "join_refused" } });
    for (const control of [first, second]) {
      const view = await until(async () => (await control.ask("/agents")).body.items[0]);
      expect(view).toMatchObject({ id: "rack-a", host: "host-a", presence: "never", devices: 0, joinedBy: "owner" });
    }
    expect(await renew(first, joined.body.token)).toMatchObject({
      status: 200,
      body: { agent: "rack-a", token: joined.body.token },
    });
  });

  test("gives a code to one of many who bring it at the same time", async () => {
    const code = await codeOf(first);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => joinAs(n % 2 ? first : second, { code, name: `race-${n}` })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ body }) => body.code === "join_refused")).toHaveLength(19);
    const { body } = await first.ask("/agents");
    expect(body.items.filter(({ id }: { id: string }) => id.startsWith("race-"))).toHaveLength(1);
  });

  test("keeps a code good for a name that is taken, and the names apart", async () => {
    const code = await codeOf(first);
    for (const name of ["rack-a", "local"])
      expect(await joinAs(first, { code, name })).toMatchObject({ status: 409, body: { code: "agent_name_taken" } });
    expect((await joinAs(first, { code, name: "rack-c" })).status).toBe(200);
  });

  test("takes no code that has expired, was never made or is none", async () => {
    const database = await openDatabase({ kind: "postgres", url: postgres.url }, { dataDir: tmpdir(), log: silent });
    const store = new AgentStore(Promise.resolve(database.db));
    const row: Omit<AgentRow, "joinedBy"> = { id: "late", host: "", joinedAt: new Date(2_000), tokenHash: "t", publicKey: KEY };
    await store.addCode({ hash: "h", createdBy: "owner", expiresAt: new Date(2_000) }, new Date(0));
    expect(await store.join("h", row)).toBe("no-code");
    expect(await store.join("h", { ...row, joinedAt: new Date(1_999) })).toMatchObject({ id: "late" });
    await store.remove("late");
    await database.stop();
    expect(await joinAs(first, { code: "AAAA-BBBB-CCCC-DDDD", name: "x" })).toMatchObject({ body: { code: "join_refused" } });
    for (const change of [{ code: "short" }, { name: "a b" }, { publicKey: "UABC" }, { publicKey: KEY.replace("U", "A") }])
      expect(await joinAs(first, { code: "AAAA-BBBB-CCCC-DDDD", ...change })).toMatchObject({ status: 400 });
    for (const token of ["x".repeat(30), "short"]) expect((await renew(first, token)).status).toBeGreaterThanOrEqual(400);
  });

  test("opens a link to the agent's own token, for its own name and nothing else", async () => {
    const { body } = await joinAs(first, { code: await codeOf(first), name: "linked" });
    const { bus: link } = linkTo(second, body.token);
    new FakeAgent(link, "linked").beat();
    await until(async () => (await agentOn(first, "linked"))?.presence === "here");
    new FakeAgent(link, "linked").report(reportOf("dev-linked", { agentId: "linked" }));
    await until(async () => (await deviceIds(first)).includes("dev-linked ready"));
    const thief = linkTo(first, body.token);
    new FakeAgent(thief.bus, "rack-a");
    await until(() => thief.closed.some((reason) => reason.includes("may not subscribe")));
    expect(await linkTo(first, body.token, "rack-a").refused).toBe(401);
    expect(await linkTo(first, "t".repeat(40)).refused).toBe(401);
    await Promise.all([link.stop(), thief.bus.stop()]);
  });

  test("opens a link to the admin token for the name it states", async () => {
    const { token } = first.control;
    expect(await linkTo(first, token).refused).toBe(400);
    expect(await linkTo(first, token, "local").refused).toBe(400);
    const { bus: link } = linkTo(first, token, "by-hand");
    new FakeAgent(link, "by-hand").beat();
    await until(async () => (await agentOn(second, "by-hand"))?.joinedAt === null);
    await link.stop();
  });

  test("takes a removed host's rights away at once, on both: its link, its token, its voice and its phones", async () => {
    const { body } = await joinAs(first, { code: await codeOf(first), name: "gone" });
    const link = linkTo(second, body.token);
    const agent = new FakeAgent(link.bus, "gone");
    agent.beat();
    agent.report(reportOf("dev-gone", { agentId: "gone" }));
    for (const control of [first, second]) await until(async () => (await deviceIds(control)).includes("dev-gone ready"));
    expect(await first.ask("/agents/gone", { method: "DELETE" })).toMatchObject({ status: 200, body: { id: "gone" } });
    await until(() => link.closed.some((reason) => reason.includes("removed from the lab")), "closing its link");
    for (const control of [first, second])
      await until(async () => !(await deviceIds(control)).some((line) => line.startsWith("dev-gone")), "forgetting its phone");
    expect(await renew(second, body.token)).toMatchObject({ status: 401, body: { code: "unauthorised" } });
    expect(await link.refused).toBe(401);
    const voice = new FakeAgent(bus, "gone");
    voice.beat();
    voice.report(reportOf("dev-gone", { agentId: "gone" }));
    await new Promise((resolve) => setTimeout(resolve, 200));
    for (const control of [first, second]) {
      expect(await agentOn(control, "gone")).toBeUndefined();
      expect(await deviceIds(control)).not.toContain("dev-gone ready");
    }
    expect(await first.ask("/agents/gone", { method: "DELETE" })).toMatchObject({
      status: 404,
      body: { code: "agent_not_found" },
    });
    await link.bus.stop();
    expect((await joinAs(second, { code: await codeOf(first), name: "gone" })).status).toBe(200);
    await until(async () => {
      voice.beat();
      return (await agentOn(first, "gone"))?.presence === "here";
    });
  });
});

describe("a lab with bus keys", () => {
  let folder: string;
  let running: RunningControl;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "phonerack-keys-"));
    await writeBusKeys(folder);
    running = await runControl({ agentBus: { keys: await BusKeys.read(folder), servers: ["nats://10.0.0.2:4222"] } });
  });
  afterAll(async () => {
    await running.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test("gives a joined host credentials of its own, for a day at most", async () => {
    const { body } = await joinAs(running, { code: await codeOf(running) });
    expect(body.bus).toMatchObject({ kind: "nats", servers: ["nats://10.0.0.2:4222"] });
    expect(body.bus.expiresAt - Date.now()).toBeGreaterThan(3_600_000);
    expect(body.bus.expiresAt - Date.now()).toBeLessThanOrEqual(24 * 3_600_000);
    const claims = decode<Record<string, unknown>>(body.bus.jwt);
    expect({ sub: claims.sub, exp: claims.exp }).toEqual({ sub: KEY, exp: Math.floor(body.bus.expiresAt / 1_000) });
    expect(claims.nats).toMatchObject({
      pub: { allow: ["agent.rack-a.beat", "agent.rack-a.*.*", "media.*.rack-a.*.*", "bulk.from.rack-a.*"] },
      sub: { allow: ["agents.resend", "to.rack-a.*", "to.rack-a.*.*", "bulk.to.rack-a.*"] },
    });
    expect(JSON.stringify(await renew(running, body.token))).toContain('"kind":"nats"');
  });

  test("hears nobody who has not joined, and opens no link for them", async () => {
    const stranger = new FakeAgent(running.bus, "stranger");
    const member = new FakeAgent(running.bus, "rack-a");
    stranger.beat();
    stranger.report(reportOf("dev-strange", { agentId: "stranger" }));
    member.beat();
    member.report(reportOf("dev-known", { agentId: "rack-a" }));
    await until(async () => (await deviceIds(running)).includes("dev-known ready"));
    expect(await deviceIds(running)).toEqual(["dev-known ready"]);
    expect((await running.ask("/health")).body.agents).toBe(1);
    expect(await linkTo(running, running.control.token, "stranger").refused).toBe(404);
  });
});
