import type { AdbStream } from "@phonerack/android-wire/adb";
import { encodeShellPacket, ShellProtocolParser } from "@phonerack/android-wire/adb";
import fc from "fast-check";
import { expect, test } from "vitest";
import { adbServiceOf } from "./adb-services.js";
import { type PhoneEnd, TunnelStream } from "./adb-stream.js";
import { ShellNotes } from "./shell-notes.js";

const SHELL = adbServiceOf("shell,v2,raw:cat");

/** What a host's stream is to a tunnel: takes all, remembers. */
function hostStream() {
  const written: Uint8Array[] = [];
  let consumed = 0;
  let closed = false;
  const stream = {
    credit: 256 * 1024,
    write: (bytes: Uint8Array) => void written.push(bytes),
    consumed: (bytes: number) => {
      consumed += bytes;
    },
    close: () => {
      closed = true;
    },
  };
  return { stream: stream as unknown as AdbStream, written, consumed: () => consumed, closed: () => closed };
}

function tunnel(flow: () => Promise<void> = async () => undefined) {
  let over = false;
  const stream = new TunnelStream({
    service: SHELL,
    flow,
    room: () => undefined,
    onOver: () => {
      over = true;
    },
  });
  return { stream, over: () => over };
}

test("input waits while the guard says so, and none of it passes before", async () => {
  let goOn: () => void = () => undefined;
  const flowing = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const taken: Uint8Array[] = [];
  const phone: PhoneEnd = {
    read: () => new Promise(() => undefined),
    write: async (bytes) => void taken.push(bytes),
    close: () => undefined,
  };
  const host = hostStream();
  const { stream } = tunnel(() => flowing);
  stream.join(host.stream, phone);
  stream.onData(Buffer.from("input"));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(taken).toEqual([]);
  // It is acknowledged all the same: little waits.
  expect(host.consumed()).toBe(5);
  goOn();
  await expect.poll(() => Buffer.concat(taken).toString()).toBe("input");
});

test("a host is not acknowledged while more than a mebibyte waits for the phone", async () => {
  const phone: PhoneEnd = {
    read: () => new Promise(() => undefined),
    write: () => new Promise(() => undefined),
    close: () => undefined,
  };
  const host = hostStream();
  const { stream } = tunnel();
  stream.join(host.stream, phone);
  for (let n = 0; n < 8; n++) stream.onData(new Uint8Array(256 * 1024));
  expect(host.consumed()).toBe(1024 * 1024);
});

test("nothing piles up for a host that has gone, though the phone takes no input and goes on printing", async () => {
  let reads = 0;
  const phone: PhoneEnd = {
    read: async () => {
      reads++;
      await new Promise((resolve) => setImmediate(resolve));
      return reads < 2_000 ? new Uint8Array(64 * 1024) : undefined;
    },
    write: () => new Promise(() => undefined),
    close: () => undefined,
  };
  const host = hostStream();
  const { stream } = tunnel();
  stream.join(host.stream, phone);
  stream.onData(Buffer.from("never taken"));
  stream.onClosed();
  const before = process.memoryUsage().arrayBuffers;
  await expect.poll(() => reads, { timeout: 10_000 }).toBeGreaterThanOrEqual(2_000);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 1024 * 1024);
});

test("words of ours stand between the packets of a shell, wherever its bytes are cut", () => {
  const packets = Buffer.concat([encodeShellPacket(1, Buffer.from("one")), encodeShellPacket(1, Buffer.from("two"))]);
  fc.assert(
    fc.property(fc.array(fc.nat({ max: packets.length }), { maxLength: 6 }), fc.nat({ max: 6 }), (cuts, when) => {
      const notes = new ShellNotes(true);
      const edges = [0, ...cuts.sort((a, b) => a - b), packets.length];
      const out: Uint8Array[] = [];
      for (let n = 1; n < edges.length; n++) {
        if (n === when) notes.say("stands still");
        out.push(...notes.pass(packets.subarray(edges[n - 1], edges[n])));
      }
      const said = { stdout: "", stderr: "" };
      const parser = new ShellProtocolParser((event) => {
        if (event.type === "stdout" || event.type === "stderr") said[event.type] += Buffer.from(event.data).toString();
      });
      for (const part of out) parser.push(part);
      expect(said.stdout).toBe("onetwo");
      expect(["", "phonerack: stands still\r\n"]).toContain(said.stderr);
    }),
  );
});

test.each([
  ["shell,v2,TERM=xterm,pty:", { name: "shell", input: true, shellV2: true, text: true }],
  ["shell:ls /secret", { name: "shell", input: true, shellV2: false, text: true }],
  ["exec:cmd package install -S 5", { name: "exec", input: true, text: false }],
  ["sync:", { name: "sync", input: false }],
  ["localabstract:scrcpy_1", { name: "localabstract", input: true }],
  ["tcp:8080", { name: "tcp", input: true }],
  ["something-new:x", { name: "something-new", input: true }],
])("'%s' is asked of the gate by its name alone", (service, expected) => {
  expect(adbServiceOf(service)).toMatchObject(expected);
});
