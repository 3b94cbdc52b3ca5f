import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WireError } from "../wire-error.js";
import { AdbdConnection, type AdbdConnectionOptions, type AdbOpenRequest } from "./connection.js";
import { type AdbPacket, AdbPacketParser, adbCommand, encodeAdbHeader } from "./packet.js";
import type { AdbStream, AdbStreamEvents } from "./stream.js";

const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value));
const u32 = (value: number): Uint8Array =>
  new Uint8Array([value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >> 24) & 255]);
const name = new Map<number, string>(Object.entries(adbCommand).map(([key, value]) => [value, key]));

/** A host with a device under test: what it sends goes in, what comes out is kept as "okay 1 7" and the like. */
function harness(options: Partial<AdbdConnectionOptions> = {}) {
  const out: AdbPacket[] = [];
  const requests: AdbOpenRequest[] = [];
  const parser = new AdbPacketParser({
    maxPayload: 1 << 20,
    verifyChecksum: () => false,
    onPacket: (packet) => out.push(packet),
  });
  const connection = new AdbdConnection({
    banner: text("device::features=shell_v2,delayed_ack"),
    features: ["shell_v2", "delayed_ack"],
    send: (header, payload) => {
      parser.push(header);
      parser.push(payload);
    },
    onOpen: (request) => requests.push(request),
    ...options,
  });
  const host = (command: keyof typeof adbCommand, arg0: number, rest: { arg1?: number; payload?: Uint8Array } = {}): void => {
    const payload = rest.payload ?? new Uint8Array(0);
    const packet = { command: adbCommand[command], arg0, arg1: rest.arg1 ?? 0, payload };
    connection.receive(encodeAdbHeader(packet, { checksum: true }));
    connection.receive(payload);
  };
  const connect = (features = "shell_v2", max = 1 << 20): void =>
    host("cnxn", 0x01000001, { arg1: max, payload: text(`host::features=${features}`) });
  const taken = (): string[] => out.splice(0).map((packet) => `${name.get(packet.command)} ${packet.arg0} ${packet.arg1}`);
  return { connection, host, connect, out, taken, requests };
}

function recorder(): AdbStreamEvents & { seen: string[] } {
  const seen: string[] = [];
  return {
    seen,
    onData: (data) => seen.push(`data ${Buffer.from(data).toString()}`),
    onWritable: () => seen.push("writable"),
    onClosed: (reason) => seen.push(reason),
  };
}

function openOne(h: ReturnType<typeof harness>, arg1 = 0): { stream: AdbStream; events: ReturnType<typeof recorder> } {
  h.host("open", 7, { arg1, payload: text("shell:x\0") });
  const events = recorder();
  const stream = h.requests.at(-1)?.accept(events);
  if (!stream) throw new Error("not accepted");
  return { stream, events };
}

describe("connecting", () => {
  it("answers CNXN with the lower version and the lower payload of both", () => {
    const h = harness();
    h.host("cnxn", 0x01000000, { arg1: 4096, payload: text("host::\0") });
    expect(h.taken()).toEqual([`cnxn ${0x01000000} 4096`]);
    expect(h.connection.host?.type).toBe("host");
  });

  it("fills in checksums for a host of the old version only", () => {
    const headers: Uint8Array[] = [];
    const h = harness({ send: (header) => headers.push(header) });
    const sumOf = (version: number): number => {
      h.host("cnxn", version, { arg1: 4096, payload: text("host::") });
      h.host("open", 7, { payload: text("x:") });
      h.requests.at(-1)?.accept(recorder())?.write(text("a"));
      return Buffer.from(headers.at(-1) ?? []).readUInt32LE(16);
    };
    expect(sumOf(0x01000000)).toBe(97);
    expect(sumOf(0x01000001)).toBe(0);
  });

  it("refuses a wrong checksum from a host of the old version", () => {
    const h = harness();
    const packet = { command: adbCommand.cnxn, arg0: 0x01000000, arg1: 4096, payload: text("host::") };
    const header = encodeAdbHeader(packet, { checksum: false });
    expect(() => h.connection.receive(new Uint8Array([...header, ...packet.payload]))).toThrow(WireError);
  });

  it("ignores everything before CNXN", () => {
    const h = harness();
    h.host("open", 7, { payload: text("shell:") });
    h.host("wrte", 7, { arg1: 1, payload: text("x") });
    h.host("clse", 7, { arg1: 1 });
    expect(h.taken()).toEqual([]);
    expect(h.requests).toEqual([]);
  });

  it("takes no payload above 16 KiB before the host is let in", () => {
    const h = harness();
    expect(() => h.host("cnxn", 0x01000001, { payload: new Uint8Array(16 * 1024 + 1) })).toThrow(/announced 16385 bytes/);
  });

  it("names a banner that is none, and a payload limit below the protocol's least", () => {
    expect(() => harness().host("cnxn", 0x01000001, { arg1: 4096, payload: text("?!") })).toThrow(/banner/);
    expect(() => harness().host("cnxn", 0x01000001, { arg1: 4095, payload: text("host::") })).toThrow(/4095 bytes only/);
  });

  it("drops all streams at a second CNXN, without a CLSE", () => {
    const h = harness();
    h.connect();
    const { events, stream } = openOne(h);
    h.host("open", 8, { payload: text("waiting:") });
    h.taken();
    h.connect();
    expect(h.taken()).toEqual([`cnxn ${0x01000001} ${1 << 20}`]);
    expect(events.seen).toEqual(["reset"]);
    expect(h.requests.at(-1)?.cancelled).toBe(true);
    expect(h.requests.at(-1)?.accept(recorder())).toBeUndefined();
    stream.write(text("late"));
    expect(h.taken()).toEqual([]);
    expect(h.connection.streamCount).toBe(0);
  });
});

