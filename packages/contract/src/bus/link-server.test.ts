import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createInProcessBus } from "./in-process.js";
import { LINK_MAX_FRAME, LinkFrameKind, readLinkFrame, writeLinkFrame } from "./link-frames.js";
import { agentAllowance, type LinkServerOptions, serveBusLink } from "./link-server.js";
import type { LinkSocket } from "./link-socket.js";
import { subjects } from "./messages.js";
import { covers } from "./subject-table.js";

/** A WebSocket whose other end is the test. */
class TestSocket implements LinkSocket {
  readyState = 1;
  bufferedAmount = 0;
  readonly sent: Uint8Array[] = [];
  readonly listeners = new Map<string, (event: never) => void>();
  closedWith: string | undefined;

  send(bytes: Uint8Array): void {
    this.sent.push(bytes);
  }
  close(code?: number, reason?: string): void {
    this.readyState = 3;
    this.closedWith ??= `${code} ${reason}`;
  }
  addEventListener(type: string, listener: (event: never) => void): void {
    this.listeners.set(type, listener);
  }
  receive(data: unknown): void {
    this.listeners.get("message")?.({ data } as never);
  }
}

describe("bus link frames", () => {
  test("keep their golden bytes", () => {
    const bytes = writeLinkFrame(LinkFrameKind.ask, {
      id: 0x01020304,
      extra: 0x0a0b0c0d,
      subject: "a.b",
      payload: new Uint8Array([9]),
    });
    expect([...bytes]).toEqual([6, 1, 2, 3, 4, 10, 11, 12, 13, 0, 3, 97, 46, 98, 9]);
  });

  test("read any bytes as a frame or as nothing", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const frame = readLinkFrame(bytes);
        if (frame) expect(writeLinkFrame(frame.kind, frame)).toEqual(new Uint8Array(bytes));
      }),
    );
  });

  test("are refused above the limit", () => {
    expect(readLinkFrame(new Uint8Array(LINK_MAX_FRAME + 1).fill(3, 0, 1))).toBeUndefined();
  });
});

