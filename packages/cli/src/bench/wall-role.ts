/** The lab of the wall bench: a whole control with its console, and an agent's part played by one that shows recorded tiles on a thousand devices. */
import { createInProcessBus, FrameKind, setFrameRate, TILE_RATES, writeFrame } from "@phonerack/contract/bus";
import { consoleFiles } from "../up/console-files.js";
import { control } from "./relay-roles.js";
import type { StartRole } from "./role.js";
import { StandInAgent } from "./stand-in-agent.js";
import { nowMicros } from "./stream-source.js";
import type { TileClip } from "./tile-clips.js";

export interface WallLabRole {
  readonly params: { readonly devices: number; readonly clips: readonly TileClip[] };
  /** `link` opens the console logged in, once. */
  readonly ready: { readonly link: string; readonly url: string };
  /** Since the last asking. */
  readonly answers: {
    readonly sent: { readonly frames: number; readonly bytes: number; readonly watched: number; readonly dropped: number };
  };
}

const TICK_MS = 10;
const SLOTS = 20;

export const startWallLab: StartRole<WallLabRole> = async ({ devices, clips }) => {
  const files = consoleFiles();
  if (!("webRoot" in files)) throw new Error("the console is not built: npm run build");
  const bus = createInProcessBus();
  const at = await control(bus, files);
  const agent = new StandInAgent(bus, devices, placeOf);
  const player = new Player(agent, { devices, clips });
  return { ready: { url: at.url, link: await at.consoleLink() }, answers: { sent: () => player.takeSent() } };
};

function placeOf(n: number) {
  return {
    chassis: `C${String(Math.floor(n / SLOTS) + 1).padStart(2, "0")}`,
    slot: (n % SLOTS) + 1,
    model: `V${(n % 5) + 1}`,
    sdk: 30 + (n % 5),
    release: String(11 + (n % 5)),
    battery: { level: 20 + (n % 80), charging: n % 3 > 0, temperature: 28 + (n % 15) },
  };
}

interface Playing {
  readonly clip: Decoded;
  at: number;
  /** Milliseconds of this process's clock. */
  due: number;
  fps: number;
  generation: number;
}

interface Decoded {
  readonly config: Uint8Array;
  readonly frames: readonly { readonly kind: FrameKind; readonly data: Uint8Array }[];
}

/** Sends each watched device's clip over and over, as fast as is wished. */
class Player {
  readonly #agent: StandInAgent;
  readonly #clips: readonly Decoded[];
  readonly #playing: (Playing | undefined)[];
  #frames = 0;
  #bytes = 0;

  constructor(agent: StandInAgent, { devices, clips }: WallLabRole["params"]) {
    this.#agent = agent;
    this.#clips = clips.map(decode);
    this.#playing = Array.from({ length: devices }, () => undefined);
    agent.onStart = (n) => this.#start(n);
    setInterval(() => this.#tick(), TICK_MS);
  }

  takeSent() {
    const sent = { frames: this.#frames, bytes: this.#bytes, watched: this.#agent.watched, dropped: this.#agent.dropped };
    this.#frames = 0;
    this.#bytes = 0;
    return sent;
  }

  #start(n: number): void {
    const clip = this.#clips[n % this.#clips.length];
    if (!clip) return;
    const fps = Math.min(this.#agent.wishOf(n) ?? TILE_RATES[0], TILE_RATES[0]);
    const generation = (this.#playing[n]?.generation ?? 0) + 1;
    // Phones begin at different moments, as an encoder does some time after it was asked.
    this.#playing[n] = { clip, fps, generation, at: 0, due: performance.now() + Math.random() * (1_000 / fps) };
  }

  #tick(): void {
    const now = performance.now();
    for (const [n, playing] of this.#playing.entries()) {
      if (!playing || playing.due > now) continue;
      if (!this.#agent.isWatched(n)) {
        this.#playing[n] = undefined;
        continue;
      }
      this.#send(n, playing);
      // One that was late does not hurry afterwards.
      playing.due = Math.max(playing.due + 1_000 / playing.fps, now - 1_000 / playing.fps);
    }
  }

  #send(n: number, playing: Playing): void {
    const { clip, generation: stream, fps } = playing;
    const frame = clip.frames[playing.at % clip.frames.length];
    if (!frame) return;
    if (playing.at === 0) {
      const config = writeFrame({ kind: FrameKind.config, stream, pts: 0n, payload: clip.config });
      setFrameRate(config, fps);
      this.#publish(n, config);
    }
    if (this.#publish(n, writeFrame({ kind: frame.kind, stream, pts: nowMicros(), payload: frame.data }))) playing.at += 1;
    // What was not sent is missing in the picture that follows: it begins again with a key frame.
    else playing.at = 0;
  }

  #publish(n: number, bytes: Uint8Array): boolean {
    if (!this.#agent.publish(n, bytes)) return false;
    this.#frames += 1;
    this.#bytes += bytes.length;
    return true;
  }
}

function decode({ config, frames }: TileClip): Decoded {
  return {
    config: Buffer.from(config, "base64"),
    frames: frames.map(({ key, data }) => ({
      kind: key ? FrameKind.key : FrameKind.delta,
      data: Buffer.from(data, "base64"),
    })),
  };
}
