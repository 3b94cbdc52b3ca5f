import { constants, createHash, generateKeyPairSync, type KeyObject, privateEncrypt } from "node:crypto";
import { connect, type Socket } from "node:net";
import {
  type AdbPacket,
  AdbPacketParser,
  adbCommand,
  encodeAdbHeader,
  expectedSignatureContent,
} from "@phonerack/android-wire/adb";
import { afterEach, describe, expect, it } from "vitest";
import { type Adbd, startAdbd } from "./adbd.js";
import { adbdFaults } from "./faults.js";
import { LocalSockets } from "./local-sockets.js";
import { type AdbdParts, FileError, type FileSystem, type KeyPromptAnswer, type Shell } from "./services.js";

type Command = keyof typeof adbCommand;
const commandName = new Map<number, Command>(Object.entries(adbCommand).map(([key, value]) => [value, key as Command]));

/** The host's end of one stream: collects what comes, acknowledges it. */
class HostStream {
  received = Buffer.alloc(0);
  remoteId = 0;
  closed = false;
  okays = 0;
  constructor(
    readonly host: Host,
    readonly id: number,
  ) {}
  async opened(): Promise<this> {
    await this.host.until(() => this.remoteId !== 0 || this.closed);
    return this;
  }
  async text(): Promise<string> {
    await this.host.until(() => this.closed);
    return this.received.toString();
  }
  async write(data: string | Buffer): Promise<void> {
    const before = this.okays;
    this.host.send("wrte", this.id, { arg1: this.remoteId, payload: Buffer.from(data) });
    await this.host.until(() => this.okays > before || this.closed);
  }
  close(): void {
    this.host.send("clse", this.id, { arg1: this.remoteId });
  }
}

/** As little of an adb host as these tests need. Without delayed_ack. */
class Host {
  readonly packets: { command: Command; arg0: number; payload: Buffer }[] = [];
  readonly streams = new Map<number, HostStream>();
  ended = false;
  acknowledge = true;
  #nextId = 1;
  readonly socket: Socket;

  constructor(port: number) {
    this.socket = connect(port, "127.0.0.1");
    const parser = new AdbPacketParser({
      maxPayload: 1 << 20,
      verifyChecksum: () => false,
      onPacket: (packet) => this.#packet(packet),
    });
    this.socket.on("data", (chunk) => {
      try {
        parser.push(chunk);
      } catch {
        this.socket.destroy();
      }
    });
    this.socket.on("error", () => undefined);
    this.socket.on("close", () => {
      this.ended = true;
    });
  }

  send(command: Command, arg0: number, rest: { arg1?: number; payload?: Buffer } = {}): void {
    const payload = rest.payload ?? Buffer.alloc(0);
    const header = encodeAdbHeader({ command: adbCommand[command], arg0, arg1: rest.arg1 ?? 0, payload }, { checksum: true });
    this.socket.write(Buffer.concat([header, payload]));
  }

  hello(): void {
    this.send("cnxn", 0x01000001, { arg1: 1 << 20, payload: Buffer.from("host::features=shell_v2") });
  }

  async connect(): Promise<this> {
    this.hello();
    await this.until(() => this.packets.some(({ command }) => command === "cnxn"));
    return this;
  }