describe("authentication", () => {
  const secured = (verify: (token: Uint8Array, signature: Uint8Array) => boolean | Promise<boolean>) => {
    const keys: string[] = [];
    let issued = 0;
    const h = harness({
      authentication: { token: () => new Uint8Array(20).fill(++issued), verify, onPublicKey: (key) => keys.push(key.name) },
    });
    return { ...h, keys };
  };
  const keyText = (): Uint8Array => {
    const key = Buffer.alloc(524);
    key.writeUInt32LE(64, 0);
    key.writeUInt32LE(65537, 520);
    return text(`${key.toString("base64")} me@here\0`);
  };

  it("sends a token, and a new one after each signature that is not known", () => {
    const h = secured(() => false);
    h.connect();
    h.host("auth", 2, { payload: new Uint8Array(256) });
    expect(h.out.map((packet) => [packet.arg0, packet.payload[0]])).toEqual([
      [1, 1],
      [1, 2],
    ]);
    expect(h.connection.online).toBe(false);
  });

  it("lets in a signature that is known, also when the verifier takes its time", async () => {
    const h = secured(async () => true);
    h.connect();
    h.host("auth", 2, { payload: new Uint8Array(256) });
    await Promise.resolve();
    await Promise.resolve();
    expect(h.taken()).toEqual(["auth 1 0", `cnxn ${0x01000001} ${1 << 20}`]);
  });

  it("drops a verifier's answer that comes after another CNXN", async () => {
    const answers: ((verified: boolean) => void)[] = [];
    const h = secured(() => new Promise((resolve) => answers.push(resolve)));
    h.connect();
    h.host("auth", 2, { payload: new Uint8Array(256) });
    h.connect();
    answers[0]?.(true);
    await Promise.resolve();
    expect(h.connection.online).toBe(false);
  });

  it("offers the key once, and lets the host in when a person allows it", () => {
    const h = secured(() => false);
    h.connect();
    h.host("auth", 3, { payload: keyText() });
    h.host("auth", 3, { payload: keyText() });
    expect(h.keys).toEqual(["me@here"]);
    h.connection.admit();
    expect(h.connection.online).toBe(true);
    h.connection.admit();
    expect(h.taken()).toEqual(["auth 1 0", `cnxn ${0x01000001} ${1 << 20}`]);
  });

  it("opens nothing for a host that is not let in", () => {
    const h = secured(() => false);
    h.connect();
    h.host("open", 7, { payload: text("shell:") });
    expect(h.requests).toEqual([]);
  });

  it("ends a host that tries keys for ever", () => {
    const h = secured(() => false);
    h.connect();
    expect(() => {
      for (let i = 0; i < 1000; i++) h.host("auth", 2, { payload: new Uint8Array(256) });
    }).toThrow(/tried 256 keys/);
  });

  it("names a public key that is none", () => {
    const h = secured(() => false);
    h.connect();
    expect(() => h.host("auth", 3, { payload: text("AAAA me\0") })).toThrow(/not 524/);
  });
});