describe("a served bus link", () => {
  let socket: TestSocket;
  const bus = createInProcessBus();
  beforeEach(() => {
    socket = new TestSocket();
  });
  afterEach(() => socket.listeners.get("close")?.({ code: 1000, reason: "" } as never));

  const serve = (options: Partial<LinkServerOptions> = {}) =>
    serveBusLink(bus, socket, { allow: agentAllowance("a"), ...options });
  const frame = (kind: LinkFrameKind, fields: Parameters<typeof writeLinkFrame>[1]) =>
    socket.receive(writeLinkFrame(kind, fields));

  test.each([
    ["text", "hello", /^1002/],
    ["half a frame", new Uint8Array(5), /^1002/],
    ["an unknown kind", new Uint8Array(20).fill(77), /^1002/],
    ["a subject longer than the frame", new Uint8Array([3, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255]), /^1002/],
    ["a frame only control sends", writeLinkFrame(LinkFrameKind.ask, { subject: "agent.a.beat" }), /^1008 frame 6/],
    ["no subject", writeLinkFrame(LinkFrameKind.publish, { subject: "" }), /^1008 not a subject/],
    ["a publication on a pattern", writeLinkFrame(LinkFrameKind.publish, { subject: "agent.*.beat" }), /^1008 not a subject/],
    [
      "a subscription too wide",
      writeLinkFrame(LinkFrameKind.subscribe, { subject: "to.*.*.stream" }),
      /^1008 an agent may not subscribe/,
    ],
  ])("closes, with the reason, on %s", (_what, data, reason) => {
    serve();
    socket.receive(data);
    expect(socket.closedWith).toMatch(reason);
  });

  test("puts the pieces of a large frame together, and closes on more than a frame may have", async () => {
    const heard: number[] = [];
    const subscription = bus.subscribe("media.r.a.d.full", ({ payload }) => void heard.push(payload.length) as undefined);
    serve();
    const whole = writeLinkFrame(LinkFrameKind.publish, { subject: "media.r.a.d.full", payload: new Uint8Array(150_000) });
    frame(LinkFrameKind.piece, { payload: whole.subarray(0, 100_000) });
    frame(LinkFrameKind.lastPiece, { payload: whole.subarray(100_000) });
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(heard).toEqual([150_000]);
    for (let n = 0; n < 20; n++) frame(LinkFrameKind.piece, { payload: whole.subarray(0, 64_000) });
    expect(socket.closedWith).toMatch(/^1009/);
    subscription.unsubscribe();
  });

  test("answers a request outside the agent's part with denied and stays", async () => {
    serve();
    frame(LinkFrameKind.request, { id: 7, extra: 100, subject: "to.a.d.input" });
    await new Promise((resolve) => setTimeout(resolve, 10));
    const reply = readLinkFrame(socket.sent[0] ?? new Uint8Array());
    expect(reply).toMatchObject({ kind: LinkFrameKind.refused, id: 7 });
    expect(new TextDecoder().decode(reply?.payload)).toContain('"denied"');
    expect(socket.closedWith).toBeUndefined();
  });

  test("closes on more subscriptions than allowed, and on a number used twice", () => {
    serve({ maxSubscriptions: 2 });
    for (let id = 1; id <= 3; id++) frame(LinkFrameKind.subscribe, { id, subject: `to.a.d${id}.stream` });
    expect(socket.closedWith).toMatch(/too many subscriptions/);
    socket = new TestSocket();
    serve();
    for (let n = 0; n < 2; n++) frame(LinkFrameKind.subscribe, { id: 1, subject: "agents.resend" });
    expect(socket.closedWith).toMatch(/number is in use/);
  });

  test("closes on an agent that does not read, instead of keeping what it is sent", async () => {
    serve({ maxPending: 1_000 });
    frame(LinkFrameKind.subscribe, { id: 1, subject: "to.a.d.stream" });
    socket.bufferedAmount = 1_001;
    bus.publish("to.a.d.stream", new Uint8Array(10));
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(socket.closedWith).toMatch(/^1013/);
  });

  test("says agent_unreachable to those who wait when the link is lost", async () => {
    serve();
    frame(LinkFrameKind.subscribe, { id: 1, subject: "to.a.d.input" });
    const asked = bus.request("to.a.d.input", new Uint8Array(), { timeoutMs: 5_000 });
    await new Promise((resolve) => setTimeout(resolve, 10));
    socket.listeners.get("close")?.({ code: 1006, reason: "" } as never);
    expect(new TextDecoder().decode(await asked)).toContain("agent_unreachable");
  });

  test("allows an agent exactly the subjects of its part", () => {
    const partOf = (agentId: string) => {
      const phone = { agentId, id: "d" };
      return {
        says: [
          subjects.beat(agentId),
          subjects.report(agentId, "d"),
          subjects.gone(agentId, "d"),
          subjects.media("r", phone, "tile"),
          subjects.media("r", phone, "shot-1"),
        ],
        hears: [subjects.terms(agentId), subjects.stream(phone), subjects.input(phone), subjects.screenshot(phone)],
      };
    };
    const { publish, subscribe } = agentAllowance("a");
    const may = (patterns: readonly string[], subject: string) => patterns.some((pattern) => covers(pattern, subject));
    const [own, others] = [partOf("a"), partOf("b")];
    for (const subject of own.says) expect(may(publish, subject), subject).toBe(true);
    for (const subject of [...own.hears, subjects.resend]) expect(may(subscribe, subject), subject).toBe(true);
    for (const subject of [...own.hears, ...others.says, ...others.hears, subjects.resend, subjects.changed])
      expect(may(publish, subject), subject).toBe(false);
    for (const subject of [...own.says, ...others.says, ...others.hears, subjects.changed])
      expect(may(subscribe, subject), subject).toBe(false);
  });
});
