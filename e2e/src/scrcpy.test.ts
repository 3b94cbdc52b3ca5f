/** A virtual phone's scrcpy server, as Tango's client sees it, over both kinds of tunnel, and its picture as ffmpeg sees it. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { startVirtualPhones, type VirtualPhone, type VirtualPhones } from "@phonerack/virtual-phone";
import { Adb, AdbServerClient } from "@yume-chan/adb";
import { AdbScrcpyClient, AdbScrcpyOptions3_3_1 } from "@yume-chan/adb-scrcpy";
import { AdbServerNodeTcpConnector } from "@yume-chan/adb-server-node-tcp";
import {
  AndroidKeyCode,
  AndroidKeyEventAction,
  AndroidMotionEventAction,
  DefaultServerPath,
  ScrcpyPointerId,
} from "@yume-chan/scrcpy";
import { ReadableStream } from "@yume-chan/stream-extra";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AdbCli, startAdbCli } from "./adb-cli.js";
import { connectTango } from "./tango.js";

const run = promisify(execFile);
let chassis: VirtualPhones;
let cli: AdbCli;
let phone: VirtualPhone;
let folder: string;

beforeAll(async () => {
  chassis = await startVirtualPhones({ count: 1, models: ["v4"] });
  const [first] = chassis.phones;
  if (!first) throw new Error("no phone");
  phone = first;
  cli = await startAdbCli();
  await cli.run(["connect", `127.0.0.1:${phone.port}`]);
  folder = await mkdtemp(join(tmpdir(), "phonerack-e2e-scrcpy-"));
});

afterAll(async () => {
  await cli?.stop();
  await chassis?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

async function until(condition: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 400; i++) {
    if (condition()) return;
    await sleep(10);
  }
  throw new Error(`waited in vain: ${what}`);
}

const openers: [string, { tunnelForward: boolean }, () => Promise<{ adb: Adb; close: () => Promise<void> }>][] = [
  [
    "straight to the phone, forward tunnel",
    { tunnelForward: true },
    async () => {
      const { adb, socket } = await connectTango(phone.port);
      return { adb, close: async () => void socket.destroy() };
    },
  ],
  [
    "through adb's server, reverse tunnel",
    { tunnelForward: false },
    async () => {
      const client = new AdbServerClient(new AdbServerNodeTcpConnector({ host: "127.0.0.1", port: cli.port }));
      const adb = new Adb(await client.createTransport({ serial: `127.0.0.1:${phone.port}` }));
      return { adb, close: () => adb.close() };
    },
  ],
];

/** The jar's bytes do not matter to a phone that is its own server; its place does. */
async function pushServer(adb: Adb): Promise<void> {
  await AdbScrcpyClient.pushServer(adb, ReadableStream.from([new Uint8Array(Buffer.from("PK"))]));
}

describe.each(openers)("Tango's scrcpy client %s", (_, tunnel, open) => {
  it("streams pictures ffmpeg can decode, in which a touch shows", async () => {
    const { adb, close } = await open();
    try {
      await pushServer(adb);
      const options = new AdbScrcpyOptions3_3_1({ ...tunnel, audio: false, maxSize: 400, maxFps: 30 });
      const client = await AdbScrcpyClient.start(adb, DefaultServerPath, options);
      const video = await client.videoStream;
      if (!video) throw new Error("no video");
      const parts: Uint8Array[] = [];
      let frames = 0;
      const reading = video.stream.pipeTo(
        new WritableStream({
          write: (packet) => {
            parts.push(packet.data);
            if (packet.type === "data") frames++;
          },
        }) as never,
      );
      reading.catch(() => undefined);
      await until(() => frames > 0, "a first frame");
      expect(Math.max(video.width, video.height)).toBe(400);
      const { controller } = client;
      const touch = {
        pointerId: ScrcpyPointerId.Finger,
        videoWidth: video.width,
        videoHeight: video.height,
        pointerX: Math.round(video.width / 2),
        actionButton: 0,
        buttons: 0,
      };
      const before = frames;
      await controller?.injectTouch({ ...touch, action: AndroidMotionEventAction.Down, pointerY: 2, pressure: 1 });
      for (let y = 10; y < 300; y += 30) {
        await controller?.injectTouch({ ...touch, action: AndroidMotionEventAction.Move, pointerY: y, pressure: 1 });
      }
      await controller?.injectTouch({ ...touch, action: AndroidMotionEventAction.Up, pointerY: 300, pressure: 0 });
      await until(() => frames > before, "a frame after the touch");
      await controller?.setClipboard({ sequence: 5n, paste: false, content: "你好 🎉" });
      expect(phone.phone.clipboard.get()).toBe("你好 🎉");
      await controller?.injectKeyCode({
        action: AndroidKeyEventAction.Down,
        keyCode: AndroidKeyCode.AndroidHome,
        repeat: 0,
        metaState: 0,
      });
      await controller?.injectKeyCode({
        action: AndroidKeyEventAction.Up,
        keyCode: AndroidKeyCode.AndroidHome,
        repeat: 0,
        metaState: 0,
      });
      await client.close();
      await until(() => phone.encoders.running === 0, "the encoder to stop");
      const file = join(folder, `${tunnel.tunnelForward}.h264`);
      await writeFile(file, Buffer.concat(parts));
      const { stdout } = await run("ffprobe", [
        "-v",
        "error",
        "-count_frames",
        "-show_entries",
        "stream=codec_name,width,nb_read_frames",
        "-of",
        "json",
        file,
      ]);
      const [stream] = (JSON.parse(stdout) as { streams: { codec_name: string; width: number; nb_read_frames: string }[] })
        .streams;
      expect(stream).toMatchObject({ codec_name: "h264", nb_read_frames: String(frames) });
    } finally {
      await close();
    }
  });

  it("hears Opus of a phone that plays", async () => {
    const { adb, close } = await open();
    try {
      await pushServer(adb);
      phone.phone.sound.setPlaying(true);
      // Tango 2.3 looks for the device's name on a video socket only, scrcpy sends it on whichever is first.
      const options = new AdbScrcpyOptions3_3_1({
        ...tunnel,
        video: false,
        audio: true,
        audioCodec: "opus",
        control: false,
        sendDeviceMeta: false,
      });
      const client = await AdbScrcpyClient.start(adb, DefaultServerPath, options);
      const audio = await client.audioStream;
      if (audio?.type !== "success") throw new Error(`no audio: ${audio?.type}`);
      const reader = audio.stream.getReader();
      const kinds: string[] = [];
      for (let i = 0; i < 6; i++) kinds.push((await reader.read()).value?.type ?? "end");
      expect(kinds).toEqual(["configuration", "data", "data", "data", "data", "data"]);
      await client.close();
    } finally {
      phone.phone.sound.setPlaying(false);
      await close();
    }
  });
});
