import {
  type ControlMessage,
  type DeviceMessage,
  DeviceMessageParser,
  encodeControlMessage,
  type MediaEvent,
  MediaStreamParser,
  scrcpyCodec,
} from "@phonerack/android-wire/scrcpy";
import { afterEach, describe, expect, it } from "vitest";
import { type LocalSocket, LocalSockets } from "../adbd/local-sockets.js";
import { MODELS } from "../models/models.js";
import { Phone } from "../phone/phone.js";
import { Encoders, type ScrcpyPhone } from "./scrcpy-phone.js";
import { runScrcpyServer } from "./server.js";

const address = "localabstract:scrcpy_0000002a";
const model = (wish: (one: (typeof MODELS)[number]) => boolean) => {
  const found = MODELS.find(wish);
  if (!found) throw new Error("no such model");
  return found;
};
const loud = model(({ audio, sdk }) => audio && sdk >= 30);
const mute = model(({ audio, sdk }) => !audio || sdk < 30);

function makePhone(of = loud): ScrcpyPhone {
  return { phone: new Phone({ model: of, serial: "test-1" }), sockets: new LocalSockets(), encoders: new Encoders() };
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 1500; i++) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error("waited in vain");
}

const stops: AbortController[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop.abort();
});

/** A server started by a client that forwards, and the client's ends. */
function start(phone: ScrcpyPhone, ...options: string[]) {
  const stop = new AbortController();
  stops.push(stop);
  let output = "";
  const sink = {
    write: async (data: Uint8Array | string) => {
      output += typeof data === "string" ? data : Buffer.from(data).toString();
    },
  };
  const exit = runScrcpyServer(["3.3.1", "scid=0000002a", ...options], phone, {
    stdout: sink,
    stderr: sink,
    signal: stop.signal,
  });
  return { exit, stop, output: () => output };
}

function connect(phone: ScrcpyPhone): LocalSocket {
  const socket = phone.sockets.connect(address);
  if (!socket) throw new Error("nobody listens");
  return socket;
}

function watch(socket: LocalSocket, options: { stream?: "video" | "audio"; first?: boolean } = {}): MediaEvent[] {
  const events: MediaEvent[] = [];
  const first = options.first ?? false;
  const parser = new MediaStreamParser({ stream: options.stream ?? "video", dummyByte: first, deviceName: first }, (event) =>
    events.push(event),
  );
  void (async () => {
    for await (const chunk of socket.input) parser.push(chunk);
  })();
  return events;
}

function listen(socket: LocalSocket, skip = 0): DeviceMessage[] {
  const messages: DeviceMessage[] = [];
  const parser = new DeviceMessageParser((message) => messages.push(message));
  let left = skip;
  void (async () => {
    for await (const chunk of socket.input) {
      parser.push(chunk.subarray(Math.min(left, chunk.length)));
      left -= Math.min(left, chunk.length);
    }
  })();
  return messages;
}

const kinds = (events: MediaEvent[]): string[] => events.map((event) => (event.type === "packet" ? event.kind : event.type));

/** A control-only session over a forward tunnel. */
function controlOnly(phone: ScrcpyPhone, ...options: string[]) {
  const server = start(phone, "video=false", "audio=false", "tunnel_forward=true", ...options);
  const control = connect(phone);
  return {
    ...server,
    control,
    messages: listen(control, 65),
    send: (message: ControlMessage) => control.write(encodeControlMessage(message)),
  };
}

