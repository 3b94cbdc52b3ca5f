import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Canvas } from "./canvas.js";
import { colors, type Rect, rectOf, rgb, type Size } from "./geometry.js";
import type { Damage, Screen } from "./screen.js";
import {
  encoderSize,
  type ScreenEncoder,
  type ScreenEncoderOptions,
  type ScreenPacket,
  startScreenEncoder,
  warmUpEncoder,
} from "./screen-encoder.js";

/** A screen with one box on it that tests move. */
class BoxScreen implements Screen {
  secure = false;
  on = true;
  device: Size = { width: 320, height: 640 };
  box: Rect = { x: 0, y: 0, width: 40, height: 40 };
  draws = 0;
  private readonly listeners = new Set<(damage: Damage) => void>();

  size(): Size {
    return this.device;
  }

  draw(canvas: Canvas): void {
    this.draws++;
    canvas.fillRect(rectOf(this.device), rgb(0x336699));
    canvas.fillRect(this.box, colors.white);
  }

  onDamage(listener: (damage: Damage) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  get watched(): boolean {
    return this.listeners.size > 0;
  }

  damage(damage: Damage): void {
    for (const listener of this.listeners) listener(damage);
  }

  move(x: number): void {
    const before = this.box;
    this.box = { ...before, x };
    this.damage({ kind: "rects", rects: [before, this.box] });
  }
}

const OPTIONS: ScreenEncoderOptions = { maxSize: 0, maxFps: 20, bitRate: 4_000_000, iFrameIntervalS: 0 };

let screen: BoxScreen;
let packets: ScreenPacket[];
let encoder: ScreenEncoder | undefined;

function start(options: Partial<ScreenEncoderOptions> = {}): ScreenEncoder {
  encoder = startScreenEncoder(screen, { ...OPTIONS, ...options }, (packet) => packets.push(packet));
  vi.advanceTimersByTime(100);
  return encoder;
}

const kinds = (): string[] => packets.map(({ kind }) => kind);

beforeEach(() => {
  vi.useFakeTimers();
  screen = new BoxScreen();
  packets = [];
});

afterEach(() => {
  encoder?.stop();
  encoder = undefined;
  vi.useRealTimers();
});

describe("a screen's encoder", () => {
  it("sends config and a key frame at once, then nothing and no timer while the screen is still", () => {
    start();
    expect(kinds()).toEqual(["config", "key"]);
    vi.advanceTimersByTime(60_000);
    expect(packets).toHaveLength(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("sends one small delta for a change, drawing only around it", () => {
    start();
    screen.move(100);
    vi.advanceTimersByTime(100);
    expect(kinds()).toEqual(["config", "key", "delta"]);
    expect(packets[2]?.data.length).toBeLessThan(400);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("sends nothing for damage that changed no pixel", () => {
    start();
    screen.damage({ kind: "rects", rects: [rectOf(screen.device)] });
    screen.damage({ kind: "scroll", rect: rectOf(screen.device), dx: 0, dy: -9, exposed: [] });
    vi.advanceTimersByTime(1000);
    expect(packets).toHaveLength(2);
  });

  it("sends config and key frame when asked, with the screen still", () => {
    const running = start();
    running.requestKeyFrame();
    running.requestKeyFrame();
    vi.advanceTimersByTime(100);
    expect(kinds()).toEqual(["config", "key", "config", "key"]);
  });

  it("makes a changing picture a key frame once the interval is over", () => {
    start({ iFrameIntervalS: 2 });
    for (let i = 1; i <= 50; i++) {
      screen.move(i);
      vi.advanceTimersByTime(100);
    }
    expect(kinds().filter((kind) => kind === "key")).toHaveLength(3);
    vi.advanceTimersByTime(10_000);
    expect(kinds().filter((kind) => kind === "key")).toHaveLength(3);
  });

  it("starts anew with the new size when the screen turns", () => {
    const running = start();
    expect(packets[1]).toMatchObject({ width: 320, height: 640 });
    screen.device = { width: 640, height: 320 };
    screen.damage({ kind: "resize" });
    vi.advanceTimersByTime(100);
    expect(kinds()).toEqual(["config", "key", "config", "key"]);
    expect(packets[3]).toMatchObject({ width: 640, height: 320 });
    expect(running.size()).toEqual({ width: 640, height: 320 });
  });

  it.each(["secure", "off"])("turns black while the screen is %s, never asking it to draw, and shows it again after", (state) => {
    start();
    const { draws } = screen;
    const set = (hidden: boolean): void => {
      if (state === "secure") screen.secure = hidden;
      else screen.on = !hidden;
      screen.damage({ kind: "resize" });
      vi.advanceTimersByTime(100);
    };
    set(true);
    expect(kinds()).toEqual(["config", "key", "delta"]);
    screen.move(77);
    vi.advanceTimersByTime(1000);
    expect(packets).toHaveLength(3);
    expect(screen.draws).toBe(draws);
    set(false);
    expect(packets).toHaveLength(4);
    expect(screen.draws).toBeGreaterThan(draws);
  });

  it("never exceeds the frame rate and shows the last state in the end", () => {
    start({ maxFps: 10 });
    for (let i = 0; i < 500; i++) {
      screen.move(i % 200);
      vi.advanceTimersByTime(2);
    }
    vi.advanceTimersByTime(200);
    expect(packets.length).toBeGreaterThan(9);
    expect(packets.length).toBeLessThan(15);
  });

  it("gives each packet a later time than the one before", () => {
    start();
    for (let i = 0; i < 10; i++) {
      screen.move(i * 9);
      vi.advanceTimersByTime(60);
    }
    const pictures = packets.filter(({ kind }) => kind !== "config");
    for (const [i, { pts }] of pictures.entries()) if (i > 0) expect(pts).toBeGreaterThan(pictures[i - 1]?.pts ?? pts);
  });

  it("is silent after stop, also when stopped twice or from inside a packet", () => {
    const running = start();
    screen.move(50);
    running.stop();
    running.stop();
    running.requestKeyFrame();
    vi.advanceTimersByTime(1000);
    expect(packets).toHaveLength(2);
    expect(screen.watched).toBe(false);
    const seen: string[] = [];
    const inner = startScreenEncoder(screen, OPTIONS, ({ kind }) => {
      seen.push(kind);
      inner.stop();
    });
    vi.advanceTimersByTime(1000);
    expect(seen).toEqual(["config"]);
  });

  it("gets coarser when bits are short and sharp once when the screen comes to rest", () => {
    const noise = Array.from({ length: 400 }, (_, i) => ({ x: (i * 83) % 320, y: (i * 47) % 640, width: 9, height: 7 }));
    screen.draw = (canvas) => {
      canvas.fillRect(rectOf(screen.device), colors.black);
      for (const [i, box] of noise.entries())
        canvas.fillRect({ ...box, x: (box.x + screen.box.x * (i % 5)) % 320 }, rgb(i * 40503));
    };
    const play = (bitRate: number): number => {
      encoder?.stop();
      packets = [];
      start({ bitRate, maxFps: 60 });
      for (let i = 0; i < 40; i++) {
        screen.box = { ...screen.box, x: i };
        screen.damage({ kind: "rects", rects: [rectOf(screen.device)] });
        vi.advanceTimersByTime(20);
      }
      return packets.reduce((sum, { data }) => sum + data.length, 0);
    };
    const plenty = play(0);
    expect(play(100_000)).toBeLessThan(plenty * 0.6);
    const { length } = packets;
    vi.advanceTimersByTime(10_000);
    expect(packets.length).toBe(length + 1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("runs its warm-up", () => {
    warmUpEncoder();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("the size of a stream", () => {
  it.each([
    [{ width: 1080, height: 2400 }, 0, { width: 360, height: 800 }],
    [{ width: 1080, height: 2400 }, 400, { width: 184, height: 400 }],
    [{ width: 2400, height: 1080 }, 1280, { width: 800, height: 360 }],
    [{ width: 720, height: 1280 }, 0, { width: 448, height: 800 }],
    [{ width: 350, height: 601 }, 0, { width: 344, height: 600 }],
    [{ width: 1080, height: 2400 }, 1, { width: 8, height: 8 }],
  ])("of %o within %i is %o", (device, maxSize, size) => {
    expect(encoderSize(device, maxSize)).toEqual(size);
  });
});
