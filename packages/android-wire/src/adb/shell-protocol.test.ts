import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WireError } from "../wire-error.js";
import {
  encodeShellExit,
  encodeShellPacket,
  parseShellService,
  type ShellEvent,
  ShellProtocolParser,
  shellPacketId,
} from "./shell-protocol.js";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value));

/** Events with neighbouring data of one stream joined: where data is cut means nothing. */
function read(chunks: readonly Uint8Array[]): { events: string[]; error?: string } {
  const events: string[] = [];
  const last = { type: "" };
  const parser = new ShellProtocolParser((event: ShellEvent) => {
    if (!("data" in event)) events.push(JSON.stringify(event));
    else if (last.type === event.type) events[events.length - 1] += hex(event.data);
    else events.push(`${event.type} ${hex(event.data)}`);
    last.type = event.type;
  });
  try {
    for (const chunk of chunks) parser.push(chunk);
    return { events };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { events, error: error.code };
  }
}

describe("shell protocol", () => {
  it("writes stdout, stderr and exit byte for byte", () => {
    expect(hex(encodeShellPacket(shellPacketId.stdout, text("hi")))).toBe("01020000006869");
    expect(hex(encodeShellPacket(shellPacketId.stderr, text("no")))).toBe("02020000006e6f");
    expect(hex(encodeShellExit(127))).toBe("03010000007f");
  });

  it("reads stdin, its end, and the window's size", () => {
    const wire = Buffer.concat([
      Buffer.from("00030000006c730a", "hex"),
      Buffer.from("0400000000", "hex"),
      Buffer.from("0513000000", "hex"),
      Buffer.from("24x80,1080x1920\0\0\0\0"),
    ]);
    expect(read([wire]).events).toEqual(["stdin 6c730a", '{"type":"close-stdin"}']);
    const size = Buffer.concat([Buffer.from("0510000000", "hex"), Buffer.from("24x80,1080x1920\0")]);
    expect(read([size]).events).toEqual(['{"type":"window-size","rows":24,"columns":80,"width":1080,"height":1920}']);
  });

  it("skips a packet it does not know", () => {
    expect(read([Buffer.from("6302000000abcd030100000005", "hex")]).events).toEqual([
      '{"type":"unknown","id":99}',
      '{"type":"exit","code":5}',
    ]);
  });

  it("names a packet that is too long", () => {
    expect(read([Buffer.from("00ffffffff", "hex")]).error).toBe("shell-packet-too-large");
  });

  it("answers any bytes with events or a named error, the same in any chunking", () => {
    const packet = fc.tuple(fc.nat(7), fc.uint8Array({ maxLength: 80 })).map(([id, data]) => encodeShellPacket(id, data));
    const wire = fc.array(fc.oneof({ weight: 5, arbitrary: packet }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 9 }) }), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(wire, fc.integer({ min: 1, max: 30 }), (parts, size) => {
        const whole = new Uint8Array(Buffer.concat(parts));
        const chunks = [];
        for (let at = 0; at < whole.length; at += size) chunks.push(whole.subarray(at, at + size));
        expect(read(chunks)).toEqual(read([whole]));
      }),
    );
  });
});

describe("shell services", () => {
  it.each([
    ["shell:", { v2: false, pty: true, term: "dumb", command: "" }],
    ["shell:ls -l", { v2: false, pty: false, term: "dumb", command: "ls -l" }],
    ["shell,v2,TERM=xterm-256color,pty:", { v2: true, pty: true, term: "xterm-256color", command: "" }],
    ["shell,v2,TERM=xterm,raw:echo a:b", { v2: true, pty: false, term: "xterm", command: "echo a:b" }],
    ["shell,v2,raw:", { v2: true, pty: false, term: "dumb", command: "" }],
    ["exec:cat a", { v2: false, pty: false, term: "dumb", command: "cat a" }],
    ["shell:line\nline", { v2: false, pty: false, term: "dumb", command: "line\nline" }],
  ])("reads %j", (service, expected) => {
    expect(parseShellService(service)).toEqual(expected);
  });

  it("leaves other services alone", () => {
    for (const service of ["sync:", "shellx:", "", "execx:", "shell"]) expect(parseShellService(service)).toBeUndefined();
  });
});
