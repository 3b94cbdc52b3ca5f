// Turns a screen's damage into an H.264 stream, as an encoder of a phone does: when to make a picture and of which kind. What a picture
// shows is the view's business, its bits are the H.264 encoder's. Nothing runs while nothing changes.
import { rectOf, type Size } from "./geometry.js";
import { RateControl } from "./rate-control.js";
import type { Screen } from "./screen.js";
import { ScreenView } from "./screen-view.js";

/** Options of a stream, as scrcpy names them. */
export interface ScreenEncoderOptions {
  /** Longest side in pixels; 0 means no wish. Virtual phones never exceed 800. */
  readonly maxSize: number;
  readonly maxFps: number;
  /** Bits per second that moving pictures aim to stay below. */
  readonly bitRate: number;
  /** A changing picture gets a key frame after this many seconds; 0 only when asked. */
  readonly iFrameIntervalS: number;
}

/** One access unit. `config` (SPS and PPS) precedes the first picture and every change of size. */
export interface ScreenPacket {
  readonly kind: "config" | "key" | "delta";
  /** Annex B byte stream. */
  readonly data: Uint8Array;
  /** Microseconds of the monotonic clock; never goes back. */
  readonly pts: bigint;
  readonly width: number;
  readonly height: number;
}

export interface ScreenEncoder {
  size(): Size;
  /** The present picture as config and key frame, soon. */
  requestKeyFrame(): void;
  stop(): void;
}

const LONGEST_SIDE = 800;
/** Key frames are this much finer: what does not move afterwards is seen as they left it. */
const KEY_BONUS = 2;
/** When moving pictures had to be coarse, a still screen is made sharp after this long. */
const REFINE_AFTER_MS = 150;

/**
 * The size of the stream of a screen: scaled down so that the longest side is at most `maxSize`, both sides multiples of 8 as scrcpy
 * makes them (its Size.limit and Size.round8), never larger than the screen.
 */
export function encoderSize(device: Size, maxSize: number): Size {
  const limit = Math.min(maxSize > 0 ? maxSize : LONGEST_SIDE, LONGEST_SIDE);
  const landscape = device.width > device.height;
  let major = (landscape ? device.width : device.height) & ~7;
  let minor = (landscape ? device.height : device.width) & ~7;
  if (major > limit) {
    minor = (Math.floor((minor * limit) / major) + 4) & ~7;
    major = limit & ~7;
  }
  major = Math.max(8, major);
  minor = Math.max(8, minor);
  return landscape ? { width: major, height: minor } : { width: minor, height: major };
}

/** Start streaming a screen. The first config and key frame come on the next turn of the event loop; a still screen costs nothing after. */
export function startScreenEncoder(
  screen: Screen,
  options: ScreenEncoderOptions,
  onPacket: (packet: ScreenPacket) => void,
): ScreenEncoder {
  const encoder = new RunningEncoder(screen, options, onPacket);
  return {
    size: () => encoderSize(screen.size(), options.maxSize),
    requestKeyFrame: () => encoder.requestKeyFrame(),
    stop: () => encoder.stop(),
  };
}

class RunningEncoder {
  private readonly unsubscribe: () => void;
  private readonly frameMs: number;
  private readonly rate: RateControl;
  /** Some megabytes; gone when stopped, whoever still holds the encoder. */
  private view: ScreenView | undefined;
  private timer: NodeJS.Timeout | undefined;
  private due = 0;
  private stopped = false;
  private configDue = true;
  private keyDue = true;
  private lastFrameAt = Number.NEGATIVE_INFINITY;
  private lastKeyAt = 0;
  private lastPts = 0n;

  constructor(
    private readonly screen: Screen,
    private readonly options: ScreenEncoderOptions,
    private readonly onPacket: (packet: ScreenPacket) => void,
  ) {
    this.frameMs = 1000 / Math.min(60, Math.max(0.1, options.maxFps || 60));
    this.rate = new RateControl(options.bitRate);
    this.view = this.newView();
    this.unsubscribe = screen.onDamage((damage) => {
      this.view?.add(damage);
      this.schedule(0);
    });
    this.schedule(0);
  }

