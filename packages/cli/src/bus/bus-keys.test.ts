/** What the holder of one agent's credentials can do on a lab's NATS, and what not: asked of a real server with the keys as we make them. */
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createUser } from "@nats-io/nkeys";
import { connect, jwtAuthenticator, type NatsConnection } from "@nats-io/transport-node";
import { type Bus, subjects } from "@phonerack/contract/bus";
import { BusKeys, writeBusKeys } from "@phonerack/control";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { type NatsServer, startNatsServer } from "../bench/nats-server.js";
import { type NatsReach, reachNats } from "./connect-nats.js";

const text = (payload: Uint8Array) => new TextDecoder().decode(payload);
const bytes = (words: string) => new TextEncoder().encode(words);
const HOUR_MS = 3_600_000;

let folder: string;
let keys: BusKeys;
let server: NatsServer;
let control: Bus;
const opened: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "phonerack-keys-"));
  const config = await writeBusKeys(folder);
  keys = await BusKeys.read(folder);
  server = await startNatsServer(config);
  const credentials = () => keys.control;
  control = (await reachNats({ url: server.url, name: "control", inboxPrefix: "_INBOX_control-r1", credentials })).bus;
});
afterAll(async () => {
  await control.stop();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});
afterEach(async () => {
  for (const each of opened.splice(0)) await each.stop();
});

/** An agent's credentials as it gets them when it joins. */
async function credentialsOf(agentId: string, expiresAt = Date.now() + HOUR_MS) {
  const user = createUser();
  return { jwt: await keys.signFor(agentId, user.getPublicKey(), expiresAt), seed: user.getSeed() };
}

async function agentBus(agentId: string): Promise<Bus> {
  const credentials = await credentialsOf(agentId);
  const { bus } = await reachNats({ url: server.url, name: agentId, credentials: () => credentials });
  opened.push(bus);
  return bus;
}

/** A thief with a NATS client of their own, who keeps to nothing; `refusals` are the server's words. */
async function thief(agentId: string): Promise<{ connection: NatsConnection; refusals: string[] }> {
  const { jwt, seed } = await credentialsOf(agentId);
  const connection = await connect({ servers: new URL(server.url).host, authenticator: jwtAuthenticator(jwt, seed) });
  opened.push({ stop: () => connection.close() });
  const refusals: string[] = [];
  void (async () => {
    for await (const status of connection.status()) if (status.type === "error") refusals.push(status.error.message);
  })();
  return { connection, refusals };
}

