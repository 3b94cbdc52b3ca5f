/** Short recordings of what virtual phones' tile encoders send while a game is on, so that a thousand devices can show changing pictures without a thousand encoders. */
import { setTimeout as sleep } from "node:timers/promises";
import { FrameKind, readFrame } from "@phonerack/contract/bus";
import WebSocket from "ws";
import { BenchProcess } from "./bench-process.js";

/** Frames without their headers, in base64: it travels between processes as JSON. Begins with a key frame. */
export interface TileClip {
  readonly config: string;
  readonly frames: readonly { readonly key: boolean; readonly data: string }[];
}

const PHONES = 6;
const RECORD_MS = 12_000;

export async function recordTileClips(): Promise<readonly TileClip[]> {
  const phones = await BenchProcess.start("phones", { count: PHONES });
  const lab = await BenchProcess.start("agent", { control: true });
  try {
    const up = await lab.ask("bringUp", phones.ready.ports);
    if (up.ready !== PHONES) throw new Error(`not all phones became ready: ${up.reasons.join("; ")}`);
    await phones.ask("play", PHONES);
    const { url = "", token = "" } = lab.ready;
    const ids = await Promise.all(phones.ready.ports.map(async (port) => (await lab.ask("device", port)).id));
    return await record({ url, token, ids });
  } finally {
    await lab.stop();
    await phones.stop();
  }
}

interface Recording {
  config: string;
  frames: { key: boolean; data: string }[];
}

async function record({ url, token, ids }: { url: string; token: string; ids: readonly string[] }): Promise<TileClip[]> {
  const socket = new WebSocket(new URL("/api/v1/live", url.replace("http", "ws")), {
    headers: { authorization: `Bearer ${token}` },
    perMessageDeflate: false,
  });
  const recordings = ids.map((): Recording => ({ config: "", frames: [] }));
  socket.on("message", (data, isBinary) => {
    if (isBinary && data instanceof Buffer) take(recordings, data);
  });
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  for (const [at, deviceId] of ids.entries()) {
    socket.send(JSON.stringify({ type: "watch", stream: at + 1, deviceId, tier: "tile" }));
  }
  await sleep(RECORD_MS);
  socket.close();
  const clips = recordings.filter(({ config, frames }) => config !== "" && frames.length > 1);
  if (clips.length === 0) throw new Error("the phones showed nothing that could be recorded");
  return clips;
}

function take(recordings: readonly Recording[], bytes: Buffer): void {
  const frame = readFrame(bytes);
  const recording = frame && recordings[frame.stream - 1];
  if (!recording) return;
  const data = Buffer.from(frame.payload).toString("base64");
  if (frame.kind === FrameKind.config) {
    recording.config = data;
    recording.frames = [];
  } else if (frame.kind === FrameKind.key || (frame.kind === FrameKind.delta && recording.frames.length > 0)) {
    recording.frames.push({ key: frame.kind === FrameKind.key, data });
  }
}
