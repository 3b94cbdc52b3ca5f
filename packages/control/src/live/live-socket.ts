/** One browser tab's live socket: what it asks for, and what it gets. Parses every message; answers what it cannot read with `error`. */
import { FromBrowser } from "@phonerack/contract/api";
import { type Input, PhonerackError } from "@phonerack/contract/bus";
import type { WebSocket } from "ws";
import { z } from "zod";
import type { Caller } from "../access/caller.js";
import type { Devices } from "../devices/devices.js";
import type { Hands } from "../devices/hands.js";
import type { Groups } from "../groups/groups.js";
import { toPhonerackError } from "../http/errors.js";
import { watchRefusal } from "../leases/visibility.js";
import type { Relay } from "../relay/relay.js";
import { Channel } from "./channel.js";
import type { DeviceFeed } from "./device-feed.js";
import { Fingers } from "./fingers.js";
import { FollowedGroups } from "./followed-groups.js";
import type { GroupFeed } from "./group-feed.js";
import { Outlet } from "./outlet.js";

const MAX_WATCHES = 1_200;
/** Of one device and tier to one tab: a page needs one, or two while it changes, and each costs a copy of every frame. */
const MAX_SAME_WATCHES = 8;
/** A tab asks once for the list of devices; of a thousand it takes 10 ms to write, during which nobody is served. */
const LIST_EVERY_MS = 1_000;
/** Inputs that await their outcome; a hand makes about 100 a second. */
const MAX_PENDING = 256;
const STRIKES = 3;
const STRIKES_MS = 10_000;
/** How often a socket that is behind is looked at. */
const DRAIN_MS = 50;
/** A browser that takes nothing for so long does not read any more. */
const STALLED_MS = 15_000;
/** For the other side to take leave when we do. */
const GOODBYE_MS = 2_000;

export interface LiveParts {
  readonly devices: Devices;
  readonly hands: Hands;
  readonly relay: Relay;
  readonly feed: DeviceFeed;
  readonly groups: Groups;
  readonly groupFeed: GroupFeed;
}

export class LiveSocket {
  readonly caller: Caller;
  /** Whether it answered the last ping. */
  alive = true;
  readonly #parts: LiveParts;
  readonly #socket: WebSocket;
  readonly #outlet: Outlet;
  readonly #channels = new Map<number, Channel>();
  /** Channels to be resumed when there is room. */
  readonly #behind = new Set<Channel>();
  #missed: Set<string> | undefined;
  #drainTimer: NodeJS.Timeout | undefined;
  /** The most it had taken, and when that was. */
  #progress = { taken: 0, at: 0 };
  #stopFollowing: (() => void) | undefined;
  #pending = 0;
  readonly #fingers = new Fingers();
  readonly #groups: FollowedGroups;
  #strikes: number[] = [];
  #listedAt = Number.NEGATIVE_INFINITY;
  #goodbye: NodeJS.Timeout | undefined;