describe("starting", () => {
  it("refuses another version with scrcpy's sentence", async () => {
    let output = "";
    const sink = {
      write: async (data: Uint8Array | string) => {
        output += String(data);
      },
    };
    const code = await runScrcpyServer(["2.0"], makePhone(), {
      stdout: sink,
      stderr: sink,
      signal: new AbortController().signal,
    });
    expect(code).toBe(1);
    expect(output).toContain("The server version (3.3.1) does not match the client (2.0)");
  });

  it("prints the device, warns of options it does not know, and lists what it is asked to", async () => {
    const phone = makePhone();
    const server = start(phone, "list_encoders=true", "list_apps=true", "odd=1");
    expect(await server.exit).toBe(0);
    expect(server.output()).toMatch(/^\[server\] INFO: Device: \[phonerack\] /);
    expect(server.output()).toContain("[server] WARN: Unknown server option: odd");
    expect(server.output()).toContain("--video-codec=h264");
    expect(server.output()).toContain("com.android.settings");
  });

  it("connects in order video, audio, control over a reverse tunnel, the name on the first, no zero byte", async () => {
    const phone = makePhone();
    const sockets: LocalSocket[] = [];
    phone.sockets.listen(address, (socket) => sockets.push(socket));
    start(phone);
    const [video, audio] = sockets;
    if (!video || !audio) throw new Error("not connected");
    expect(sockets).toHaveLength(3);
    const first = (await video.input[Symbol.asyncIterator]().next()).value as Uint8Array;
    expect(Buffer.from(first).toString().replaceAll("\0", "")).toBe(loud.name);
    const events = watch(audio, { stream: "audio" });
    await until(() => events.length > 0);
    expect(events[0]).toEqual({ type: "audio-meta", codec: scrcpyCodec.opus });
  });

  it("sends its zero byte as soon as the first socket of a forward tunnel is there", async () => {
    const phone = makePhone();
    start(phone, "tunnel_forward=true");
    const first = connect(phone);
    expect((await first.input[Symbol.asyncIterator]().next()).value).toEqual(new Uint8Array(1));
  });

  it("fails when nobody is at the other end of a reverse tunnel", async () => {
    const server = start(makePhone());
    expect(await server.exit).toBe(1);
    expect(server.output()).toContain("Connection refused");
  });

  it("ends when its shell ends, while it waits and while it streams, and frees the name", async () => {
    const phone = makePhone();
    const waiting = start(phone, "tunnel_forward=true");
    waiting.stop.abort();
    expect(await waiting.exit).toBe(1);
    const { exit, stop, control } = controlOnly(phone);
    stop.abort();
    expect(await exit).toBe(0);
    await control.closed;
    expect(phone.sockets.isBound(address)).toBe(false);
  });
});

