/** The host's side of ADB against a peer that is played packet by packet. */
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { type AdbPacket, AdbPacketParser, adbCommand, encodeAdbHeader } from "@phonerack/android-wire/adb";
import type { PhonerackError } from "@phonerack/contract/bus";
import { AdbAuthenticationProcessor } from "@yume-chan/adb";
import { afterEach, beforeEach, expect, test } from "vitest";
import { HostConnection } from "./host-connection.js";

const { cnxn, okay, open, wrte, clse, auth, stls } = adbCommand;

/** The phone's end: sends what it is told to, keeps what it gets. */
class Peer {
  readonly #packets: AdbPacket[] = [];
  #wake: () => void = () => undefined;

  constructor(readonly socket: Socket) {
    const parser = new AdbPacketParser({
      maxPayload: 1 << 20,
      verifyChecksum: () => false,
      onPacket: (packet) => {
        this.#packets.push(packet);
        this.#wake();
      },
    });
    socket.on("data", (chunk) => parser.push(chunk));
    socket.on("error", () => undefined);
  }

  send(command: AdbPacket["command"], arg0 = 0, arg1 = 0, text = ""): void {
    const packet = { command, arg0, arg1, payload: Buffer.from(text) };
    this.socket.write(Buffer.concat([encodeAdbHeader(packet, { checksum: false }), packet.payload]));
  }