describe("keys of a lab's bus", () => {
  test("let an agent say and hear what is its own, and answer", async () => {
    const agent = await agentBus("a");
    const heard: string[] = [];
    const listening = ["agent.*.beat", "agent.*.report.*", "agent.*.gone.*", "media.r1.a.d.full"].map((pattern) =>
      control.subscribe(pattern, ({ subject }) => void heard.push(subject) as undefined),
    );
    agent.subscribe(subjects.terms("a"), ({ payload }) => bytes(`terms ${text(payload)}`));
    agent.subscribe("to.a.*.input", ({ payload }) => bytes(`input ${text(payload)}`));
    agent.subscribe(subjects.resend, () => void heard.push("resend") as undefined);
    await sleep(80);
    const phone = { agentId: "a", id: "d" };
    for (const subject of [subjects.beat("a"), subjects.report("a", "d"), subjects.gone("a", "d")])
      agent.publish(subject, bytes("x"));
    agent.publish(subjects.media("r1", phone, "full"), new Uint8Array(250_000));
    control.publish(subjects.resend, bytes(""));
    await vi.waitFor(() =>
      expect(heard.sort()).toEqual(["agent.a.beat", "agent.a.gone.d", "agent.a.report.d", "media.r1.a.d.full", "resend"]),
    );
    for (const [subject, answer] of [
      [subjects.terms("a"), "terms 1"],
      [subjects.input(phone), "input 1"],
    ] as const)
      expect(text(await control.request(subject, bytes("1"), { timeoutMs: 2_000 }))).toBe(answer);
    for (const each of listening) each.unsubscribe();
  });

  test("keep a thief of one agent's credentials from saying anything as another", async () => {
    const heard: string[] = [];
    const listening = ["agent.*.*", "agent.*.*.*", "media.*.*.*.*", "to.*.*", "to.*.*.*", "control.changed", "agents.resend"].map(
      (pattern) => control.subscribe(pattern, ({ subject }) => void heard.push(subject) as undefined),
    );
    await sleep(80);
    const { connection, refusals } = await thief("a");
    const others = [
      "agent.b.beat",
      "agent.b.report.d",
      "agent.b.gone.d",
      "media.r1.b.d.full",
      "to.b.d.input",
      "to.b.terms",
      "to.a.terms",
      "agents.resend",
      "control.changed",
      "_INBOX_control-r1.guessed.1",
    ];
    for (const subject of others) connection.publish(subject, "x");
    connection.publish("agent.a.beat", "its own");
    await vi.waitFor(() => expect(heard).toEqual(["agent.a.beat"]));
    await vi.waitFor(() => expect(refusals).toHaveLength(others.length));
    for (const subject of others) expect(refusals.join("\n")).toContain(`Publish to "${subject}"`);
    for (const each of listening) each.unsubscribe();
  });

  test.each([
    "to.b.*",
    "to.b.*.*",
    "to.b.d.input",
    "to.*.d.input",
    "to.>",
    "agent.>",
    "agent.b.report.d",
    "media.r1.b.d.full",
    "media.*.*.*.*",
    "media.>",
    "control.changed",
    "_INBOX.>",
    "_INBOX_control-r1.>",
    ">",
  ])("keep a thief of one agent's credentials from hearing %s", async (pattern) => {
    const b = await agentBus("b");
    b.subscribe("to.b.*.input", () => bytes("done"));
    const { connection, refusals } = await thief("a");
    const stolen: string[] = [];
    connection.subscribe(pattern, { callback: (error, message) => void (error ?? stolen.push(message.subject)) });
    await sleep(80);
    control.publish("control.changed", bytes("{}"));
    b.publish("agent.b.report.d", bytes("{}"));
    b.publish("media.r1.b.d.full", bytes("a secret screen"));
    expect(text(await control.request("to.b.d.input", bytes("a password"), { timeoutMs: 2_000 }))).toBe("done");
    await sleep(80);
    expect(stolen).toEqual([]);
    expect(refusals.join()).toMatch(/permissions violation/i);
  });

  test("keep a thief from answering for another, also with an address of an earlier answer", async () => {
    const b = await agentBus("b");
    b.subscribe("to.b.*.input", () => new Promise(() => {}));
    const { connection } = await thief("a");
    let inbox = "";
    connection.subscribe("to.a.*.input", {
      callback: (_error, message) => {
        inbox = message.reply ?? "";
        message.respond("first");
      },
    });
    await sleep(80);
    expect(text(await control.request("to.a.d.input", bytes(""), { timeoutMs: 2_000 }))).toBe("first");
    const asked = control.request("to.b.d.input", bytes(""), { timeoutMs: 400 });
    // Answers to one control differ in their last word only; the thief tries those that may come next.
    const stem = inbox.slice(0, inbox.lastIndexOf("."));
    for (let n = 0; n < 50; n++) connection.publish(`${stem}.${n}`, "forged");
    connection.publish(inbox, "forged");
    await expect(asked).rejects.toMatchObject({ code: "device_timeout" });
  });

  test("end with their time; new ones are taken at the next connect, and nothing that is subscribed is lost", async () => {
    let credentials = await credentialsOf("a", Date.now() + 2_500);
    const agent: NatsReach = await reachNats({ url: server.url, name: "a", credentials: () => credentials });
    opened.push(agent.bus);
    agent.bus.subscribe("to.a.*.input", ({ payload }) => payload);
    await sleep(80);
    credentials = { ...credentials, ...(await credentialsOf("a")) };
    await agent.reconnect();
    await sleep(3_500);
    expect(text(await control.request("to.a.d.input", bytes("still"), { timeoutMs: 1_000 }))).toBe("still");

    const old = await credentialsOf("c", Date.now() + 1_500);
    const late = await reachNats({ url: server.url, name: "c", credentials: () => old });
    opened.push(late.bus);
    late.bus.subscribe("to.c.*.input", ({ payload }) => payload);
    await sleep(3_000);
    await expect(control.request("to.c.d.input", bytes(""), { timeoutMs: 500 })).rejects.toMatchObject({
      code: "agent_unreachable",
    });
  }, 20_000);

  test("let nobody in without them", async () => {
    await expect(reachNats({ url: server.url, name: "stranger" })).rejects.toMatchObject({ code: "nats_unreachable" });
    const forged = { ...(await credentialsOf("a")), seed: createUser().getSeed() };
    await expect(reachNats({ url: server.url, name: "forged", credentials: () => forged })).rejects.toMatchObject({
      code: "nats_unreachable",
    });
  });

  test("are for their owner's eyes, are not overwritten, and are refused by name when they are not what they should be", async () => {
    for (const name of ["control.creds", "account-signing.seed"])
      expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
    await expect(writeBusKeys(folder)).rejects.toMatchObject({ code: "bus_keys_invalid" });
    await expect(BusKeys.read(join(folder, "nowhere"))).rejects.toMatchObject({ code: "bus_keys_invalid" });
    const broken = await mkdtemp(join(tmpdir(), "phonerack-keys-"));
    await writeFile(join(broken, "control.creds"), "-----BEGIN", { mode: 0o600 });
    await expect(BusKeys.read(broken)).rejects.toMatchObject({ code: "bus_keys_invalid" });
    await rm(broken, { recursive: true });
    await expect(writeBusKeys("/dev/null/keys")).rejects.toMatchObject({ code: "data_unwritable" });
  });
});