describe("streams without delayed_ack", () => {
  it("answers OPEN with OKAY, names the service without NUL, and never uses id 0", () => {
    const h = harness();
    h.connect();
    h.taken();
    openOne(h);
    expect(h.requests[0]?.service).toBe("shell:x");
    expect(h.taken()).toEqual(["okay 1 7"]);
  });

  it("answers a service that is not there with CLSE from 0", () => {
    const h = harness();
    h.connect();
    h.host("open", 7, { payload: text("nope:") });
    h.taken();
    h.requests[0]?.refuse();
    h.requests[0]?.refuse();
    expect(h.taken()).toEqual(["clse 0 7"]);
  });

  it("has one WRTE outstanding, and becomes writable with its OKAY", () => {
    const h = harness();
    h.connect();
    const { stream, events } = openOne(h);
    h.taken();
    stream.write(text("a"));
    expect(stream.credit).toBe(0);
    expect(() => stream.write(text("b"))).toThrow(WireError);
    h.host("okay", 7, { arg1: 1 });
    expect(events.seen).toEqual(["writable"]);
    stream.write(text("b"));
    expect(h.taken()).toEqual(["wrte 1 7", "wrte 1 7"]);
  });

  it("writes no more at once than the host takes", () => {
    const h = harness();
    h.connect("shell_v2", 5000);
    const { stream } = openOne(h);
    expect(stream.credit).toBe(5000);
    expect(() => stream.write(new Uint8Array(5001))).toThrow(/5001 bytes/);
  });

  it("sends OKAY only when what came has been consumed", () => {
    const h = harness();
    h.connect();
    const { stream, events } = openOne(h);
    h.taken();
    h.host("wrte", 7, { arg1: 1, payload: text("hello") });
    expect(events.seen).toEqual(["data hello"]);
    stream.consumed(2);
    expect(h.taken()).toEqual([]);
    stream.consumed(3);
    expect(h.taken()).toEqual(["okay 1 7"]);
  });

  it("ends a host that does not wait for OKAY", () => {
    const h = harness();
    h.connect();
    openOne(h);
    h.host("wrte", 7, { arg1: 1, payload: text("a") });
    expect(() => h.host("wrte", 7, { arg1: 1, payload: text("b") })).toThrow(/without waiting/);
  });

  it("answers a host's CLSE with CLSE, and nothing to the answer of its own", () => {
    const h = harness();
    h.connect();
    const first = openOne(h);
    h.taken();
    h.host("clse", 7, { arg1: 1 });
    expect(h.taken()).toEqual(["clse 1 7"]);
    expect(first.events.seen).toEqual(["closed"]);
    const second = openOne(h);
    h.taken();
    second.stream.close();
    second.stream.close();
    second.stream.write(text("never"));
    h.host("clse", 7, { arg1: 2 });
    expect(h.taken()).toEqual(["clse 2 7"]);
    expect(second.events.seen).toEqual([]);
  });

  it("ignores WRTE, OKAY and CLSE for streams that are not there", () => {
    const h = harness();
    h.connect();
    h.taken();
    h.host("wrte", 9, { arg1: 9, payload: text("x") });
    h.host("okay", 9, { arg1: 9 });
    h.host("clse", 9, { arg1: 9 });
    expect(h.taken()).toEqual([]);
  });

  it("lets a host give up an OPEN that was not answered", () => {
    const h = harness();
    h.connect();
    h.host("open", 7, { payload: text("slow:") });
    h.taken();
    h.host("clse", 7, { arg1: 0 });
    expect(h.requests[0]?.cancelled).toBe(true);
    expect(h.requests[0]?.accept(recorder())).toBeUndefined();
    expect(h.connection.streamCount).toBe(0);
  });

  it("answers 10,000 OPENs with at most the agreed streams, and CLSE for the rest", () => {
    const h = harness({ maxStreams: 50 });
    h.connect();
    h.taken();
    for (let id = 1; id <= 10_000; id++) h.host("open", id, { payload: text("shell:") });
    expect(h.requests).toHaveLength(50);
    expect(h.connection.streamCount).toBe(50);
    expect(h.out.filter((packet) => packet.command === adbCommand.clse)).toHaveLength(9_950);
  });

  it("ends a host that fills many streams nobody reads", () => {
    const h = harness({ maxUnconsumed: 3000 });
    h.connect();
    expect(() => {
      for (let id = 1; id <= 10; id++) {
        h.host("open", id, { payload: text("sleep:") });
        h.requests.at(-1)?.accept(recorder());
        h.host("wrte", id, { arg1: id, payload: new Uint8Array(1000) });
      }
    }).toThrow(/more streams than this phone reads/);
    expect(h.connection.held).toBeLessThanOrEqual(4000);
  });
});

