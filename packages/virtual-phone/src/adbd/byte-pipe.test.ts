import { describe, expect, it } from "vitest";
import { bytePipe } from "./byte-pipe.js";
import { LocalSockets, normaliseAddress, socketPair } from "./local-sockets.js";

async function readAll(source: AsyncIterable<Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of source) text += Buffer.from(chunk).toString();
  return text;
}

async function settled(promise: Promise<unknown>): Promise<boolean> {
  return Promise.race([promise.then(() => true), new Promise<boolean>((resolve) => setImmediate(resolve, false))]);
}

describe("byte pipes", () => {
  it("hold a writer while more than the bound is unread", async () => {
    const pipe = bytePipe({ bound: 4 });
    expect(await settled(pipe.write(Buffer.from("1234")))).toBe(true);
    const waiting = pipe.write(Buffer.from("5"));
    expect(await settled(waiting)).toBe(false);
    await pipe.source[Symbol.asyncIterator]().next();
    expect(await settled(waiting)).toBe(true);
  });

  it("gather a flood of small writes, in order, whenever it is read", async () => {
    const pipe = bytePipe({ bound: Number.POSITIVE_INFINITY });
    const reader = pipe.source[Symbol.asyncIterator]();
    const lengths = Array.from({ length: 3000 }, (_, i) => (i % 97 === 0 ? 600 : (i % 7) + 1));
    let written = "";
    let read = "";
    let reads = 0;
    const take = async (): Promise<void> => {
      reads++;
      read += Buffer.from((await reader.next()).value ?? []).toString();
    };
    for (const [i, length] of lengths.entries()) {
      const text = String.fromCharCode(97 + (i % 26)).repeat(length);
      written += text;
      void pipe.write(Buffer.from(text));
      if (i % 500 === 499) await take();
    }
    while (pipe.buffered > 0) await take();
    expect(read).toBe(written);
    expect(reads).toBeLessThan(100);
  });

  it("give the reader what was written before the end", async () => {
    const pipe = bytePipe();
    void pipe.write(Buffer.from("a"));
    pipe.end();
    void pipe.write(Buffer.from("b"));
    expect(await readAll(pipe.source)).toBe("a");
    expect(await settled(pipe.closed)).toBe(true);
  });

  it("let writers go when the reader stops or the pipe closes", async () => {
    const pipe = bytePipe({ bound: 0 });
    const first = pipe.write(Buffer.from("a"));
    for await (const _ of pipe.source) break;
    expect(await settled(first)).toBe(true);
    expect(await settled(pipe.write(Buffer.from("b")))).toBe(true);
    expect(pipe.buffered).toBe(0);
  });

  it("wake a reader that waits when they close", async () => {
    const pipe = bytePipe();
    const reading = readAll(pipe.source);
    pipe.close();
    expect(await reading).toBe("");
  });
});

describe("sockets inside a phone", () => {
  it("join a client to who listens, and nobody to nobody", async () => {
    const sockets = new LocalSockets();
    const listener = sockets.listen("tcp:1", (socket) => {
      void socket.write(Buffer.from("hi"));
      socket.end();
    });
    const client = sockets.connect("tcp:1");
    expect(client && (await readAll(client.input))).toBe("hi");
    listener.close();
    expect(sockets.connect("tcp:1")).toBeUndefined();
  });

  it("refuse a second listener on one address", () => {
    const sockets = new LocalSockets();
    sockets.listen("tcp:1", () => undefined);
    expect(() => sockets.listen("tcp:1", () => undefined)).toThrow(/in use/);
  });

  it("end the other side when one closes", async () => {
    const [a, b] = socketPair();
    void a.write(Buffer.from("lost"));
    a.close();
    expect(await readAll(b.input)).toBe("");
    expect(await settled(b.closed)).toBe(true);
  });

  it("know a phone's own addresses, and none that lead out of it", () => {
    expect(normaliseAddress("tcp:6790")).toBe("tcp:6790");
    expect(normaliseAddress("tcp:6790:localhost")).toBe("tcp:6790");
    expect(normaliseAddress("localabstract:a:b")).toBe("localabstract:a:b");
    expect(normaliseAddress("local:/dev/x")).toBe("localfilesystem:/dev/x");
    for (const outside of ["tcp:22:example.org", "tcp:80:10.0.0.1", "tcp:99999", "tcp:", "dev:/dev/mem", "jdwp:1", ""]) {
      expect(normaliseAddress(outside)).toBeUndefined();
    }
  });
});