  async next(command?: AdbPacket["command"]): Promise<AdbPacket> {
    for (;;) {
      const packet = this.#packets.shift();
      if (packet && (command === undefined || packet.command === command)) return packet;
      if (!packet) await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  get waiting(): number {
    return this.#packets.length;
  }
}

let server: Server;
let peer: Peer;
let connection: HostConnection;
let ended: Promise<PhonerackError>;

beforeEach(async () => {
  server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const arrival = once(server, "connection");
  const socket = connect(typeof address === "object" && address ? address.port : 0, "127.0.0.1");
  peer = new Peer((await arrival)[0]);
  const authentication = new AdbAuthenticationProcessor([], {
    generateKey: () => ({ buffer: new Uint8Array(0) }),
    iterateKeys: () => [],
  });
  ended = new Promise((onEnd) => {
    connection = new HostConnection({ socket, authentication, onEnd });
  });
});

afterEach(async () => {
  peer.socket.destroy();
  server.close();
  await ended;
});

async function logIn(): Promise<void> {
  const banner = connection.logIn();
  await peer.next(cnxn);
  peer.send(cnxn, 0x0100_0001, 4_096, "device::ro.product.model=M;features=shell_v2");
  expect((await banner).features).toEqual(["shell_v2"]);
}

async function openStream() {
  const opening = connection.open("shell:");
  const { arg0: localId, payload } = await peer.next(open);
  expect(Buffer.from(payload).toString()).toBe("shell:\0");
  peer.send(okay, 7, localId);
  return { stream: await opening, localId };
}

test("says OKAY to data only when it is read", async () => {
  await logIn();
  const { stream, localId } = await openStream();
  peer.send(wrte, 7, localId, "one");
  peer.send(open, 9, 0, "nothing:");
  expect((await peer.next()).command).toBe(clse);
  expect(Buffer.from((await stream.read()) ?? []).toString()).toBe("one");
  expect(await peer.next()).toMatchObject({ command: okay, arg0: localId, arg1: 7 });
});

test("takes a write for delivered at the phone's OKAY, in pieces that the phone takes", async () => {
  await logIn();
  const { stream, localId } = await openStream();
  let delivered = false;
  const writing = stream.write(new Uint8Array(5_000)).then(() => (delivered = true));
  expect((await peer.next(wrte)).payload).toHaveLength(4_096);
  peer.send(okay, 7, localId);
  expect((await peer.next(wrte)).payload).toHaveLength(904);
  expect(delivered).toBe(false);
  peer.send(okay, 7, localId);
  await writing;
});

test("answers CLSE with CLSE, once, after what was sent is read", async () => {
  await logIn();
  const { stream, localId } = await openStream();
  peer.send(wrte, 7, localId, "last");
  peer.send(clse, 7, localId);
  expect(await peer.next()).toMatchObject({ command: clse, arg0: localId, arg1: 7 });
  expect(Buffer.from((await stream.read()) ?? []).toString()).toBe("last");
  expect(await stream.read()).toBeUndefined();
  await expect(stream.write(new Uint8Array(1))).rejects.toMatchObject({ code: "phone_failed" });
  stream.close();
  peer.send(open, 9, 0, "nothing:");
  expect(await peer.next()).toMatchObject({ command: clse, arg0: 0, arg1: 9 });
});

test("fails an OPEN that the phone refuses and goes on", async () => {
  await logIn();
  const opening = connection.open("no:such");
  peer.send(clse, 0, (await peer.next(open)).arg0);
  await expect(opening).rejects.toThrow();
  await openStream();
});

test("refuses streams that the phone opens, and ends the connection when they have no end", async () => {
  await logIn();
  peer.send(open, 9, 0, "tcp:22\0");
  expect(await peer.next()).toMatchObject({ command: clse, arg0: 0, arg1: 9 });
  const { stream } = await openStream();
  for (let id = 10; id <= 10_000; id++) peer.send(open, id, 0, "tcp:22\0");
  expect(await ended).toMatchObject({ code: "phone_protocol", detail: expect.stringContaining("nobody opened") });
  expect(await stream.read()).toBeUndefined();
});

test.each([
  ["OKAYs that nobody waits for", () => peer.send(okay, 7, 1)],
  ["empty data", () => peer.send(wrte, 7, 1)],
  ["CLSEs of streams that never were", () => peer.send(clse, 7, 99)],
])("ends the connection at %s without end, but not at a few", async (_what, act) => {
  await logIn();
  const { stream } = await openStream();
  for (let n = 0; n < 100; n++) act();
  peer.send(wrte, 7, 1, "still here");
  expect(Buffer.from((await stream.read()) ?? []).toString()).toBe("still here");
  for (let n = 0; n < 1_000; n++) act();
  expect((await ended).detail).toContain("nobody opened");
});

test("ends the connection when data for a stream that we closed has no end", async () => {
  await logIn();
  const { stream } = await openStream();
  stream.close();
  for (let n = 0; n < 1_000; n++) peer.send(wrte, 7, 1, "more");
  expect((await ended).detail).toContain("are closed");
});

test("tells the phone that a stream it writes to is not there", async () => {
  await logIn();
  peer.send(wrte, 55, 1_234, "hello");
  expect(await peer.next()).toMatchObject({ command: clse, arg0: 0, arg1: 55 });
});

test("ends with the reason when data comes without waiting for OKAY", async () => {
  await logIn();
  const { stream, localId } = await openStream();
  for (const text of ["one", "two"]) peer.send(wrte, 7, localId, text);
  expect(await ended).toMatchObject({ code: "phone_protocol", detail: expect.stringContaining("without waiting") });
  expect(Buffer.from((await stream.read()) ?? []).toString()).toBe("one");
  expect(await stream.read()).toBeUndefined();
});

test("ends every stream and every OPEN with the connection", async () => {
  await logIn();
  const { stream } = await openStream();
  const waiting = [stream.read(), stream.write(new Uint8Array(1)), connection.open("shell:")];
  peer.socket.destroy();
  const [read, write, opened] = await Promise.allSettled(waiting);
  expect(read).toEqual({ status: "fulfilled", value: undefined });
  expect([write?.status, opened?.status]).toEqual(["rejected", "rejected"]);
});

test.each([
  ["TLS", () => peer.send(stls, 1), /adb tcpip/],
  ["a key when we have none", () => peer.send(auth, 1, 0, "x".repeat(20)), /again and again/],
  ["keys out of turn", () => [1, 2].map(() => peer.send(auth, 1, 0, "x".repeat(20))), /out of turn|again and again/],
  ["a greeting of 100 KiB", () => peer.send(cnxn, 0x0100_0001, 4_096, "x".repeat(100 * 1_024)), /no end/],
  ["payloads of 3 bytes", () => peer.send(cnxn, 0x0100_0001, 3, "device::"), /no more than 3 bytes/],
])("ends a log-in that asks for %s with the reason in words", async (_what, act, reason) => {
  void connection.logIn();
  await peer.next(cnxn);
  act();
  const end = await ended;
  expect(end.code).toBe("phone_protocol");
  expect(end.detail).toMatch(reason);
});