  open(service: string): Promise<HostStream> {
    const stream = new HostStream(this, this.#nextId++);
    this.streams.set(stream.id, stream);
    this.send("open", stream.id, { payload: Buffer.from(`${service}\0`) });
    return stream.opened();
  }

  async run(service: string): Promise<string> {
    return (await this.open(service)).text();
  }

  async until(condition: () => boolean): Promise<void> {
    for (let i = 0; i < 2000; i++) {
      if (condition()) return;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    throw new Error("waited in vain");
  }

  #packet(packet: AdbPacket): void {
    const command = commandName.get(packet.command) ?? "stls";
    this.packets.push({ command, arg0: packet.arg0, payload: Buffer.from(packet.payload) });
    if (command === "open") {
      const stream = new HostStream(this, this.#nextId++);
      stream.remoteId = packet.arg0;
      this.streams.set(stream.id, stream);
      this.send("okay", stream.id, { arg1: packet.arg0 });
    }
    const stream = this.streams.get(packet.arg1);
    if (!stream) return;
    if (command === "okay") {
      stream.remoteId = packet.arg0;
      stream.okays++;
    }
    if (command === "clse") stream.closed = true;
    if (command !== "wrte") return;
    stream.received = Buffer.concat([stream.received, packet.payload]);
    if (this.acknowledge) this.send("okay", stream.id, { arg1: packet.arg0 });
  }
}

const shell: Shell = {
  async run(request) {
    const command = request.command ?? "interactive";
    if (command === "cat") for await (const chunk of request.stdin) await request.stdout.write(chunk);
    else if (command === "interactive") for await (const line of request.stdin) await request.stdout.write(line);
    else if (command === "big")
      for (let i = 0; i < 1000 && !request.signal.aborted; i++) await request.stdout.write(Buffer.alloc(65536));
    else if (command === "forever") {
      await new Promise((resolve) => request.signal.addEventListener("abort", resolve, { once: true }));
      aborted.push(command);
    } else {
      await request.stdout.write(`out of ${command}\n`);
      await request.stderr.write("err\n");
    }
    return 42;
  },
};
const aborted: string[] = [];

function memoryFiles(): FileSystem & { contents: Map<string, { data: Buffer; mode: number; mtime: number }> } {
  const contents = new Map<string, { data: Buffer; mode: number; mtime: number }>();
  const stat = async (path: string) => {
    if (path === "/d") return { mode: 0o040755, size: 0, mtime: 1, uid: 0, gid: 0, ino: 1 };
    const file = contents.get(path);
    if (!file) throw new FileError("ENOENT", path);
    return { mode: 0o100000 | file.mode, size: file.data.length, mtime: file.mtime, uid: 2000, gid: 2000, ino: 2 };
  };
  return {
    contents,
    stat,
    lstat: stat,
    list: async () => Promise.all([...contents.keys()].map(async (path) => ({ name: path.slice(3), stat: await stat(path) }))),
    read: async (path) => {
      const file = contents.get(path);
      if (!file) throw new FileError("ENOENT", path);
      return (async function* () {
        for (let at = 0; at < file.data.length; at += 100_000) yield file.data.subarray(at, at + 100_000);
      })();
    },
    write: async (path, mode) => {
      if (path.startsWith("/system")) throw new FileError("EROFS", path);
      let data = Buffer.alloc(0);
      return {
        write: async (chunk) => {
          if (path.endsWith("full") && data.length > 0) throw new FileError("ENOSPC", path);
          data = Buffer.concat([data, chunk]);
        },
        commit: async (mtime) => void contents.set(path, { data, mode, mtime }),
        abort: async () => undefined,
      };
    },
    symlink: async (target, path) => void contents.set(path, { data: Buffer.from(target), mode: 0o777, mtime: 0 }),
  };
}

const running: { adbd: Adbd; hosts: Host[] }[] = [];
afterEach(async () => {
  for (const { adbd, hosts } of running.splice(0)) {
    for (const host of hosts) host.socket.destroy();
    await adbd.stop();
  }
});

async function phone(extra: Partial<AdbdParts> = {}) {
  const files = memoryFiles();
  const sockets = new LocalSockets();
  const identity = { product: "vp", model: "Virtual One", device: "vp1" };
  const adbd = await startAdbd({ identity, shell, files, sockets, reboot: () => adbd.dropConnections(), ...extra });
  const hosts: Host[] = [];
  running.push({ adbd, hosts });
  const dial = (): Host => {
    const host = new Host(adbd.port);
    hosts.push(host);
    return host;
  };
  return { adbd, files, sockets, dial, host: () => dial().connect() };
}

const request = (id: string, body: string | Buffer | number): Buffer => {
  const header = Buffer.alloc(8);
  header.write(id);
  const data = typeof body === "number" ? Buffer.alloc(0) : Buffer.from(body);
  header.writeUInt32LE(typeof body === "number" ? body : data.length, 4);
  return Buffer.concat([header, data]);
};

describe("shell services", () => {
  it("mixes both outputs without shell v2, and says no exit code", async () => {
    const host = await (await phone()).host();
    expect(await host.run("shell:ls")).toBe("out of ls\nerr\n");
    expect(await host.run("exec:ls")).toBe("out of ls\nerr\n");
  });

  it("parts outputs and tells the exit code with shell v2", async () => {
    const host = await (await phone()).host();
    const stream = await host.open("shell,v2,raw:ls");
    await stream.text();
    expect(stream.received.toString("hex")).toBe(
      `010a000000${Buffer.from("out of ls\n").toString("hex")}0204000000${Buffer.from("err\n").toString("hex")}03010000002a`,
    );
  });

  it("gives a terminal's session its lines, echoed, with line ends as terminals have them", async () => {
    const host = await (await phone()).host();
    const stream = await host.open("shell:");
    await stream.write("hello\r\x04");
    expect(await stream.text()).toBe("hello\r\nhello\r\n");
  });

  it("carries input through a command, its end by shell v2", async () => {
    const host = await (await phone()).host();
    const stream = await host.open("shell,v2,raw:cat");
    await stream.write(Buffer.from("0003000000616263", "hex"));
    await stream.write(Buffer.from("0400000000", "hex"));
    await stream.text();
    expect(stream.received.toString("hex")).toBe("010300000061626303010000002a");
  });

  it("ends a command when its host hangs up or leaves", async () => {
    const host = await (await phone()).host();
    aborted.length = 0;
    const stream = await host.open("shell,v2,raw:forever");
    stream.close();
    await host.until(() => aborted.length === 1);
    await host.open("shell,v2,raw:forever");
    host.socket.destroy();
    await host.until(() => aborted.length === 2);
  });

  it("closes a stream whose bytes are no shell protocol", async () => {
    const host = await (await phone()).host();
    const stream = await host.open("shell,v2,raw:cat");
    await stream.write(Buffer.from("00ffffffff", "hex"));
    await host.until(() => stream.closed);
    expect(await host.run("shell:ls")).toBe("out of ls\nerr\n");
  });

  it("holds a command whose host sends no OKAY", async () => {
    const host = await (await phone()).host();
    host.acknowledge = false;
    const stream = await host.open("shell:big");
    await host.until(() => stream.received.length > 0);
    const before = stream.received.length;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(stream.received.length).toBe(before);
  });
});

describe("sync", () => {
  it("takes a file and gives it back, with its mode and time", async () => {
    const { files, host: dial } = await phone();
    const host = await dial();
    const data = Buffer.alloc(150_000, "0123456789");
    const stream = await host.open("sync:");
    await stream.write(request("SEND", "/d/a,33188"));
    for (let at = 0; at < data.length; at += 65536) await stream.write(request("DATA", data.subarray(at, at + 65536)));
    await stream.write(request("DONE", 1234));
    await host.until(() => stream.received.length >= 8);
    expect(stream.received.toString("hex")).toBe("4f4b415900000000");
    expect(files.contents.get("/d/a")).toEqual({ data, mode: 0o666, mtime: 1234 });
    stream.received = Buffer.alloc(0);
    await stream.write(request("RECV", "/d/a"));
    await stream.write(request("QUIT", 0));
    await stream.text();
    const blocks: Buffer[] = [];
    for (let at = 0; stream.received.toString("latin1", at, at + 4) === "DATA"; ) {
      const length = stream.received.readUInt32LE(at + 4);
      expect(length).toBeLessThanOrEqual(65536);
      blocks.push(stream.received.subarray(at + 8, at + 8 + length));
      at += 8 + length;
    }
    expect(Buffer.concat(blocks).equals(data)).toBe(true);
    expect(stream.received.subarray(-8).toString("hex")).toBe("444f4e4500000000");
  });

  it("says what a file lacks, in each way of asking", async () => {
    const host = await (await phone()).host();
    const stream = await host.open("sync:");
    await stream.write(
      Buffer.concat([request("STAT", "/no"), request("STA2", "/no"), request("LST2", "/d"), request("RECV", "/no")]),
    );
    await host.until(() => stream.received.length >= 16 + 72 + 72 + 8 + 38);
    expect(stream.received.subarray(0, 16).toString("hex")).toBe(`53544154${"00".repeat(12)}`);
    expect(stream.received.subarray(16, 24).toString("hex")).toBe("5354413202000000");
    expect(stream.received.readUInt32LE(16 + 72 + 24)).toBe(0o040755);
    expect(stream.received.subarray(160 + 8).toString()).toBe("open failed: No such file or directory");
  });

  it("lists a folder in both formats", async () => {
    const { files, host: dial } = await phone();
    files.contents.set("/d/x", { data: Buffer.from("abc"), mode: 0o644, mtime: 5 });
    const host = await dial();
    const stream = await host.open("sync:");
    await stream.write(Buffer.concat([request("LIST", "/d"), request("LIS2", "/d")]));
    await host.until(() => stream.received.length >= 21 + 20 + 77 + 76);
    expect(stream.received.subarray(0, 21).toString("hex")).toBe("44454e54a4810000030000000500000001000000" + "78");
    expect(stream.received.subarray(21, 25).toString()).toBe("DONE");
    expect(stream.received.subarray(41, 45).toString()).toBe("DNT2");
  });

  it("reads a refused file to its end before it says why", async () => {
    const host = await (await phone()).host();
    const stream = await host.open("sync:");
    await stream.write(request("SEND", "/system/a,420"));
    await stream.write(request("DATA", "x"));
    expect(stream.received).toHaveLength(0);
    await stream.write(request("DONE", 1));
    await host.until(() => stream.received.length > 8);
    expect(stream.received.subarray(8).toString()).toBe("couldn't create file: Read-only file system");
    stream.received = Buffer.alloc(0);
    await stream.write(
      Buffer.concat([request("SEND", "/d/full,420"), request("DATA", "x"), request("DATA", "y"), request("DONE", 1)]),
    );
    await host.until(() => stream.received.length > 8);
    expect(stream.received.subarray(8).toString()).toBe("write failed: No space left on device");
  });

  it("makes a link of a sent link", async () => {
    const { files, host: dial } = await phone();
    const host = await dial();
    const stream = await host.open("sync:");
    await stream.write(Buffer.concat([request("SEND", `/d/l,${0o120777}`), request("DATA", "/d/target\0"), request("DONE", 1)]));
    await host.until(() => stream.received.length >= 8);
    expect(files.contents.get("/d/l")?.data.toString()).toBe("/d/target");
  });

  it("answers an oversize block and an unknown request with FAIL, then closes", async () => {
    const host = await (await phone()).host();
    const oversize = await host.open("sync:");
    await oversize.write(Buffer.concat([request("SEND", "/d/a,420"), request("DATA", 65537)]));
    expect(await oversize.text()).toContain("oversize data message");
    const unknown = await host.open("sync:");
    await unknown.write(request("SND2", "/d/a"));
    expect(await unknown.text()).toContain("unknown command");
  });
});

describe("sockets through adb", () => {
  it("forwards into the phone, and to nowhere else", async () => {
    const { sockets, host: dial } = await phone();
    sockets.listen("tcp:6790", (socket) => {
      void (async () => {
        for await (const chunk of socket.input) await socket.write(chunk);
        socket.close();
      })();
    });
    const host = await dial();
    const stream = await host.open("tcp:6790");
    await stream.write("ping");
    await host.until(() => stream.received.toString() === "ping");
    for (const service of ["tcp:22", "tcp:22:example.org", "localabstract:nobody", "dev:/dev/null", "bogus:", ""]) {
      const refused = await host.open(service);
      expect([service, refused.closed, refused.remoteId]).toEqual([service, true, 0]);
    }
  });

  it("gives an app what the host sent before it closed", async () => {
    const { sockets, host: dial } = await phone();
    const got: string[] = [];
    sockets.listen("tcp:1", (socket) => {
      void (async () => {
        await new Promise((resolve) => setTimeout(resolve, 30));
        for await (const chunk of socket.input) got.push(Buffer.from(chunk).toString());
        got.push("end");
      })();
    });
    const host = await dial();
    const stream = await host.open("tcp:1");
    await stream.write("last words");
    stream.close();
    await host.until(() => got.includes("end"));
    expect(got).toEqual(["last words", "end"]);
  });

  it("binds, lists, rebinds and removes reverse sockets as Android answers", async () => {
    const host = await (await phone()).host();
    expect(await host.run("reverse:forward:localabstract:s;tcp:1")).toBe("OKAY");
    expect(await host.run("reverse:forward:tcp:0;tcp:2")).toBe("OKAY000532768");
    expect(await host.run("reverse:list-forward")).toBe("0034host-1 localabstract:s tcp:1\nhost-1 tcp:32768 tcp:2\n");
    expect(await host.run("reverse:forward:norebind:tcp:32768;tcp:3")).toBe("FAIL001dcannot rebind existing socket");
    expect(await host.run("reverse:forward:tcp:32768;tcp:3")).toBe("OKAY");
    expect(await host.run("reverse:killforward:tcp:9")).toBe("FAIL001alistener 'tcp:9' not found");
    expect(await host.run("reverse:killforward:tcp:32768")).toBe("OKAY");
    expect(await host.run("reverse:killforward-all")).toBe("OKAY");
    expect(await host.run("reverse:list-forward")).toBe("0000");
    expect(await host.run("reverse:nonsense")).toMatch(/^FAIL/);
  });

  it("opens a stream to the host for each connection of an app, and takes the socket away with the host", async () => {
    const { sockets, host: dial } = await phone();
    const host = await dial();
    await host.run("reverse:forward:localabstract:s;tcp:27183");
    const app = sockets.connect("localabstract:s");
    await app?.write(Buffer.from("from the app"));
    await host.until(() => [...host.streams.values()].some((stream) => stream.received.toString() === "from the app"));
    expect(host.packets.find(({ command }) => command === "open")?.payload.toString()).toBe("tcp:27183\0");
    host.socket.destroy();
    await host.until(() => sockets.connect("localabstract:s") === undefined);
    await app?.closed;
  });

  it("answers as a production build, and reboots", async () => {
    const { host: dial } = await phone();
    const host = await dial();
    expect(await host.run("root:")).toBe("adbd cannot run as root in production builds\n");
    await host.open("reboot:");
    await host.until(() => host.ended);
  });
});

describe("USB debugging authorisation", () => {
  function hostKey(): { key: KeyObject; adb: string } {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const n = Buffer.from(publicKey.export({ format: "jwk" }).n ?? "", "base64url");
    const bytes = Buffer.alloc(524);
    bytes.writeUInt32LE(64, 0);
    Buffer.from(n).reverse().copy(bytes, 8);
    bytes.writeUInt32LE(65537, 520);
    return { key: privateKey, adb: bytes.toString("base64") };
  }
  const sign = (key: KeyObject, token: Buffer): Buffer =>
    privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, expectedSignatureContent(token));
  const tokens = (host: Host): Buffer[] => host.packets.filter(({ command }) => command === "auth").map(({ payload }) => payload);

  async function secured(answer: KeyPromptAnswer | Promise<KeyPromptAnswer>, known: string[] = []) {
    const prompts: string[] = [];
    const setup = await phone({
      authorisation: {
        keys: { all: () => known, add: (key) => void known.push(key) },
        onKeyPrompt: async (fingerprint) => {
          prompts.push(fingerprint);
          return answer;
        },
      },
    });
    return { ...setup, prompts, known };
  }

  it("asks about a new key with Android's fingerprint, remembers it when told to, and lets it in by signature next time", async () => {
    const { dial, prompts, known } = await secured("always");
    const { key, adb } = hostKey();
    const first = dial();
    first.hello();
    await first.until(() => tokens(first).length === 1);
    first.send("auth", 2, { payload: sign(key, tokens(first)[0] ?? Buffer.alloc(0)) });
    await first.until(() => tokens(first).length === 2);
    first.send("auth", 3, { payload: Buffer.from(`${adb} me@host\0`) });
    await first.until(() => first.packets.some(({ command }) => command === "cnxn"));
    const md5 = createHash("md5").update(Buffer.from(adb, "base64")).digest("hex").toUpperCase();
    expect(prompts).toEqual([md5.match(/../g)?.join(":")]);
    expect(known).toEqual([adb]);
    const second = dial();
    second.hello();
    await second.until(() => tokens(second).length === 1);
    second.send("auth", 2, { payload: sign(key, tokens(second)[0] ?? Buffer.alloc(0)) });
    await second.until(() => second.packets.some(({ command }) => command === "cnxn"));
    expect(prompts).toHaveLength(1);
  });

  it("lets in once without remembering, and not at all when denied", async () => {
    for (const [answer, admitted] of [
      ["allow", true],
      ["deny", false],
    ] as const) {
      const { dial, known } = await secured(answer);
      const host = dial();
      host.hello();
      host.send("auth", 3, { payload: Buffer.from(`${hostKey().adb} me\0`) });
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(host.packets.some(({ command }) => command === "cnxn")).toBe(admitted);
      expect(known).toEqual([]);
    }
  });

  it("refuses another key's signature and one that is none", async () => {
    const { dial } = await secured("deny", [hostKey().adb]);
    const host = dial();
    host.hello();
    await host.until(() => tokens(host).length === 1);
    host.send("auth", 2, { payload: sign(hostKey().key, tokens(host)[0] ?? Buffer.alloc(0)) });
    await host.until(() => tokens(host).length === 2);
    host.send("auth", 2, { payload: Buffer.from("no signature") });
    await host.until(() => tokens(host).length === 3);
    expect(host.packets.some(({ command }) => command === "cnxn")).toBe(false);
  });
});

describe("hostile hosts", () => {
  it("lose their connection for bytes that are no ADB, and disturb nobody else", async () => {
    const { dial, host } = await phone();
    const good = await host();
    const bad = dial();
    bad.socket.write(Buffer.alloc(100, "GET / HTTP/1.1\r\n"));
    await bad.until(() => bad.ended);
    expect(await good.run("shell:ls")).toBe("out of ls\nerr\n");
  });

  it("get CLSE for 10,000 opens beyond the limit, and are served again after", async () => {
    const host = await (await phone()).host();
    for (let id = 1000; id < 11_000; id++) host.send("open", id, { payload: Buffer.from("shell,v2,raw:forever\0") });
    await host.until(() => host.packets.filter(({ command }) => command === "clse").length >= 10_000 - 512);
    expect(host.packets.filter(({ command }) => command === "okay")).toHaveLength(512);
    host.send("clse", 1000, { arg1: 1 });
    await host.until(() => host.packets.filter(({ command }) => command === "clse").length > 10_000 - 512);
    expect(await host.run("shell:ls")).toBe("out of ls\nerr\n");
  });

  it("that never read cannot make the phone buffer without bound", async () => {
    const host = await (await phone()).host();
    host.socket.pause();
    // Each is answered with 24 bytes; what the kernel holds of both directions is some 20 MB.
    const open = encodeAdbHeader({ command: adbCommand.open, arg0: 1, arg1: 0, payload: new Uint8Array(0) }, { checksum: true });
    const flood = Buffer.concat(Array.from({ length: 2_000 }, () => open));
    let stalled = false;
    for (let i = 0; i < 1_500 && !stalled; i++) {
      if (host.socket.write(flood)) continue;
      stalled = await Promise.race([
        new Promise<boolean>((resolve) => host.socket.once("drain", () => resolve(false))),
        new Promise<boolean>((resolve) => setTimeout(resolve, 500, true)),
      ]);
    }
    expect(stalled).toBe(true);
  });
});

describe("faults", () => {
  it.each(adbdFaults)("%s: no host gets through, and all is well when it is switched off", async (fault) => {
    const { adbd, dial, host } = await phone();
    adbd.setFault(fault);
    const victim = dial();
    victim.hello();
    const connected = () => victim.packets.some(({ command }) => command === "cnxn");
    const lets = fault === "silent-after-cnxn" || fault === "never-okay" || fault === "endless-banner";
    if (lets) await victim.until(connected);
    else await new Promise((resolve) => setTimeout(resolve, 40));
    expect(connected()).toBe(lets);
    victim.socket.destroy();
    adbd.setFault(undefined);
    expect(await (await host()).run("shell:ls")).toBe("out of ls\nerr\n");
  });

  it("freeze and drop connections that stand", async () => {
    const { adbd, host } = await phone();
    const victim = await host();
    adbd.setFault("hang");
    victim.send("open", 99, { payload: Buffer.from("shell:ls\0") });
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(victim.packets).toHaveLength(1);
    adbd.setFault("refuse");
    await victim.until(() => victim.ended);
  });
});