describe("video", () => {
  const videoOnly = (phone: ScrcpyPhone, ...options: string[]) => {
    const server = start(phone, "audio=false", "control=false", "tunnel_forward=true", ...options);
    const socket = connect(phone);
    return { ...server, socket };
  };

  it("sends meta, config and a key frame, 150 ms late at least, and nothing while the screen is still", async () => {
    const phone = makePhone();
    const started = performance.now();
    const { socket } = videoOnly(phone, "max_size=400");
    const events = watch(socket, { first: true });
    await until(() => events.length >= 4);
    expect(performance.now() - started).toBeGreaterThanOrEqual(149);
    expect(kinds(events).slice(0, 4)).toEqual(["device-name", "video-meta", "config", "key"]);
    const meta = events[1];
    if (meta?.type !== "video-meta") throw new Error("no meta");
    expect(Math.max(meta.width, meta.height)).toBe(400);
    expect(phone.encoders.running).toBe(1);
  });

  it("sends config and key frame again when asked to reset, and when the phone is turned", async () => {
    const phone = makePhone();
    start(phone, "audio=false", "tunnel_forward=true", "max_size=200");
    const events = watch(connect(phone), { first: true });
    const control = connect(phone);
    const configs = (): number => kinds(events).filter((kind) => kind === "config").length;
    await until(() => kinds(events).includes("key"));
    await control.write(encodeControlMessage({ type: "reset-video" }));
    await until(() => configs() === 2);
    await control.write(encodeControlMessage({ type: "rotate-device" }));
    await until(() => configs() === 3 && kinds(events).at(-1) !== "config");
    const times = events.flatMap((event) => (event.type === "packet" && event.kind !== "config" ? [event.pts] : []));
    expect([...times].sort((a, b) => Number(a - b))).toEqual(times);
  });

  it("ends when the client closes, gives its encoder back, and takes its settings back", async () => {
    const phone = makePhone();
    phone.phone.settings.put("global", "stay_on_while_plugged_in", "0");
    const { socket, exit } = videoOnly(phone, "stay_awake=true");
    const events = watch(socket, { first: true });
    await until(() => kinds(events).includes("key"));
    expect(phone.phone.settings.get("global", "stay_on_while_plugged_in")).toBe("7");
    socket.close();
    expect(await exit).toBe(0);
    expect(phone.encoders.running).toBe(0);
    expect(phone.phone.settings.get("global", "stay_on_while_plugged_in")).toBe("0");
  });

  it("says as scrcpy does that a second encoder cannot be had, and exits", async () => {
    const phone = makePhone();
    phone.encoders.set({ limit: 1 });
    const events = watch(videoOnly(phone).socket, { first: true });
    await until(() => kinds(events).includes("key"));
    const second = videoOnly(phone);
    const seen = watch(second.socket, { first: true });
    expect(await second.exit).toBe(0);
    expect(kinds(seen)).toEqual(["device-name", "video-meta"]);
    expect(second.output()).toContain("[server] ERROR: Capture/encoding error: android.media.MediaCodec$CodecException");
    expect(second.output()).toContain("Retrying with -m800...");
    await second.socket.closed;
    expect(phone.encoders.running).toBe(1);
  });

  it("freezes and thaws with its fault", async () => {
    const phone = makePhone();
    const events = watch(videoOnly(phone, "max_size=200").socket, { first: true });
    await until(() => kinds(events).includes("key"));
    phone.encoders.set({ frozen: true });
    const before = events.length;
    phone.phone.display.rotate();
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(events.length).toBe(before);
    phone.encoders.set({ frozen: false });
    await until(() => kinds(events).slice(before).includes("key"));
  });

  it("refuses what this phone has not: another codec, a camera, another display", async () => {
    for (const option of ["video_codec=av1", "video_source=camera", "display_id=3"]) {
      expect(await start(makePhone(), option).exit).toBe(1);
    }
  });
});

describe("audio", () => {
  const audioOnly = (phone: ScrcpyPhone) => {
    start(phone, "video=false", "control=false", "tunnel_forward=true");
    return watch(connect(phone), { stream: "audio", first: true });
  };

  it("is said to be disabled on a phone that cannot give it, and the session goes on", async () => {
    const phone = makePhone(mute);
    const server = start(phone, "video=false", "tunnel_forward=true");
    const events = watch(connect(phone), { stream: "audio", first: true });
    const control = connect(phone);
    await until(() => events.length === 2);
    expect(events[1]).toEqual({ type: "audio-meta", codec: scrcpyCodec.disabled });
    await control.write(encodeControlMessage({ type: "expand-settings-panel" }));
    await until(() => phone.phone.shade.state === "settings");
    expect(server.output()).toContain("WARN: Audio disabled");
  });

  it("plays Opus while the phone plays, after OpusHead, and is silent while it is silent", async () => {
    const phone = makePhone();
    const events = audioOnly(phone);
    await until(() => events.length === 3);
    const config = events[2];
    expect(config?.type === "packet" && Buffer.from(config.data).subarray(0, 8).toString()).toBe("OpusHead");
    phone.phone.sound.setPlaying(true);
    await until(() => events.length >= 8);
    const times = events.slice(3).flatMap((event) => (event.type === "packet" ? [event.pts] : []));
    expect((times[1] ?? 0n) - (times[0] ?? 0n)).toBe(20_000n);
    phone.phone.sound.setPlaying(false);
    const before = events.length;
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(events.length - before).toBeLessThanOrEqual(1);
  });
});

