/**
 * The pictures and the sound of one phone: a small tile, a full picture and audio, each with its own session that runs only while watched. Knows
 * what phones refuse: one that has a single encoder gives it to the full picture, and its tile is a small screenshot now and then.
 */
import { setTimeout as sleep } from "node:timers/promises";
import {
  type Bus,
  type DeviceReport,
  FrameKind,
  type Notice,
  type PhoneAddress,
  PhonerackError,
  type StreamOrder,
  subjects,
  type Tier,
  writeFrame,
} from "@phonerack/contract/bus";
import { smallPng, takeRawScreen } from "../screenshot/raw-screen.js";
import type { PhoneLink } from "../transports/link.js";
import { pushServerJar, type ServerJar } from "./server-jar.js";
import { TierStream } from "./tier-stream.js";
import { type RatedTile, rateOptions, type TileRates } from "./tile-rates.js";
import { runAudio, runVideo, type StreamRun } from "./video.js";

const TILE_SIDE = 400;
const FULL = ["max_fps=30", "video_bit_rate=4000000"];
const FULL_SIDE = { network: 1280, usb: 1280, virtual: 800 } as const satisfies Record<DeviceReport["reach"], number>;
/** 0.2 pictures a second: a screenshot costs a phone more than a hundred frames of video. */
const SCREENSHOT_EVERY_MS = 5_000;

export interface MirrorParts {
  /** Where its pictures come from. */
  readonly phone: PhoneAddress;
  readonly bus: Bus;
  readonly jar: ServerJar;
  readonly reach: DeviceReport["reach"];
  /** Sets or clears (null) what people must know of this phone's pictures. */
  notice(code: Notice["code"], message: string | null): void;
  /** What the tiles of this agent may have. */
  readonly rates: TileRates;
  /** Whether pictures may leave at this moment. */
  allowed(): boolean;
  /** Somebody looks at a picture of this phone, or nobody does any more. */
  onWatched(tier: Tier, watched: boolean): void;
  /** The phone gives no sound, and why. */
  onSilent(reason: PhonerackError): void;
}

type SourceRun = Pick<StreamRun, "generation" | "signal" | "frame">;

export class Mirror {
  readonly #parts: MirrorParts;
  readonly #streams: Record<Tier, TierStream>;
  #link: PhoneLink | undefined;
  #pushed: Promise<void> | undefined;
  /** The phone refused a second encoder while one ran. */
  #oneEncoder = false;
  /** Frames a second that the tile's encoder was asked for; undefined while none runs. */
  #tileFps: number | undefined;
  readonly #rated: RatedTile;
  readonly #leaveRates: () => void;

