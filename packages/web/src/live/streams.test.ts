import { FrameKind, type FromBrowser, writeFrame } from "@phonerack/contract/api";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { LiveListener } from "./connection.js";
import { Hands } from "./hands.js";
import { Streams } from "./streams.js";

describe("over one live connection", () => {
  let sent: FromBrowser[];
  let listener: LiveListener;
  let live: boolean;
  let connection: ConstructorParameters<typeof Streams>[0];

  beforeEach(() => {
    sent = [];
    live = true;
    connection = {
      send: (message) => {
        if (live) sent.push(message);
        return live;
      },
      listen: (added) => {
        listener = added;
        return () => {};
      },
    };
  });
  const frameOf = (stream: number) =>
    writeFrame({ kind: FrameKind.delta, stream, pts: 0n, payload: new Uint8Array([1, 2, 3]) }).buffer;

  test("each frame reaches the sink of its stream and no other", () => {
    const streams = new Streams(connection);
    const [a, b] = [vi.fn(), vi.fn()];
    streams.open({ deviceId: "d-0001", tier: "tile" }, { frame: a });
    const second = streams.open({ deviceId: "d-0002", tier: "full" }, { frame: b });
    listener.frame?.(frameOf(second.stream));
    listener.frame?.(frameOf(99));
    listener.frame?.(new ArrayBuffer(3));
    expect([a.mock.calls.length, b.mock.calls.length]).toEqual([0, 1]);
  });

  test("all open streams are asked for again after a reconnect, closed ones are not", () => {
    const streams = new Streams(connection);
    const first = streams.open({ deviceId: "d-0001", tier: "tile" }, { frame: () => {} });
    const second = streams.open({ deviceId: "d-0002", tier: "full" }, { frame: () => {} });
    first.close();
    sent.length = 0;
    listener.opened?.();
    expect(sent).toEqual([{ type: "watch", stream: second.stream, deviceId: "d-0002", tier: "full" }]);
  });

  test("a stream is closed once, and its late frames are nobody's", () => {
    const streams = new Streams(connection);
    const frame = vi.fn();
    const open = streams.open({ deviceId: "d-0001", tier: "tile" }, { frame });
    open.close();
    open.close();
    open.restart();
    listener.frame?.(frameOf(open.stream));
    expect(sent.map(({ type }) => type)).toEqual(["watch", "unwatch"]);
    expect(frame).not.toHaveBeenCalled();
  });

  test("a stream without a picture says why to its own sink", () => {
    const streams = new Streams(connection);
    const failed = vi.fn();
    const { stream } = streams.open({ deviceId: "d-0001", tier: "tile" }, { frame: () => {}, failed });
    const error = { code: "device_not_ready", message: "not ready" };
    listener.message?.({ type: "stream", stream: stream + 1, error });
    expect(failed).not.toHaveBeenCalled();
    listener.message?.({ type: "stream", stream, error });
    expect(failed).toHaveBeenCalledExactlyOnceWith(error);
  });

  test("an answer to an input reaches who sent it, once", () => {
    const hands = new Hands(connection);
    const [a, b] = [vi.fn(), vi.fn()];
    hands.send("d-0001", { type: "rotate" }, a);
    hands.send("d-0001", { type: "rotate" }, b);
    const error = { code: "denied", message: "no" };
    listener.message?.({ type: "input", seq: 1, outcome: "denied", error });
    listener.message?.({ type: "input", seq: 1, outcome: "delivered" });
    expect(a).not.toHaveBeenCalled();
    expect(b).toHaveBeenCalledExactlyOnceWith({ outcome: "denied", error });
  });

  test("an input without a connection is refused at once and never sent", () => {
    const hands = new Hands(connection);
    live = false;
    expect(hands.send("d-0001", { type: "rotate" }, () => {})).toBe(false);
    live = true;
    listener.opened?.();
    expect(sent).toEqual([]);
  });
});