describe("control", () => {
  const touch = (action: number, at: { x: number; y: number; width: number; height: number }, pointer = 5n): ControlMessage => ({
    type: "inject-touch",
    action,
    pointerId: pointer,
    position: at,
    pressure: 1,
    actionButton: 0,
    buttons: 0,
  });

  /** Injected events, as the phone is told of them. */
  function spy(phone: ScrcpyPhone): string[] {
    const seen: string[] = [];
    const { input } = phone.phone;
    input.touch = (phase, pointer, { x, y }) => seen.push(`${phase} ${pointer} ${x},${y}`) > 0;
    input.hover = (x, y) => seen.push(`hover ${x},${y}`) > 0;
    input.scroll = (x, y, steps) => seen.push(`scroll ${x},${y} ${steps.horizontal},${steps.vertical}`) > 0;
    input.key = (phase, code, meta) => seen.push(`key ${phase} ${code} ${meta ?? 0}`) > 0;
    return seen;
  }

  it("takes positions as device pixels in a session without video, whatever size stands beside them", async () => {
    const phone = makePhone();
    const seen = spy(phone);
    const { send } = controlOnly(phone);
    await send(touch(0, { x: 10, y: 20, width: 1, height: 1 }));
    await send(touch(2, { x: 11, y: 21, width: 9, height: 9 }));
    await send(touch(1, { x: 12, y: 22, width: 1, height: 1 }));
    await until(() => seen.length === 3);
    expect(seen).toEqual(["down 0 10,20", "move 0 11,21", "up 0 12,22"]);
  });

  it("scales positions of the picture that is being sent, and drops all others without a word", async () => {
    const phone = makePhone();
    const seen = spy(phone);
    const server = start(phone, "audio=false", "tunnel_forward=true", "max_size=400");
    const events = watch(connect(phone), { first: true });
    const control = connect(phone);
    await until(() => kinds(events).includes("key"));
    const meta = events[1];
    if (meta?.type !== "video-meta") throw new Error("no meta");
    const device = phone.phone.screen.size();
    const before = server.output();
    await control.write(encodeControlMessage(touch(0, { x: 100, y: 200, width: meta.width + 8, height: meta.height })));
    await control.write(encodeControlMessage(touch(0, { x: 100, y: 200, width: meta.width, height: meta.height })));
    await until(() => seen.length === 1);
    expect(seen).toEqual([
      `down 0 ${Math.trunc((100 * device.width) / meta.width)},${Math.trunc((200 * device.height) / meta.height)}`,
    ]);
    expect(server.output()).toBe(before);
  });

  it("gives ten fingers small ids, refuses an eleventh, and lifts those left when the client goes", async () => {
    const phone = makePhone();
    const seen = spy(phone);
    const { send, control, exit, output } = controlOnly(phone);
    const at = { x: 1, y: 2, width: 0, height: 0 };
    for (let pointer = 0n; pointer < 11n; pointer++) await send(touch(0, at, pointer * 1000n));
    await send(touch(1, at, 3000n));
    await send(touch(0, at, -1n));
    await send(touch(2, at, 777n));
    await until(() => seen.length === 12);
    expect(seen.slice(9)).toEqual(["down 9 1,2", "up 3 1,2", "down 3 1,2"]);
    expect(output()).toContain("Too many pointers");
    control.close();
    await exit;
    expect(seen.slice(12).sort()).toEqual(Array.from({ length: 10 }, (_, id) => `cancel ${id} 1,2`));
  });

  it("carries hover, scroll, keys and Back", async () => {
    const phone = makePhone();
    const seen = spy(phone);
    const { send } = controlOnly(phone);
    const position = { x: 1, y: 2, width: 0, height: 0 };
    await send(touch(7, position, -1n));
    await send({ type: "inject-scroll", position, hScroll: 0, vScroll: -2, buttons: 0 });
    await send({ type: "inject-keycode", action: 0, keycode: 29, repeat: 0, metaState: 1 });
    await send({ type: "back-or-screen-on", action: 0 });
    await send({ type: "back-or-screen-on", action: 1 });
    await until(() => seen.length === 5);
    expect(seen).toEqual(["hover 1,2", "scroll 1,2 0,-2", "key down 29 1", "key down 4 0", "key up 4 0"]);
  });

  it("wakes a dark phone when it starts, and by Back", async () => {
    const phone = makePhone();
    phone.phone.power.sleep();
    const { send } = controlOnly(phone);
    await until(() => phone.phone.power.interactive);
    phone.phone.power.sleep();
    await send({ type: "back-or-screen-on", action: 0 });
    await until(() => phone.phone.power.interactive);
  });

  it("says which characters cannot be typed, and types the others", async () => {
    const phone = makePhone();
    const typed: string[] = [];
    phone.phone.input.text = (text) => text !== "中" && typed.push(text) > 0;
    const { send, output } = controlOnly(phone);
    await send({ type: "inject-text", text: "a中b" });
    await until(() => typed.length === 2);
    expect(output()).toContain("[server] WARN: Could not inject char u+4e2d");
  });

  it("acknowledges a clipboard with a sequence, pastes when asked, and does not echo it", async () => {
    const phone = makePhone();
    const seen = spy(phone);
    const { send, messages } = controlOnly(phone);
    await send({ type: "set-clipboard", sequence: 0n, paste: false, text: "silent" });
    await send({ type: "set-clipboard", sequence: 7n, paste: true, text: "你好 🎉" });
    await until(() => messages.length === 1);
    expect(phone.phone.clipboard.get()).toBe("你好 🎉");
    expect(messages).toEqual([{ type: "ack-clipboard", sequence: 7n }]);
    expect(seen).toEqual(["key down 279 0", "key up 279 0"]);
  });

  it("tells of a clipboard the phone changed, by itself with autosync and only when asked without", async () => {
    const phone = makePhone();
    const synced = controlOnly(phone);
    await until(() => phone.phone.clipboard.changes.size === 1);
    phone.phone.clipboard.set("copied");
    await until(() => synced.messages.length === 1);
    expect(synced.messages).toEqual([{ type: "clipboard", text: "copied" }]);
    synced.control.close();
    await synced.exit;
    const asked = controlOnly(phone, "clipboard_autosync=false");
    await asked.send({ type: "collapse-panels" });
    phone.phone.clipboard.set("again");
    await asked.send({ type: "get-clipboard", copyKey: 0 });
    await until(() => asked.messages.length === 1);
    expect(asked.messages).toEqual([{ type: "clipboard", text: "again" }]);
  });

  it("starts an app by package and by the beginning of its name, and says when there is none", async () => {
    const phone = makePhone();
    const { send, output } = controlOnly(phone);
    await send({ type: "start-app", name: "com.android.settings" });
    await until(() => phone.phone.activities.visible?.component.package === "com.android.settings");
    phone.phone.activities.home();
    const label = phone.phone.packages.get("com.android.settings")?.label ?? "";
    await send({ type: "start-app", name: `+?${label.toLowerCase()}` });
    await until(() => phone.phone.activities.visible?.component.package === "com.android.settings");
    await send({ type: "start-app", name: "no.such.app" });
    await until(() => output().includes('No app found for package "no.such.app"'));
  });

  it("prints the vendor's exception when injection is refused", async () => {
    const phone = makePhone();
    phone.phone.input.refusal = "Injecting input events requires the caller to have the INJECT_EVENTS permission.";
    const { send, output } = controlOnly(phone);
    await send({ type: "inject-keycode", action: 0, keycode: 3, repeat: 0, metaState: 0 });
    await until(() => output().includes("Caused by: java.lang.SecurityException: Injecting input events"));
  });

  it("carries out what came before a broken message, then ends", async () => {
    const phone = makePhone();
    const { control, exit, output } = controlOnly(phone);
    await control.write(Buffer.concat([encodeControlMessage({ type: "expand-notification-panel" }), Buffer.from([99])]));
    expect(await exit).toBe(0);
    expect(phone.phone.shade.state).toBe("notifications");
    expect(output()).toContain("[server] ERROR: Control protocol error");
  });
});