describe("streams with delayed_ack", () => {
  const delayed = () => {
    const h = harness({ receiveWindow: 1000 });
    h.connect("delayed_ack");
    return h;
  };

  it("grants its window with the first OKAY, and says what was consumed with the later", () => {
    const h = delayed();
    const { stream } = openOne(h, 500);
    expect([...(h.out.at(-1)?.payload ?? [])]).toEqual([...u32(1000)]);
    h.host("wrte", 7, { arg1: 1, payload: text("hello") });
    h.host("wrte", 7, { arg1: 1, payload: text("more") });
    stream.consumed(7);
    expect([...(h.out.at(-1)?.payload ?? [])]).toEqual([...u32(7)]);
  });

  it("writes up to the host's window, and goes on by what an OKAY gives", () => {
    const h = delayed();
    const { stream, events } = openOne(h, 500);
    stream.write(new Uint8Array(300));
    stream.write(new Uint8Array(200));
    expect(stream.credit).toBe(0);
    h.host("okay", 7, { arg1: 1, payload: u32(50) });
    expect(stream.credit).toBe(50);
    expect(events.seen).toEqual(["writable"]);
  });

  it("refuses an OPEN without a window, and names an OKAY without its four bytes", () => {
    const h = delayed();
    h.host("open", 7, { payload: text("shell:") });
    expect(h.requests).toEqual([]);
    expect(h.taken().at(-1)).toBe("clse 0 7");
    openOne(h, 500);
    expect(() => h.host("okay", 7, { arg1: 1 })).toThrow(/four bytes/);
  });

  it("ends a host that writes beyond the window", () => {
    const h = delayed();
    openOne(h, 500);
    h.host("wrte", 7, { arg1: 1, payload: new Uint8Array(1000) });
    expect(() => h.host("wrte", 7, { arg1: 1, payload: text("x") })).toThrow(/without waiting/);
  });

  it("is spoken only if both sides have it", () => {
    const h = harness({ features: ["shell_v2"] });
    h.connect("delayed_ack");
    openOne(h);
    expect(h.out.at(-1)?.payload).toHaveLength(0);
  });
});

describe("streams the device opens", () => {
  it("sends the destination with its NUL, and is writable when the host says OKAY", () => {
    const h = harness();
    h.connect();
    h.taken();
    const events = recorder();
    const stream = h.connection.open("tcp:27183", events);
    expect(Buffer.from(h.out[0]?.payload ?? []).toString()).toBe("tcp:27183\0");
    expect(stream.credit).toBe(0);
    h.host("okay", 40, { arg1: 1 });
    expect(events.seen).toEqual(["writable"]);
    stream.write(text("x"));
    expect(h.taken()).toEqual(["open 1 0", "wrte 1 40"]);
    h.host("wrte", 40, { arg1: 1, payload: text("y") });
    expect(events.seen).toEqual(["writable", "data y"]);
  });

  it("hears of a refusal, and answers it with nothing", () => {
    const h = harness();
    h.connect();
    const events = recorder();
    h.connection.open("tcp:1", events);
    h.taken();
    h.host("clse", 0, { arg1: 1 });
    expect(events.seen).toEqual(["refused"]);
    expect(h.taken()).toEqual([]);
  });

  it("closes a stream given up before the host answered", () => {
    const h = harness();
    h.connect();
    const stream = h.connection.open("tcp:1", recorder());
    stream.close();
    h.taken();
    h.host("okay", 40, { arg1: 1 });
    expect(h.taken()).toEqual(["clse 1 40"]);
    expect(h.connection.streamCount).toBe(0);
  });

  it("cannot be opened before a host is in, nor beyond the limit", () => {
    const h = harness({ maxStreams: 1 });
    expect(() => h.connection.open("tcp:1", recorder())).toThrow(/No host/);
    h.connect();
    h.connection.open("tcp:1", recorder());
    expect(() => h.connection.open("tcp:1", recorder())).toThrow(/Too many/);
  });
});

describe("hostile hosts", () => {
  it("meets any bytes with packets or a named error, the same in any chunking, within its bound", () => {
    const command = fc.constantFrom(...(Object.keys(adbCommand) as (keyof typeof adbCommand)[]));
    const packet = fc.tuple(command, fc.nat(3), fc.nat(3), fc.uint8Array({ maxLength: 40 }));
    type Step = readonly [keyof typeof adbCommand, number, number, Uint8Array] | Uint8Array;
    const script = fc.array(
      fc.oneof({ weight: 9, arbitrary: packet }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 30 }) }),
      { maxLength: 40 },
    );
    const run = (steps: readonly Step[], chunk: number): { out: string[]; error?: string } => {
      const h = harness({ maxStreams: 4, maxUnconsumed: 100, onOpen: (request) => void request.accept(recorder()) });
      h.connect("delayed_ack");
      const wire = steps.map((step) => {
        if (step instanceof Uint8Array) return step;
        const [kind, arg0, arg1, payload] = step;
        return Buffer.concat([encodeAdbHeader({ command: adbCommand[kind], arg0, arg1, payload }, { checksum: true }), payload]);
      });
      const whole = Buffer.concat(wire);
      try {
        for (let at = 0; at < whole.length; at += chunk) {
          h.connection.receive(whole.subarray(at, at + chunk));
          expect(h.connection.held).toBeLessThanOrEqual(200);
          expect(h.connection.streamCount).toBeLessThanOrEqual(4);
        }
        return { out: h.taken() };
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
        return { out: h.taken(), error: error.code };
      }
    };
    fc.assert(
      fc.property(script, fc.integer({ min: 1, max: 60 }), (steps, chunk) => {
        expect(run(steps, chunk)).toEqual(run(steps, 1 << 20));
      }),
    );
  });
});
