import { type Bus, createInProcessBus, FrameKind, type PhonerackError, STREAM_CREDIT, type Tier } from "@phonerack/contract/bus";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FakeAgent, reportOf } from "../../test/fake-agent.js";
import { silent, until } from "../../test/running-control.js";
import { Devices } from "../devices/devices.js";
import type { DeviceStore } from "../devices/store.js";
import { PictureCache } from "./picture-cache.js";
import { Relay } from "./relay.js";
import type { Viewer } from "./relay-stream.js";

class Recorder implements Viewer {
  readonly kinds: FrameKind[] = [];
  readonly troubles: PhonerackError[] = [];
  frame(_bytes: Uint8Array, kind: FrameKind): void {
    this.kinds.push(kind);
  }
  trouble(error: PhonerackError): void {
    this.troubles.push(error);
  }
}

let bus: Bus;
let devices: Devices;
let agent: FakeAgent;
let relay: Relay;

beforeEach(() => {
  bus = createInProcessBus();
  devices = new Devices({ store: {} as DeviceStore, log: silent, resend: () => undefined });
  agent = new FakeAgent(bus);
  relay = new Relay({ bus, replica: "r1", devices });
  devices.hearReport(reportOf("phone-1", { audio: true }));
});
afterEach(async () => {
  relay.stop();
  await bus.stop();
});