  constructor(socket: WebSocket, caller: Caller, parts: LiveParts) {
    this.#socket = socket;
    this.caller = caller;
    this.#parts = parts;
    this.#outlet = new Outlet(socket);
    const { groups, groupFeed: feed } = parts;
    this.#groups = new FollowedGroups({ caller, groups, feed, outlet: this.#outlet, behind: () => this.#drain() });
    socket.on("message", (data, isBinary) => this.#hear(data as Buffer, isBinary));
    socket.on("pong", () => {
      this.alive = true;
    });
    // Broken frames and too long messages: ws closes by itself, with the code that says why.
    socket.on("error", () => undefined);
    socket.once("close", () => this.#release());
  }

  /** Asks the other side for a sign of life; cuts it when the last one stayed out. */
  probe(): void {
    if (!this.alive) {
      this.#outlet.cut();
      return;
    }
    this.alive = false;
    this.#socket.ping();
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
    this.#goodbye ??= setTimeout(() => this.#outlet.cut(), GOODBYE_MS);
  }

  /** Ends it without a goodbye. */
  cut(): void {
    this.#outlet.cut();
  }

  #hear(data: Buffer, isBinary: boolean): void {
    // What comes after our close still arrives here.
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    let message: FromBrowser;
    try {
      if (isBinary) throw new PhonerackError("bad_request", "send JSON as text");
      message = parseMessage(data.toString("utf8"));
    } catch (error) {
      this.#strike(toPhonerackError(error, ""));
      return;
    }
    this.#obey(message);
  }

  #obey(message: FromBrowser): void {
    switch (message.type) {
      case "devices":
        this.#follow();
        return;
      case "watch":
        this.#watch(message);
        return;
      case "unwatch":
        this.#unwatch(message.stream);
        return;
      case "input":
        void this.#input(message.seq, message.deviceId, message.input);
        return;
      case "group":
        if (message.follow) void this.#followGroup(message.id);
        else this.#groups.unfollow(message.id);
        return;
      case "step":
        void this.#groups.step(message.seq, message.id, message.step);
        return;
      case "ping":
        this.#outlet.tell({ type: "pong", at: message.at });
        return;
    }
  }

