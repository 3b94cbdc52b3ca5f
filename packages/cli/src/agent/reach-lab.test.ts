/** A joined agent over the length of its credentials, with a real control and a real NATS server; the lab gives them for seconds only. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Bus } from "@phonerack/contract/bus";
import { BusKeys, type Control, startControl, writeBusKeys } from "@phonerack/control";
import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type NatsServer, startNatsServer } from "../bench/nats-server.js";
import { connectNats } from "../bus/connect-nats.js";
import * as membership from "./membership.js";
import { type Reached, reachLab } from "./reach-lab.js";

const CREDENTIALS_MS = 4_000;
const log = pino({ level: "silent" });
const text = (payload: Uint8Array) => new TextDecoder().decode(payload);
const bytes = (words: string) => new TextEncoder().encode(words);

let folder: string;
let server: NatsServer;
let controlBus: Bus;
let control: Control;
let reached: Reached;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "phonerack-member-"));
  server = await startNatsServer(await writeBusKeys(join(folder, "bus")));
  const keys = await BusKeys.read(join(folder, "bus"));
  controlBus = await connectNats({ url: server.url, name: "control", credentials: () => keys.control });
  control = await startControl({
    bus: controlBus,
    agentBus: { keys, servers: [server.url], credentialsMs: CREDENTIALS_MS },
    replica: "r1",
    dataDir: join(folder, "control"),
    database: { kind: "pglite" },
    host: "127.0.0.1",
    port: 0,
    version: "0",
    log,
  });
}, 180_000);
afterAll(async () => {
  await reached.stop();
  await control.stop();
  await controlBus.stop();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

async function ask(path: string, method: "POST" | "DELETE"): Promise<{ code: string }> {
  const post = method === "POST";
  const headers = { authorization: `Bearer ${control.token}`, ...(post && { "content-type": "application/json" }) };
  const response = await fetch(`${control.url}/api/v1${path}`, { method, headers, ...(post && { body: "{}" }) });
  expect(response.ok).toBe(true);
  return (await response.json()) as { code: string };
}

test("renews its credentials by itself, loses no subscription by it, and is silent when it is removed and they have ended", async () => {
  const { code } = await ask("/agents/codes", "POST");
  const joined = await membership.join({ url: control.url }, { code, name: "a" });
  await membership.writeMembership(folder, joined);
  reached = await reachLab(joined, { folder, log, onError: () => undefined });
  reached.bus.subscribe("to.a.*.input", ({ payload }) => payload);
  const asked = () => controlBus.request("to.a.d.input", bytes("here"), { timeoutMs: 500 }).then(text);
  const end = Date.now() + 3 * CREDENTIALS_MS;
  let answered = 0;
  for (; Date.now() < end; await sleep(200)) if ((await asked().catch(() => "")) === "here") answered++;
  expect(await asked()).toBe("here");
  // Each renewal is a moment's absence, no more.
  expect(answered).toBeGreaterThan((3 * CREDENTIALS_MS) / 200 / 2);
  const kept = await membership.readMembership(folder);
  expect(kept?.reply.bus).toMatchObject({ kind: "nats" });
  expect(kept?.reply.bus.kind === "nats" && kept.reply.bus.expiresAt).toBeGreaterThan(Date.now());

  await ask("/agents/a", "DELETE");
  await sleep(1.5 * CREDENTIALS_MS);
  await expect(asked()).rejects.toMatchObject({ code: "agent_unreachable" });
  await expect(reachLab(joined, { folder, log, onError: () => undefined })).rejects.toMatchObject({ code: "unauthorised" });
}, 60_000);
