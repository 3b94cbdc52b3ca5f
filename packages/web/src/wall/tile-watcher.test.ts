import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { MOST_WATCHED, TileWatcher } from "./tile-watcher.js";

describe("the tile watcher", () => {
  let open: Map<string, number>;
  let watches: string[];
  let wished: Map<string, number | undefined>;
  let watcher: TileWatcher;

  beforeEach(() => {
    vi.useFakeTimers();
    open = new Map();
    watches = [];
    wished = new Map();
    watcher = new TileWatcher({
      streams: undefined as never,
      now: () => Date.now(),
      pictures: {
        watch: (_streams, { deviceId: id, fps }) => {
          open.set(id, (open.get(id) ?? 0) + 1);
          watches.push(id);
          wished.set(id, fps);
          return {
            takeReceived: () => ({ frames: 1, bytes: 100 }),
            rate: () => 1,
            retune: (next) => void wished.set(id, next),
            close: () => open.delete(id),
          };
        },
      },
    });
  });
  afterEach(() => {
    watcher.stop();
    vi.useRealTimers();
  });
  const ids = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => `d-${from + at}`);

  test("watches what is seen and lets go within a second of its leaving", () => {
    watcher.setSeen(ids(0, 20));
    vi.advanceTimersByTime(100);
    expect([...open.keys()]).toEqual(ids(0, 20));
    watcher.setSeen(ids(10, 30));
    vi.advanceTimersByTime(1_000);
    expect([...open.keys()].sort()).toEqual(ids(10, 30).sort());
  });

  test("does not ask for tiles that fly past", () => {
    for (let at = 0; at < 50; at++) {
      watcher.setSeen(ids(at * 10, at * 10 + 10));
      vi.advanceTimersByTime(16);
    }
    expect(watches).toEqual([]);
    vi.advanceTimersByTime(200);
    expect([...open.keys()]).toEqual(ids(490, 500));
  });

  test("keeps the stream of a tile that comes back at once", () => {
    watcher.setSeen(ids(0, 1));
    vi.advanceTimersByTime(100);
    watcher.setSeen([]);
    vi.advanceTimersByTime(300);
    watcher.setSeen(ids(0, 1));
    vi.advanceTimersByTime(2_000);
    expect(watches).toEqual(["d-0"]);
    expect(open.size).toBe(1);
  });

  test("never holds more than its decoders, and gives every visible tile its turn", () => {
    watcher.setSeen(ids(0, 900));
    let most = 0;
    for (let step = 0; step < 80; step++) {
      vi.advanceTimersByTime(100);
      most = Math.max(most, open.size);
    }
    expect(most).toBe(MOST_WATCHED);
    expect(new Set(watches).size).toBe(900);
  });

  test("leaves a wall that is not crowded alone", () => {
    watcher.setSeen(ids(0, 120));
    vi.advanceTimersByTime(60_000);
    expect(watches.length).toBe(120);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("lets go of everything in a hidden tab and comes back with it", () => {
    watcher.setSeen(ids(0, 5));
    vi.advanceTimersByTime(100);
    watcher.setHidden(true);
    vi.advanceTimersByTime(5_000);
    expect(open.size).toBe(0);
    watcher.setHidden(false);
    vi.advanceTimersByTime(100);
    expect(open.size).toBe(5);
  });

  test("asks anew for a phone that another lease has now, and only for that one", () => {
    watcher.setSeen(ids(0, 3), () => "l-one");
    vi.advanceTimersByTime(100);
    watcher.setSeen(ids(0, 3), (id) => (id === "d-1" ? "l-two" : "l-one"));
    vi.advanceTimersByTime(200);
    expect(watches).toEqual(["d-0", "d-1", "d-2", "d-1"]);
    expect(open.size).toBe(3);
  });

  test("wishes the same rate of all, those that come later too, and knows whose agent gives less", () => {
    watcher.setSeen(ids(0, 2));
    vi.advanceTimersByTime(100);
    watcher.retune(2);
    watcher.setSeen(ids(0, 3));
    vi.advanceTimersByTime(200);
    expect([...wished.values()]).toEqual([2, 2, 2]);
    expect(watcher.takeBytes()).toBe(300);
    expect(watcher.slowed()).toEqual([]);
    vi.advanceTimersByTime(10_000);
    expect(watcher.slowed().map(({ id, fps }) => [id, fps])).toEqual(ids(0, 3).map((id) => [id, 1]));
  });

  test("lets go of everything when stopped", () => {
    watcher.setSeen(ids(0, 5));
    vi.advanceTimersByTime(100);
    watcher.stop();
    vi.advanceTimersByTime(5_000);
    expect(open.size).toBe(0);
  });
});