const to = (tier: Tier = "full") => ({ replica: "r1", deviceId: "phone-1", tier });
/** All that is under way on the bus has arrived. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe("the relay", () => {
  test("asks for a stream once, with the agreed credit, and gives it back when it stops", async () => {
    relay.watch("phone-1", "full", new Recorder());
    relay.watch("phone-1", "full", new Recorder());
    await settle();
    expect(agent.orders).toEqual([
      { deviceId: "phone-1", order: "watch", replica: "r1", tier: "full", epoch: 0, credit: STREAM_CREDIT },
    ]);
    relay.stop();
    await settle();
    expect(agent.ordersOf("phone-1").at(-1)).toBe("unwatch");
    expect(relay.streams).toBe(0);
  });

  test("gives a viewer that comes later the group of pictures, sound its header only", async () => {
    relay.watch("phone-1", "full", new Recorder());
    relay.watch("phone-1", "audio", new Recorder());
    for (const kind of [FrameKind.config, FrameKind.key, FrameKind.delta]) agent.frame(to(), kind);
    for (const kind of [FrameKind.audioConfig, FrameKind.audio, FrameKind.audio]) agent.frame(to("audio"), kind);
    await settle();
    expect(
      relay
        .watch("phone-1", "full", new Recorder())
        .start()
        ?.frames.map((frame) => frame[0]),
    ).toEqual([FrameKind.config, FrameKind.key, FrameKind.delta]);
    expect(
      relay
        .watch("phone-1", "audio", new Recorder())
        .start()
        ?.frames.map((frame) => frame[0]),
    ).toEqual([FrameKind.audioConfig]);
  });

  test("wishes what its most demanding viewer wishes, and says so when that changes", async () => {
    const [slow, fast] = [Object.assign(new Recorder(), { fps: 1 }), Object.assign(new Recorder(), { fps: 2 })];
    relay.watch("phone-1", "tile", slow);
    const watching = relay.watch("phone-1", "tile", fast);
    fast.fps = 5;
    watching.retune();
    watching.retune();
    relay.watch("phone-1", "tile", new Recorder());
    await settle();
    expect(agent.orders.map((order) => [order.order, "fps" in order ? order.fps : undefined])).toEqual([
      ["watch", 1],
      ["watch", 2],
      ["watch", 5],
      ["watch", undefined],
    ]);
  });

  test("forgets a group of pictures of an encoder that was before", async () => {
    const viewer = new Recorder();
    const watching = relay.watch("phone-1", "full", viewer);
    agent.frame(to(), FrameKind.config);
    agent.frame(to(), FrameKind.key);
    await settle();
    expect(watching.start()).toBeDefined();
    agent.frame(to(), FrameKind.end);
    await settle();
    expect(watching.start()).toBeUndefined();
  });

  test("asks for the group again when a viewer comes who could not start", async () => {
    relay.watch("phone-1", "full", new Recorder());
    agent.frame(to(), FrameKind.delta);
    await settle();
    relay.watch("phone-1", "full", new Recorder());
    await settle();
    expect(agent.ordersOf("phone-1")).toEqual(["watch", "restart"]);
  });

  test("ignores what is no frame", async () => {
    const viewer = new Recorder();
    relay.watch("phone-1", "full", viewer);
    for (const bytes of [new Uint8Array(0), new Uint8Array(15).fill(2), new Uint8Array(16).fill(99)])
      bus.publish("media.r1.agent-1.phone-1.full", bytes);
    await settle();
    expect(viewer.kinds).toEqual([]);
  });

  test("says why there is no sound on a phone that gives none", () => {
    devices.hearReport(reportOf("phone-1", { audio: false }));
    const viewer = new Recorder();
    relay.watch("phone-1", "audio", viewer);
    expect(viewer.troubles).toMatchObject([{ code: "device_not_ready", detail: "this phone gives no sound" }]);
  });

  test("loses no credit when a device comes back to an agent that still knows the stream", async () => {
    relay.watch("phone-1", "full", new Recorder());
    agent.frame(to(), FrameKind.key, 1_000);
    await settle();
    devices.hearReport(reportOf("phone-1", { state: "lost", reason: "off" }));
    devices.hearReport(reportOf("phone-1"));
    await settle();
    expect(agent.orders.slice(1)).toMatchObject([{ order: "credit", bytes: 1_016 }, { order: "watch" }]);
  });

  test("tells each trouble of a device once", () => {
    const viewer = new Recorder();
    relay.watch("phone-1", "full", viewer);
    for (const level of [50, 49, 48]) {
      devices.hearReport(
        reportOf("phone-1", { state: "lost", reason: "off", battery: { level, charging: false, temperature: 20 } }),
      );
    }
    expect(viewer.troubles).toHaveLength(1);
    devices.hearReport(reportOf("phone-1", { state: "lost", reason: "on fire" }));
    expect(viewer.troubles.map((error) => error.detail)).toEqual(["off", "on fire"]);
  });

  test("keeps a stream for a moment after the last viewer left, then lets the agent go", async () => {
    relay.watch("phone-1", "tile", new Recorder()).stop();
    expect(relay.streams).toBe(1);
    await until(() => relay.streams === 0, "closing the stream");
    await settle();
    expect(agent.ordersOf("phone-1")).toEqual(["watch", "unwatch"]);
  });
});

test("a device that shows nothing though it is ready says so, once, in words", () => {
  let now = 0;
  const patient = new Relay({ bus, replica: "r2", devices, now: () => now });
  const viewer = new Recorder();
  patient.watch("phone-1", "full", viewer);
  now = 7_999;
  patient.renew();
  expect(viewer.troubles).toEqual([]);
  now = 8_000;
  patient.renew();
  patient.renew();
  expect(viewer.troubles).toMatchObject([{ code: "device_timeout" }]);
  patient.stop();
});

describe("the cached group of pictures", () => {
  const frame = (bytes: number) => new Uint8Array(bytes);

  test("begins with each key frame and keeps the configuration", () => {
    const cache = new PictureCache();
    cache.push(FrameKind.delta, frame(10));
    expect(cache.startable).toBe(false);
    cache.push(FrameKind.config, frame(1));
    cache.push(FrameKind.key, frame(2));
    cache.push(FrameKind.delta, frame(3));
    cache.push(FrameKind.key, frame(4));
    expect(cache.frames().map((bytes) => bytes.length)).toEqual([1, 4]);
  });

  test("is given up when it grows too large, until the next key frame", () => {
    const cache = new PictureCache();
    cache.push(FrameKind.config, frame(1));
    cache.push(FrameKind.key, frame(1));
    for (let n = 0; n < 50; n++) cache.push(FrameKind.delta, frame(100 * 1024));
    expect({ startable: cache.startable, bytes: cache.bytes }).toEqual({ startable: false, bytes: 0 });
    cache.push(FrameKind.key, frame(5));
    expect(cache.frames().map((bytes) => bytes.length)).toEqual([1, 5]);
  });

  test("is the newest picture where whole pictures are sent", () => {
    const cache = new PictureCache();
    cache.push(FrameKind.image, frame(7));
    cache.push(FrameKind.image, frame(8));
    expect(cache.frames().map((bytes) => bytes.length)).toEqual([8]);
  });
});
