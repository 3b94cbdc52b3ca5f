/** What every bus promises, asked of all three: in one process, over a real NATS server, over WebSockets to control. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import {
  agentAllowance,
  type Bus,
  createInProcessBus,
  decodeMessage,
  InputReply,
  LINK_PIECE,
  PhonerackError,
  serveBusLink,
} from "@phonerack/contract/bus";
import pino from "pino";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { WebSocketServer } from "ws";
import { startNatsServer } from "../bench/nats-server.js";
import { connectLink } from "./connect-link.js";
import { connectNats } from "./connect-nats.js";

interface Ends {
  readonly control: Bus;
  readonly agent: Bus;
  /** Resolves when what was subscribed before is in force on the other side. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (payload: Uint8Array) => new TextDecoder().decode(payload);
const log = pino({ level: "silent" });

async function inProcess(): Promise<Ends> {
  const bus = createInProcessBus();
  return { control: bus, agent: bus, settle: async () => {}, stop: () => bus.stop() };
}

async function nats(): Promise<Ends> {
  const server = await startNatsServer();
  const control = await connectNats({ url: server.url, name: "control" });
  const agent = await connectNats({ url: server.url, name: "agent" });
  return {
    control,
    agent,
    settle: () => sleep(60),
    async stop() {
      await agent.stop();
      await control.stop();
      await server.stop();
    },
  };
}

/** A control that serves links, without the rest of control. */
async function serveLinks(bus: Bus, port = 0) {
  const http = createServer();
  const sockets = new WebSocketServer({ server: http, maxPayload: 2 * LINK_PIECE });
  const closed: string[] = [];
  sockets.on("connection", (socket) => {
    serveBusLink(bus, socket, { allow: agentAllowance("x"), onClosed: (code, reason) => closed.push(`${code} ${reason}`) });
  });
  await new Promise<void>((resolve) => http.listen(port, "127.0.0.1", resolve));
  return {
    port: (http.address() as AddressInfo).port,
    closed,
    async stop() {
      for (const socket of sockets.clients) socket.terminate();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

async function link(): Promise<Ends> {
  const control = createInProcessBus();
  const server = await serveLinks(control);
  const agent = await connectLink({ url: `http://127.0.0.1:${server.port}`, token: "t", agent: "x", log });
  return {
    control,
    agent,
    settle: () => sleep(60),
    async stop() {
      await agent.stop();
      await server.stop();
      await control.stop();
    },
  };
}

describe.each([
  ["in-process", inProcess],
  ["NATS", nats],
  ["link", link],
])("a bus: %s", (_name, start) => {
  let ends: Ends;
  beforeEach(async () => {
    ends = await start();
  });
  afterEach(() => ends.stop());

  test("carries what an agent publishes to control, in order", async () => {
    const heard: string[] = [];
    ends.control.subscribe("agent.x.report.*", ({ subject, payload }) => {
      heard.push(`${subject} ${text(payload)}`);
      return undefined;
    });
    await ends.settle();
    for (let n = 0; n < 200; n++) ends.agent.publish(`agent.x.report.d-${n % 3}`, bytes(String(n)));
    await vi.waitFor(() => expect(heard).toHaveLength(200));
    expect(heard).toEqual(Array.from({ length: 200 }, (_, n) => `agent.x.report.d-${n % 3} ${n}`));
  });

  test("never runs a handler inside publish", async () => {
    const seen: string[] = [];
    ends.control.subscribe("agent.x.report.a", () => {
      seen.push("heard");
      return undefined;
    });
    await ends.settle();
    ends.agent.publish("agent.x.report.a", bytes(""));
    seen.push("published");
    await vi.waitFor(() => expect(seen).toEqual(["published", "heard"]));
  });

  test("matches * to exactly one word", async () => {
    const heard: string[] = [];
    ends.agent.subscribe("to.x.*.stream", ({ subject }) => {
      heard.push(subject);
      return undefined;
    });
    await ends.settle();
    for (const subject of ["to.x.a.b.stream", "to.x.a.input", "to.y.a.stream", "to.x.a.stream"]) {
      ends.control.publish(subject, bytes(""));
    }
    await vi.waitFor(() => expect(heard).toEqual(["to.x.a.stream"]));
  });

  test("gives a message once to each of two overlapping subscriptions", async () => {
    const heard: string[] = [];
    ends.agent.subscribe("to.x.*.stream", () => void heard.push("pattern") as undefined);
    ends.agent.subscribe("to.x.a.stream", () => void heard.push("exact") as undefined);
    await ends.settle();
    ends.control.publish("to.x.a.stream", bytes(""));
    await sleep(80);
    expect(heard.sort()).toEqual(["exact", "pattern"]);
  });

  test("gives nothing more after unsubscribe", async () => {
    const handler = vi.fn(() => undefined);
    const subscription = ends.agent.subscribe("agents.resend", handler);
    await ends.settle();
    ends.control.publish("agents.resend", bytes(""));
    await vi.waitFor(() => expect(handler).toHaveBeenCalledTimes(1));
    subscription.unsubscribe();
    await ends.settle();
    ends.control.publish("agents.resend", bytes(""));
    await sleep(80);
    expect(handler).toHaveBeenCalledTimes(1);
  });

  test("keeps a handler that throws from hurting the others", async () => {
    const heard = vi.fn(() => undefined);
    ends.control.subscribe("agent.x.beat", () => {
      throw new Error("sync");
    });
    ends.control.subscribe("agent.x.beat", async () => {
      throw new Error("async");
    });
    ends.control.subscribe("agent.x.beat", heard);
    await ends.settle();
    ends.agent.publish("agent.x.beat", bytes("1"));
    ends.agent.publish("agent.x.beat", bytes("2"));
    await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(2));
  });

  test("answers a request and tells the handler that somebody waits", async () => {
    ends.agent.subscribe("to.x.a.input", async ({ payload, request }) => bytes(`${text(payload)} ${request}`));
    await ends.settle();
    expect(text(await ends.control.request("to.x.a.input", bytes("tap"), { timeoutMs: 2_000 }))).toBe("tap true");
  });

  test("carries a refusal back as the same error", async () => {
    ends.agent.subscribe("to.x.a.input", () => {
      throw new PhonerackError("epoch_stale", "lease 3 is over");
    });
    await ends.settle();
    const reply = await ends.control.request("to.x.a.input", bytes(""), { timeoutMs: 2_000 });
    expect(() => decodeMessage(InputReply, reply)).toThrowError(
      expect.objectContaining({ code: "epoch_stale", detail: "lease 3 is over" }),
    );
  });

  test("says agent_unreachable at once when nobody listens", async () => {
    const asked = Date.now();
    await expect(ends.control.request("to.x.nobody.input", bytes(""), { timeoutMs: 5_000 })).rejects.toMatchObject({
      code: "agent_unreachable",
    });
    expect(Date.now() - asked).toBeLessThan(4_000);
  });

  test("says device_timeout when nobody answers in time", async () => {
    ends.agent.subscribe("to.x.a.input", () => undefined);
    ends.agent.subscribe("to.x.b.input", () => new Promise(() => {}));
    await ends.settle();
    for (const id of ["a", "b"]) {
      await expect(ends.control.request(`to.x.${id}.input`, bytes(""), { timeoutMs: 80 })).rejects.toMatchObject({
        code: "device_timeout",
      });
    }
  });

  test("ends a request with its signal's reason, also when it was aborted before", async () => {
    ends.agent.subscribe("to.x.a.input", () => new Promise(() => {}));
    await ends.settle();
    const abort = new AbortController();
    const asked = ends.control.request("to.x.a.input", bytes(""), { timeoutMs: 5_000, signal: abort.signal });
    abort.abort(new Error("the browser left"));
    await expect(asked).rejects.toThrow("the browser left");
    await expect(ends.control.request("to.x.a.input", bytes(""), { timeoutMs: 5_000, signal: abort.signal })).rejects.toThrow(
      "the browser left",
    );
  });

  test("carries 256 KiB of pictures unchanged", async () => {
    const sent = crypto.getRandomValues(new Uint8Array(65_536));
    const picture = new Uint8Array(262_144).map((_, at) => sent[at % sent.length] ?? 0);
    const heard: Uint8Array[] = [];
    ends.control.subscribe("media.r1.x.a.full", ({ payload }) => void heard.push(payload) as undefined);
    await ends.settle();
    ends.agent.publish("media.r1.x.a.full", picture);
    await vi.waitFor(() => expect(heard).toHaveLength(1));
    expect(Buffer.compare(heard[0] ?? bytes(""), picture)).toBe(0);
  });

  test("refuses what is no subject", () => {
    for (const subject of ["", "a..b", "a.*", "a b", ">", "a.>", "x".repeat(300)]) {
      expect(() => ends.agent.publish(subject, bytes("")), subject).toThrow("not a subject");
    }
    expect(() => ends.agent.subscribe("a.>", () => undefined)).toThrow("not a subject pattern");
  });

  test("stops twice, says closed, ends what was asked and takes nothing more", async () => {
    ends.agent.subscribe("to.x.a.input", () => new Promise(() => {}));
    await ends.settle();
    const asked = ends.control.request("to.x.a.input", bytes(""), { timeoutMs: 5_000 });
    const refused = expect(asked).rejects.toMatchObject({ code: "agent_unreachable" });
    await ends.control.stop();
    await ends.control.stop();
    await ends.control.closed;
    await refused;
    ends.control.publish("agents.resend", bytes(""));
    await expect(ends.control.request("to.x.a.input", bytes(""), { timeoutMs: 500 })).rejects.toMatchObject({
      code: "agent_unreachable",
    });
  });
});

describe("a bus over NATS", () => {
  test("asks again while nobody is there for a moment, and is answered once", async () => {
    const server = await startNatsServer();
    const control = await connectNats({ url: server.url, name: "control" });
    const agent = await connectNats({ url: server.url, name: "agent" });
    const heard = vi.fn(({ payload }: { payload: Uint8Array }) => payload);
    const asked = control.request("to.x.a.input", bytes("late"), { timeoutMs: 2_000 });
    await sleep(60);
    agent.subscribe("to.x.a.input", heard);
    expect(text(await asked)).toBe("late");
    expect(heard).toHaveBeenCalledTimes(1);
    const abort = new AbortController();
    const ended = control.request("to.x.nobody.input", bytes(""), { timeoutMs: 2_000, signal: abort.signal });
    abort.abort(new Error("the browser left"));
    await expect(ended).rejects.toThrow("the browser left");
    await agent.stop();
    await control.stop();
    await server.stop();
  });

  test("fails at once while the server is lost, and works again when it is back", async () => {
    const server = await startNatsServer();
    const control = await connectNats({ url: server.url, name: "control" });
    const agent = await connectNats({ url: server.url, name: "agent" });
    const restored = vi.fn();
    control.onRestored(restored);
    agent.subscribe("to.x.a.input", ({ payload }) => payload);
    await sleep(60);
    await server.kill();
    await vi.waitFor(() =>
      expect(control.request("to.x.a.input", bytes(""), { timeoutMs: 3_000 })).rejects.toMatchObject({
        code: "agent_unreachable",
      }),
    );
    await server.restart();
    await vi.waitFor(
      async () => expect(text(await control.request("to.x.a.input", bytes("again"), { timeoutMs: 300 }))).toBe("again"),
      {
        timeout: 8_000,
        interval: 200,
      },
    );
    expect(restored).toHaveBeenCalledTimes(1);
    await Promise.all([agent.stop(), control.stop()]);
    await server.stop();
  });

  test("drops pictures instead of keeping more than the bound for a server that is gone", async () => {
    const server = await startNatsServer();
    const agent = await connectNats({ url: server.url, name: "agent" });
    await server.kill();
    const frame = new Uint8Array(256 * 1024);
    const before = process.memoryUsage().arrayBuffers;
    for (let n = 0; n < 800; n++) agent.publish("media.r1.x.a.full", new Uint8Array(frame));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(120 * 1024 * 1024);
    await agent.stop();
    await server.stop();
  });

  test("says nats_unreachable when there is no server", async () => {
    await expect(connectNats({ url: "nats://127.0.0.1:9", name: "agent" })).rejects.toMatchObject({ code: "nats_unreachable" });
  });
});

describe("a bus link", () => {
  test("comes back by itself, with its subscriptions and what was said meanwhile", async () => {
    const control = createInProcessBus();
    let server = await serveLinks(control);
    const agent = await connectLink({ url: `http://127.0.0.1:${server.port}`, token: "t", agent: "x", log });
    const heard: string[] = [];
    control.subscribe("agent.x.report.a", ({ payload }) => void heard.push(text(payload)) as undefined);
    const restored = vi.fn();
    agent.onRestored(restored);
    agent.subscribe("to.x.a.input", ({ payload }) => payload);
    await vi.waitFor(() => control.request("to.x.a.input", bytes(""), { timeoutMs: 200 }));
    await server.stop();
    await vi.waitFor(() =>
      expect(control.request("to.x.a.input", bytes(""), { timeoutMs: 200 })).rejects.toMatchObject({
        code: "agent_unreachable",
      }),
    );
    agent.publish("agent.x.report.a", bytes("while down"));
    server = await serveLinks(control, server.port);
    await vi.waitFor(() => control.request("to.x.a.input", bytes(""), { timeoutMs: 200 }), { timeout: 5_000 });
    expect(heard).toEqual(["while down"]);
    expect(restored).toHaveBeenCalledTimes(1);
    await agent.stop();
    await server.stop();
  });

  test.each([
    ["publish where agents do not", (bus: Bus) => bus.publish("to.x.a.input", bytes("")), /1008 an agent may not publish on/],
    [
      "hear what is for control",
      (bus: Bus) => void bus.subscribe("media.*.*.*.*", () => undefined),
      /1008 an agent may not subscribe/,
    ],
  ])("closes on an agent that wants to %s", async (_what, misbehave, reason) => {
    const control = createInProcessBus();
    const server = await serveLinks(control);
    const agent = await connectLink({ url: `http://127.0.0.1:${server.port}`, token: "t", agent: "x", log });
    await sleep(50);
    misbehave(agent);
    await vi.waitFor(() => expect(server.closed.join("\n")).toMatch(reason));
    await agent.stop();
    await server.stop();
  });

  test("says control_unreachable when nobody listens at the address", async () => {
    await expect(connectLink({ url: "http://127.0.0.1:9", token: "t", agent: "x", log })).rejects.toMatchObject({
      code: "control_unreachable",
    });
  });
});