  constructor(parts: MirrorParts) {
    this.#parts = parts;
    this.#rated = { retune: () => this.#retuneTile() };
    this.#leaveRates = parts.rates.join(this.#rated);
    this.#streams = {
      tile: this.#stream("tile", (run) =>
        this.#oneEncoder && this.#streams.full.active ? this.#screenshots(run) : this.#video("tile", run),
      ),
      full: this.#stream("full", (run) => this.#video("full", run)),
      audio: this.#stream("audio", (run) => this.#session(run, runAudio)),
    };
  }

  /** Somebody watches a picture. */
  get watched(): boolean {
    return this.#streams.tile.watched || this.#streams.full.watched;
  }

  get fullWatched(): boolean {
    return this.#streams.full.watched;
  }

  order(order: StreamOrder, now: number): void {
    this.#streams[order.tier].order(order, now);
  }

  tick(now: number): void {
    for (const stream of Object.values(this.#streams)) stream.tick(now);
  }

  /** The phone is there: what is watched begins. */
  attach(link: PhoneLink): void {
    this.#link = link;
    this.#pushed = undefined;
    this.#oneEncoder = false;
    for (const stream of Object.values(this.#streams)) stream.start();
  }

  detach(): void {
    this.#link = undefined;
    for (const stream of Object.values(this.#streams)) stream.lose();
    this.#parts.notice("tile-by-screenshot", null);
    this.#parts.notice("no-picture", null);
  }

  /** The phone changes hands: all watching ends, with an `end` frame. */
  cut(): void {
    for (const stream of Object.values(this.#streams)) stream.cut();
  }

  stop(): void {
    this.#leaveRates();
    for (const stream of Object.values(this.#streams)) stream.stop();
  }

  /** The server's jar is on the phone: once per connection, whoever needs it first. */
  jarOn(link: PhoneLink): Promise<void> {
    if (link === this.#link && this.#pushed) return this.#pushed;
    const pushing = pushServerJar(link, this.#parts.jar);
    if (link === this.#link) {
      this.#pushed = pushing;
      pushing.catch(() => {
        if (this.#pushed === pushing) this.#pushed = undefined;
      });
    }
    return pushing;
  }

  #stream(tier: Tier, source: (run: SourceRun) => Promise<void> | undefined): TierStream {
    const { bus, phone } = this.#parts;
    return new TierStream({
      tier,
      source,
      publish: (replica, frame) => {
        this.#parts.rates.count(tier === "tile", frame.length);
        bus.publish(subjects.media(replica, phone, tier), frame);
      },
      onWish: () => {
        if (tier === "tile") this.#parts.rates.changed(this.#rated);
      },
      onTrouble: (trouble) => this.#onTrouble(tier, trouble),
      allowed: () => this.#parts.allowed(),
      onWatched: (watched) => this.#parts.onWatched(tier, watched),
      onActive: () => this.#onActive(tier),
    });
  }

  #onTrouble(tier: Tier, trouble: PhonerackError | null): void {
    if (tier === "audio") {
      if (trouble?.code === "phone_failed") this.#parts.onSilent(trouble);
      return;
    }
    const words = trouble && `No ${tier === "tile" ? "tile" : "picture"}: ${trouble.detail ?? trouble.message}`;
    // A tile alone that fails says nothing about the full picture, and the other way round: the notice stands until one of them shows.
    this.#parts.notice("no-picture", words);
  }

  /** The one encoder changes hands when the full picture begins and when it has ended. */
  #onActive(tier: Tier): void {
    if (tier === "full" && this.#oneEncoder) this.#restart(this.#streams.tile);
  }

  #restart(stream: TierStream): void {
    stream.interrupt();
    stream.start();
  }

  #session(run: SourceRun, start: (run: StreamRun) => Promise<void>): Promise<void> | undefined {
    const link = this.#link;
    if (!link || link.life.ended) return undefined;
    return this.jarOn(link).then(() => {
      if (!run.signal.aborted) return start({ ...run, link, jar: this.#parts.jar });
    });
  }

  #video(tier: "tile" | "full", run: SourceRun): Promise<void> | undefined {
    if (tier === "tile") this.#parts.notice("tile-by-screenshot", null);
    const start = (ready: StreamRun) =>
      tier === "tile" ? this.#runTile(ready) : runVideo(ready, [...FULL, `max_size=${FULL_SIDE[this.#parts.reach]}`]);
    return this.#session(run, start)?.catch((error: unknown) => {
      this.#learnOneEncoder(tier, error);
      throw error;
    });
  }

  #runTile(run: StreamRun): Promise<void> {
    const fps = this.#parts.rates.rateFor(this.#streams.tile.wishedFps);
    this.#tileFps = fps;
    return runVideo({ ...run, fps }, [`max_size=${TILE_SIDE}`, ...rateOptions(fps)]).finally(() => {
      if (this.#tileFps === fps) this.#tileFps = undefined;
    });
  }

  /** An encoder keeps the rate that it began with: another one begins, and viewers keep their last picture until its first. */
  #retuneTile(): void {
    const { tile } = this.#streams;
    if (this.#tileFps === undefined || !tile.watched) return;
    if (this.#tileFps !== this.#parts.rates.rateFor(tile.wishedFps)) this.#restart(tile);
  }

  /** A session that fails while the other one runs well, on a phone that said why: its encoder is taken. */
  #learnOneEncoder(failed: "tile" | "full", error: unknown): void {
    const other = this.#streams[failed === "tile" ? "full" : "tile"];
    const refused = error instanceof PhonerackError && error.code === "phone_failed";
    if (this.#oneEncoder || !refused || this.#streams[failed].showing || !other.showing || this.#link?.life.ended) return;
    this.#oneEncoder = true;
    if (failed === "full") this.#restart(other);
  }

  async #screenshots(run: SourceRun): Promise<void> {
    this.#parts.notice(
      "tile-by-screenshot",
      "This phone encodes one picture at a time: while it is open, its tile is a screenshot every 5 s.",
    );
    while (!run.signal.aborted) {
      const link = this.#link;
      if (!link) return;
      const payload = await smallPng(await takeRawScreen(link), TILE_SIDE);
      if (run.signal.aborted) return;
      run.frame(FrameKind.image, writeFrame({ kind: FrameKind.image, stream: run.generation, pts: 0n, payload }));
      await sleep(SCREENSHOT_EVERY_MS, undefined, { signal: run.signal }).catch(() => undefined);
    }
  }
}
