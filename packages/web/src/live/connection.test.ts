import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { LiveConnection, type Socket } from "./connection.js";

class FakeSocket implements Socket {
  binaryType = "";
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  readonly sent: unknown[] = [];
  closed = false;
  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(): void {
    this.closed = true;
  }
}

describe("the live connection", () => {
  let sockets: FakeSocket[];
  let refusal: string | undefined;
  let connection: LiveConnection;
  const last = () => sockets.at(-1) as FakeSocket;

  beforeEach(() => {
    vi.useFakeTimers();
    sockets = [];
    refusal = undefined;
    connection = new LiveConnection({
      open: () => {
        sockets.push(new FakeSocket());
        return last();
      },
      whyRefused: () => Promise.resolve(refusal),
      now: () => Date.now(),
      random: () => 0.5,
    });
    connection.start();
  });
  afterEach(() => {
    connection.stop();
    vi.useRealTimers();
  });

  test("measures the round trip by its own clock", () => {
    last().onopen?.();
    const [ping] = last().sent as [{ type: string; at: number }];
    expect(ping.type).toBe("ping");
    vi.advanceTimersByTime(12);
    last().onmessage?.({ data: JSON.stringify({ type: "pong", at: ping.at }) });
    expect(connection.status).toEqual({ phase: "live", roundTripMs: 12 });
  });

  test("shows the best of the last three round trips: a busy page is not a long way", () => {
    last().onopen?.();
    const shown = [40, 5, 90, 70, 60].map((ms) => {
      last().onmessage?.({ data: JSON.stringify({ type: "pong", at: Date.now() - ms }) });
      return connection.status;
    });
    expect(shown.map((status) => status.phase === "live" && status.roundTripMs)).toEqual([40, 5, 5, 5, 60]);
  });

  test("tries again, more slowly each time, and forgets the failures once it is live", () => {
    const waits: number[] = [];
    for (let failure = 0; failure < 7; failure++) {
      last().onclose?.();
      const count = sockets.length;
      const began = Date.now();
      while (sockets.length === count) vi.advanceTimersByTime(100);
      waits.push(Date.now() - began);
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
    last().onopen?.();
    last().onclose?.();
    const count = sockets.length;
    vi.advanceTimersByTime(500);
    expect(sockets.length).toBe(count + 1);
  });

  test("keeps saying since when it is lost, through all attempts", () => {
    const began = Date.now();
    last().onclose?.();
    vi.advanceTimersByTime(500);
    last().onclose?.();
    expect(connection.status).toMatchObject({ phase: "lost", since: began });
  });

  test("gives up a socket that is open but silent", () => {
    last().onopen?.();
    const silent = last();
    vi.advanceTimersByTime(8_000);
    expect(silent.closed).toBe(true);
    expect(connection.status.phase).toBe("lost");
  });

  test("keeps a socket that only brings frames", () => {
    last().onopen?.();
    for (let second = 0; second < 20; second++) {
      vi.advanceTimersByTime(1_000);
      last().onmessage?.({ data: new ArrayBuffer(16) });
    }
    expect(connection.status.phase).toBe("live");
  });

  test("tells a refusal from an outage, and an outage from a refusal that is over", async () => {
    refusal = "unauthorised";
    last().onclose?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(connection.status).toEqual({ phase: "refused", reason: "unauthorised" });
    refusal = undefined;
    await vi.advanceTimersByTimeAsync(500);
    last().onclose?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(connection.status.phase).toBe("lost");
  });

  test("sends nothing while it is not live, and nothing of it later", () => {
    expect(connection.send({ type: "unwatch", stream: 1 })).toBe(false);
    last().onopen?.();
    expect(last().sent).toEqual([expect.objectContaining({ type: "ping" })]);
  });

  test.each([["not json"], ['{"type":"nonsense"}'], ["[]"], [7]])("skips a message that is none: %s", (data) => {
    const heard = vi.fn();
    connection.listen({ message: heard });
    last().onopen?.();
    last().onmessage?.({ data });
    expect(heard).not.toHaveBeenCalled();
    expect(connection.status.phase).toBe("live");
  });

  test("tells listeners of opening and closing once each, however often a socket says so", () => {
    const opened = vi.fn();
    const closed = vi.fn();
    connection.listen({ opened, closed });
    const socket = last();
    const { onclose } = socket;
    socket.onopen?.();
    onclose?.();
    onclose?.();
    expect([opened.mock.calls.length, closed.mock.calls.length]).toEqual([1, 1]);
  });

  test("opens nothing more after stop", () => {
    last().onclose?.();
    connection.stop();
    connection.stop();
    vi.advanceTimersByTime(60_000);
    expect(sockets.length).toBe(1);
  });
});
