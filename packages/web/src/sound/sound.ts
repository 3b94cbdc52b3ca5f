/** Plays one Opus stream: WebCodecs decodes, the audio clock decides when. */
import { FrameKind, readFrame } from "@phonerack/contract/api";

export interface Sound {
  /** A frame of `media.ts`. */
  push(bytes: Uint8Array): void;
  stop(): Promise<void>;
}

/** scrcpy captures 48 kHz stereo (its AudioConfig). */
const FORMAT = { codec: "opus", sampleRate: 48_000, numberOfChannels: 2 } as const;
/** How far ahead of the ear is played: less stutters, more is late. */
const AHEAD_S = 0.06;
const MOST_AHEAD_S = 0.4;

export function startSound(): Sound {
  const context = new AudioContext({ sampleRate: FORMAT.sampleRate, latencyHint: "interactive" });
  let playAt = 0;
  const play = (data: AudioData) => {
    const buffer = toBuffer(context, data);
    data.close();
    // Late or far too early, e.g. after the tab slept: begin anew close to now.
    if (playAt < context.currentTime || playAt > context.currentTime + MOST_AHEAD_S) playAt = context.currentTime + AHEAD_S;
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(context.destination);
    source.start(playAt);
    playAt += buffer.duration;
  };
  const decoder = new AudioDecoder({ output: play, error: () => {} });
  return {
    push: (bytes) => {
      const frame = readFrame(bytes);
      if (frame?.kind === FrameKind.audioConfig && decoder.state !== "closed") {
        decoder.configure({ ...FORMAT, description: new Uint8Array(frame.payload) });
      } else if (frame?.kind === FrameKind.audio && decoder.state === "configured") {
        decoder.decode(new EncodedAudioChunk({ type: "key", timestamp: Number(frame.pts), data: frame.payload }));
      }
    },
    stop: async () => {
      if (decoder.state !== "closed") decoder.close();
      if (context.state !== "closed") await context.close();
    },
  };
}

function toBuffer(context: AudioContext, data: AudioData): AudioBuffer {
  const buffer = context.createBuffer(data.numberOfChannels, data.numberOfFrames, data.sampleRate);
  for (let channel = 0; channel < data.numberOfChannels; channel++) {
    data.copyTo(buffer.getChannelData(channel), { planeIndex: channel, format: "f32-planar" });
  }
  return buffer;
}
