/** A scrcpy session whose phone is played byte by byte. */
import {
  encodeAudioMeta,
  encodeDeviceName,
  encodeFrameHeader,
  encodeVideoMeta,
  scrcpyCodec,
} from "@phonerack/android-wire/scrcpy";
import { FrameKind, readFrame } from "@phonerack/contract/bus";
import { expect, test } from "vitest";
import { PhoneLink, type RawStream } from "../transports/link.js";
import type { ServerJar } from "./server-jar.js";
import { runAudio, runVideo } from "./video.js";

const JAR: ServerJar = { version: "3.3.1", sha256: "", bytes: new Uint8Array(0), remotePath: "/data/local/tmp/x.jar" };
const HELLO = [new Uint8Array(1), encodeDeviceName("phone")];
const VIDEO = encodeVideoMeta({ codec: scrcpyCodec.h264, width: 360, height: 800 });

interface Script {
  /** What the server's socket gives, then silence. */
  readonly stream: readonly Uint8Array[];
  /** What the server prints before it ends; it runs on when this is undefined. */
  readonly words?: string;
}

function play({ stream, words }: Script) {
  const commands: string[] = [];
  const source = (chunks: Uint8Array[], ends: boolean): RawStream => {
    let wake: () => void = () => undefined;
    let open = true;
    const silence = new Promise<undefined>((resolve) => (wake = () => resolve(undefined)));
    return {
      read: async () => (open ? (chunks.shift() ?? (ends ? undefined : silence)) : undefined),
      write: () => Promise.resolve(),
      close: () => {
        open = false;
        wake();
      },
    };
  };
  const link = new PhoneLink({
    shellV2: true,
    connect: async (service) => {
      commands.push(service);
      if (service.startsWith("exec:")) return source(words === undefined ? [] : [Buffer.from(words)], words !== undefined);
      if (words !== undefined) throw new Error("refused");
      return source([...stream], false);
    },
    close: () => undefined,
  });
  return { link, commands };
}

function start(script: Script, run: typeof runAudio = (parts) => runVideo(parts, ["max_size=400"])) {
  const { link, commands } = play(script);
  const stop = new AbortController();
  const frames: Uint8Array[] = [];
  const done = run({ link, jar: JAR, generation: 77, signal: stop.signal, frame: (_kind, frame) => frames.push(frame) });
  return { done, stop, frames, commands };
}

const packet = (kind: "config" | "key" | "delta", pts: bigint, data: string) =>
  Buffer.concat([encodeFrameHeader({ kind, pts, length: data.length }), Buffer.from(data)]);

test("turns a session into frames of the bus, whatever the chunks", async () => {
  const all = Buffer.concat([
    ...HELLO,
    VIDEO,
    packet("config", 0n, "sps"),
    packet("key", 1_000_000n, "idr"),
    packet("delta", 5_000_000_000n, "p"),
  ]);
  const { done, stop, frames, commands } = start({ stream: Array.from(all, (byte) => Uint8Array.of(byte)) });
  await expect.poll(() => frames.length).toBe(3);
  stop.abort();
  await done;
  const read = frames
    .map((frame) => readFrame(frame))
    .map((frame) => frame && { ...frame, payload: Buffer.from(frame.payload).toString() });
  expect(read).toEqual([
    { kind: FrameKind.config, stream: 77, pts: 0n, payload: "sps" },
    { kind: FrameKind.key, stream: 77, pts: 1_000_000n, payload: "idr" },
    { kind: FrameKind.delta, stream: 77, pts: 5_000_000_000n, payload: "p" },
  ]);
  expect(commands[0]).toMatch(
    /^exec:CLASSPATH=\/data\/local\/tmp\/x\.jar app_process \/ com\.genymobile\.scrcpy\.Server 3\.3\.1 scid=[0-9a-f]{8} .*max_size=400/,
  );
});

test("ends a session that announces a frame of 100 MB before any of it is kept", async () => {
  const header = encodeFrameHeader({ kind: "key", pts: 1n, length: 100_000_000 });
  const { done } = start({ stream: [...HELLO, VIDEO, header] });
  await expect(done).rejects.toMatchObject({ code: "phone_protocol", detail: expect.stringContaining("100000000") });
});

test("ends a session that is not H.264", async () => {
  const { done } = start({ stream: [...HELLO, encodeVideoMeta({ codec: scrcpyCodec.av1, width: 1, height: 1 })] });
  await expect(done).rejects.toMatchObject({ code: "phone_protocol" });
});

test("says what the server said when it gives up", async () => {
  const { done } = start({
    stream: [],
    words: "[server] INFO: Device: x\n[server] ERROR: Could not open video encoder\n[server] ERROR: Exception on thread\n",
  });
  await expect(done).rejects.toMatchObject({ code: "phone_failed", detail: "Could not open video encoder" });
});

test.each([
  ["lets nobody listen", scrcpyCodec.disabled, /lets no app listen/],
  ["cannot encode Opus", scrcpyCodec.failed, /cannot encode/],
])("says so when a phone %s", async (_what, codec, reason) => {
  const { done } = start({ stream: [...HELLO, encodeAudioMeta(codec)] }, runAudio);
  await expect(done).rejects.toMatchObject({ code: "phone_failed", detail: expect.stringMatching(reason) });
});

test("gives sound as sound", async () => {
  const { done, stop, frames } = start(
    { stream: [...HELLO, encodeAudioMeta(scrcpyCodec.opus), packet("config", 0n, "OpusHead"), packet("key", 20_000n, "x")] },
    runAudio,
  );
  await expect.poll(() => frames.length).toBe(2);
  expect(frames.map(([kind]) => kind)).toEqual([FrameKind.audioConfig, FrameKind.audio]);
  stop.abort();
  await done;
});