  #follow(): void {
    const now = performance.now();
    if (now - this.#listedAt < LIST_EVERY_MS) {
      this.#strike(new PhonerackError("too_many", "ask for the devices once; what changes comes by itself"));
      return;
    }
    this.#listedAt = now;
    this.#stopFollowing?.();
    this.#missed = undefined;
    const { list, stop } = this.#parts.feed.follow({
      who: this.caller,
      leases: (json) => this.#outlet.text(json),
      jobs: (json) => this.#outlet.text(json),
      changes: (json, ids) => {
        if (!this.#outlet.full) {
          this.#outlet.text(json);
          return;
        }
        this.#missed ??= new Set();
        for (const id of ids) this.#missed.add(id);
        this.#drain();
      },
    });
    this.#stopFollowing = stop;
    this.#outlet.text(list);
  }

  /** Asked for again and again, a whole group is as dear as the list of devices: refused ones count as messages that do not parse. */
  async #followGroup(id: string): Promise<void> {
    try {
      await this.#groups.follow(id);
    } catch (error) {
      this.#strike(toPhonerackError(error, "live"));
    }
  }

  #watch({ stream, deviceId, tier, fps }: Extract<FromBrowser, { type: "watch" }>): void {
    const source = `${deviceId}/${tier}`;
    const known = this.#channels.get(stream);
    if (known?.source === source && known.fps !== fps) {
      known.retune(fps);
      return;
    }
    this.#unwatch(stream);
    const refusal = this.#refusal(deviceId, source);
    if (refusal) {
      this.#outlet.tell({ type: "stream", stream, error: refusal.toJSON() });
      return;
    }
    const channel: Channel = new Channel({
      stream,
      deviceId,
      source,
      fps,
      outlet: this.#outlet,
      behind: () => {
        this.#behind.add(channel);
        this.#drain();
      },
    });
    this.#channels.set(stream, channel);
    channel.open(this.#parts.relay.watch(deviceId, tier, channel), performance.now());
  }

  #refusal(deviceId: string, source: string): PhonerackError | undefined {
    if (this.#channels.size >= MAX_WATCHES) return new PhonerackError("too_many", `at most ${MAX_WATCHES} streams at once`);
    let same = 0;
    for (const channel of this.#channels.values()) if (channel.source === source) same++;
    if (same >= MAX_SAME_WATCHES) return new PhonerackError("too_many", `at most ${MAX_SAME_WATCHES} streams of the same`);
    const device = this.#parts.devices.get(deviceId);
    return device ? watchRefusal(this.caller, device) : new PhonerackError("device_not_found", deviceId);
  }

  /** A device's lease has changed: what this tab may not look at any more ends now. */
  recheck(deviceId: string): void {
    const device = this.#parts.devices.get(deviceId);
    const refusal = device && watchRefusal(this.caller, device);
    if (!refusal) return;
    for (const [stream, channel] of this.#channels) {
      if (channel.deviceId !== deviceId) continue;
      this.#unwatch(stream);
      this.#outlet.tell({ type: "stream", stream, error: refusal.toJSON() });
    }
  }

  #unwatch(stream: number): void {
    const channel = this.#channels.get(stream);
    if (!channel) return;
    this.#channels.delete(stream);
    this.#behind.delete(channel);
    channel.close();
  }

  async #input(seq: number, deviceId: string, input: Input): Promise<void> {
    if (this.#pending >= MAX_PENDING) {
      this.#outlet.tell({ type: "input", seq, outcome: "failed", error: new PhonerackError("too_many").toJSON() });
      return;
    }
    this.#pending++;
    // Only of devices there are: made-up ids would fill the map.
    if (this.#parts.devices.get(deviceId)) this.#fingers.note(deviceId, input);
    try {
      const [result] = await this.#parts.hands.act(this.caller, deviceId, [input]);
      this.#outlet.tell({ type: "input", seq, ...(result ?? { outcome: "failed" }) });
    } catch (error) {
      this.#outlet.tell({ type: "input", seq, outcome: "failed", error: toPhonerackError(error, "live").toJSON() });
    } finally {
      this.#pending--;
    }
  }

  /** A tab that is closed in the middle of a drag would leave its finger on the screen. */
  #liftFingers(): void {
    for (const { deviceId, inputs } of this.#fingers.lift()) {
      // A phone that is lost by now feels nothing.
      this.#parts.hands.act(this.caller, deviceId, inputs).catch(() => undefined);
    }
  }

  #strike(error: PhonerackError): void {
    const now = performance.now();
    this.#strikes = [...this.#strikes.filter((at) => now - at < STRIKES_MS), now];
    this.#outlet.tell({ type: "error", ...error.toJSON() });
    if (this.#strikes.length >= STRIKES) this.close(1008, "too many messages that do not parse");
  }

  /** Looks after a socket that is behind until it has caught up or is given up. */
  #drain(): void {
    if (this.#drainTimer) return;
    this.#progress = { taken: this.#outlet.takenBytes, at: performance.now() };
    this.#drainTimer = setInterval(() => this.#catchUp(), DRAIN_MS);
  }

  #catchUp(): void {
    const now = performance.now();
    const taken = this.#outlet.takenBytes;
    if (taken > this.#progress.taken) this.#progress = { taken, at: now };
    else if (now - this.#progress.at > STALLED_MS) {
      this.#outlet.cut();
      return;
    }
    if (this.#missed && this.#outlet.roomy) {
      const missed = this.#missed;
      this.#missed = undefined;
      this.#outlet.text(this.#parts.feed.changesOf(missed, this.caller));
    }
    for (const channel of this.#behind) if (channel.resume(now)) this.#behind.delete(channel);
    const groupsTold = this.#groups.catchUp();
    if (this.#behind.size > 0 || this.#missed || !groupsTold) return;
    clearInterval(this.#drainTimer);
    this.#drainTimer = undefined;
  }

  #release(): void {
    clearInterval(this.#drainTimer);
    clearTimeout(this.#goodbye);
    this.#liftFingers();
    this.#groups.close();
    this.#stopFollowing?.();
    for (const channel of this.#channels.values()) channel.close();
    this.#channels.clear();
    this.#behind.clear();
  }
}

/** Fails with `bad_request`. */
function parseMessage(text: string): FromBrowser {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new PhonerackError("bad_request", "not JSON", { cause });
  }
  const parsed = FromBrowser.safeParse(json);
  if (!parsed.success) throw new PhonerackError("bad_request", z.prettifyError(parsed.error).slice(0, 500));
  return parsed.data;
}