  requestKeyFrame(): void {
    this.configDue = true;
    this.keyDue = true;
    this.schedule(0);
  }

  stop(): void {
    if (this.stopped) return;
    this.stopped = true;
    this.unsubscribe();
    clearTimeout(this.timer);
    this.timer = undefined;
    this.view = undefined;
  }

  private newView(): ScreenView {
    return new ScreenView(this.screen, encoderSize(this.screen.size(), this.options.maxSize), Math.ceil(1000 / this.frameMs));
  }

  /** Have a frame made as soon as the frame rate allows, but not before `delayMs`; an earlier wish than the one there is wins. */
  private schedule(delayMs: number): void {
    if (this.stopped) return;
    const now = performance.now();
    const due = Math.max(now + delayMs, this.lastFrameAt + this.frameMs);
    if (this.timer !== undefined && this.due <= due) return;
    clearTimeout(this.timer);
    this.due = due;
    this.timer = setTimeout(
      () => {
        this.timer = undefined;
        this.frame();
      },
      Math.max(0, due - now),
    );
  }

  private frame(): void {
    const now = performance.now();
    let { view } = this;
    if (view === undefined) return;
    if (view.outdated(encoderSize(this.screen.size(), this.options.maxSize))) {
      view = this.view = this.newView();
      this.configDue = true;
      this.keyDue = true;
    }
    const changed = view.update();
    const refine = !changed && view.coarse && !this.keyDue;
    if (!changed && !this.keyDue && !refine) return;
    const interval = this.options.iFrameIntervalS * 1000;
    const key = this.keyDue || (interval > 0 && changed && now - this.lastKeyAt >= interval);
    // Packets are handed over last: the receiver may stop this encoder or ask for a key frame.
    const config = this.configDue ? view.parameterSets() : undefined;
    const data = view.encode({ key, refine, qp: refine ? this.rate.finest : this.rate.quantiser(now) - (key ? KEY_BONUS : 0) });
    this.rate.spent(data.length, now);
    this.lastFrameAt = now;
    if (key) this.lastKeyAt = now;
    this.keyDue = false;
    this.configDue = false;
    if (view.coarse) this.schedule(REFINE_AFTER_MS);
    const pts = this.nextPts();
    const { width, height } = view.size;
    if (config !== undefined) this.onPacket({ kind: "config", data: config, pts, width, height });
    if (!this.stopped) this.onPacket({ kind: key ? "key" : "delta", data, pts, width, height });
  }

  private nextPts(): bigint {
    const clock = process.hrtime.bigint() / 1000n;
    this.lastPts = clock > this.lastPts ? clock : this.lastPts + 1n;
    return this.lastPts;
  }
}

/**
 * Draw and code a few made-up pictures, some 0.2 s of work, so that the first real key frame of a process does not wait for code that was
 * never run before (measured: 130 to 400 ms cold, 15 ms warm).
 */
export function warmUpEncoder(): void {
  const size = { width: 320, height: 640 };
  const screen: Screen = {
    size: () => size,
    secure: false,
    on: true,
    onDamage: () => () => {},
    draw(canvas) {
      canvas.gradient(rectOf(size), { from: 0xff203040, to: 0xff80a0c0, direction: "diagonal" });
      for (let y = 0; y < size.height; y += 40)
        canvas.text(`Warm up ${y + turn} 中`, { x: (y * 7 + turn) % 90, y, size: 30, color: 0xffffffff });
      canvas.fillRoundRect({ x: turn * 10, y: turn * 12, width: 90, height: 60 }, 12, 0xffc04030);
    },
  };
  let turn = 0;
  const view = new ScreenView(screen, size, 30);
  for (; turn < 6; turn++) {
    view.add(turn % 2 === 0 ? { kind: "resize" } : { kind: "scroll", rect: rectOf(size), dx: 0, dy: -6, exposed: [] });
    view.update();
    view.encode({ key: turn % 3 === 0, refine: false, qp: 25 });
  }
}
