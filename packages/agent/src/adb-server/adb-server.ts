/**
 * USB phones, through an adb server: the one that runs, else one of our own. Follows its list of devices and gives each a route; a server that
 * dies takes its phones along until there is one again. Phones that the agent reaches directly are left to that.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { PhonerackError } from "@phonerack/contract/bus";
import type { AdbServerClient } from "@yume-chan/adb";
import type { Logger } from "pino";
import type { Route } from "../devices/keeper.js";
import { Lifeline } from "../transports/lifeline.js";
import type { PhoneLink } from "../transports/link.js";
import { type AdbProcess, startAdbProcess } from "./adb-process.js";
import { readDeviceList, type ServerDevice } from "./device-list.js";
import { OwnTunnels } from "./own-tunnels.js";
import { openServerLink, serverClient } from "./server-link.js";

const AGAIN_MS = 2_000;
const MISSING_AGAIN_MS = 15_000;
/** A device that was just found is offline for a moment. */
const PASSING_MS = 3_000;
const START_TRIES = 40;
const START_WAIT_MS = 50;
/** adb 29 hangs for good near 280 devices and aborts near 1,000. */
const MOST_DEVICES = 250;

export interface AdbServerParts {
  readonly port: number;
  readonly path: string;
  readonly log: Logger;
  /** A device of the server that the agent reaches on its own. */
  isDirect(serial: string): boolean;
  onRoute(route: Route): void;
  onRouteGone(address: string, reason: string): void;
}

export interface AdbServer {
  stop(): Promise<void>;
}

export function startAdbServer(parts: AdbServerParts): AdbServer {
  const stopping = new AbortController();
  const follower = new Follower(parts, stopping.signal);
  const running = follower.run();
  return {
    stop: async () => {
      stopping.abort();
      await follower.stop();
      await running;
    },
  };
}

class Follower {
  readonly #parts: AdbServerParts;
  readonly #signal: AbortSignal;
  readonly #client: AdbServerClient;
  readonly #devices = new Map<string, ServerRoute>();
  #own: AdbProcess | undefined;
  #tracking: { dispose(): unknown } | undefined;
  readonly #tunnels: OwnTunnels;
  #last: readonly ServerDevice[] = [];
  #saidMissing = false;
  #saidFull = false;

  constructor(parts: AdbServerParts, signal: AbortSignal) {
    this.#parts = parts;
    this.#signal = signal;
    this.#client = serverClient(parts.port);
    this.#tunnels = new OwnTunnels(this.#client, () => this.#show(this.#last, "it was unplugged"));
  }

  async run(): Promise<void> {
    while (!this.#signal.aborted) {
      let wait = AGAIN_MS;
      try {
        await this.#ensureServer();
        await this.#track();
      } catch (error) {
        if (error instanceof PhonerackError && error.code === "adb_missing") {
          wait = MISSING_AGAIN_MS;
          if (!this.#saidMissing) this.#parts.log.warn(error.message);
          this.#saidMissing = true;
        } else if (!this.#signal.aborted) this.#parts.log.warn({ err: error }, "the adb server is gone; trying again");
      }
      this.#show([], "the adb server has stopped; it is started again");
      await sleep(wait, undefined, { signal: this.#signal }).catch(() => undefined);
    }
  }

  async stop(): Promise<void> {
    await this.#tracking?.dispose();
    await this.#own?.stop();
  }

  async #ensureServer(): Promise<void> {
    if (await this.#answers()) return;
    await this.#own?.stop();
    this.#own = undefined;
    const { path, port, log } = this.#parts;
    const own = await startAdbProcess(path, port, log);
    this.#own = own;
    if (this.#signal.aborted) return own.stop();
    for (let attempt = 0; attempt < START_TRIES && !this.#signal.aborted; attempt++) {
      if (await this.#answers()) {
        log.info({ pid: own.pid, port }, "started an adb server");
        return;
      }
      await sleep(START_WAIT_MS);
    }
    throw new PhonerackError("internal", `adb does not serve port ${port}`);
  }

  async #answers(): Promise<boolean> {
    try {
      await new Lifeline().guard(this.#client.getVersion(), 2_000, "the adb server");
      return true;
    } catch {
      return false;
    }
  }

  async #track(): Promise<void> {
    const stream = await this.#client.createConnection("host:track-devices-l");
    this.#tracking = stream;
    try {
      while (!this.#signal.aborted) this.#show(readDeviceList(await stream.readString()), "it was unplugged");
    } finally {
      this.#tracking = undefined;
      await stream.dispose();
    }
  }

  #show(list: readonly ServerDevice[], reason: string): void {
    this.#last = list;
    const present = new Set<string>();
    for (const device of this.#tunnels.without(list)) {
      const address = device.usb === null ? `tcp:${device.serial}` : `usb:${device.usb}`;
      if ((device.usb === null && this.#parts.isDirect(device.serial)) || present.has(address)) continue;
      if (present.size >= MOST_DEVICES) {
        if (!this.#saidFull)
          this.#parts.log.warn(`one adb server holds no more than ${MOST_DEVICES} phones; the others are left out`);
        this.#saidFull = true;
        break;
      }
      present.add(address);
      const known = this.#devices.get(address);
      if (known) known.show(device);
      else {
        const route = new ServerRoute(this.#client, address, device);
        this.#devices.set(address, route);
        this.#parts.onRoute(route);
      }
    }
    for (const [address, route] of this.#devices) {
      if (present.has(address)) continue;
      this.#devices.delete(address);
      route.vanish(reason);
      this.#parts.onRouteGone(address, reason);
    }
  }
}

/** One device of the server: its state changes under us, so opening it waits for the state that allows it. */
class ServerRoute implements Route {
  readonly reach: Route["reach"];
  readonly address: string;
  readonly chassis = null;
  readonly slot = null;
  readonly #client: AdbServerClient;
  #device: ServerDevice;
  #life: Lifeline | undefined;
  #changed: () => void = () => undefined;
  #vanished: string | undefined;

  constructor(client: AdbServerClient, address: string, device: ServerDevice) {
    this.#client = client;
    this.address = address;
    this.#device = device;
    this.reach = device.usb === null ? "network" : "usb";
  }

  async open(signal: AbortSignal, onUnauthorised: () => void): Promise<PhoneLink> {
    let asked = false;
    while (this.#device.state !== "device" && !signal.aborted && this.#vanished === undefined) {
      const { state } = this.#device;
      if (state === "unauthorized" && !asked) {
        asked = true;
        onUnauthorised();
      }
      const patient = state === "unauthorized" || state === "authorizing";
      await this.#change(signal, patient ? undefined : PASSING_MS);
      if (!patient && this.#device.state === state) throw new PhonerackError("device_not_ready", stateWords(state));
    }
    if (this.#vanished !== undefined) throw new PhonerackError("device_not_ready", this.#vanished);
    signal.throwIfAborted();
    const life = new Lifeline();
    this.#life = life;
    return openServerLink(this.#client, this.#device.transportId, life);
  }

  show(device: ServerDevice): void {
    const before = this.#device;
    this.#device = device;
    if (before.state === device.state && before.transportId === device.transportId) return;
    this.#life?.end(new PhonerackError("device_not_ready", stateWords(device.state)));
    this.#life = undefined;
    this.#changed();
  }

  vanish(reason: string): void {
    this.#vanished = reason;
    this.#life?.end(new PhonerackError("device_not_ready", reason));
    this.#changed();
  }

  /** Resolves when the server says something new of the device, or after `ms`. */
  #change(signal: AbortSignal, ms?: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(() => done(), ms);
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      };
      this.#changed = done;
      signal.addEventListener("abort", done, { once: true });
    });
  }
}

function stateWords(state: string): string {
  switch (state) {
    case "offline":
      return "adb sees the phone but it does not answer; unplug it and plug it in again";
    case "no permissions":
      return "this user may not open the phone's USB device; install Debian's android-sdk-platform-tools-common (udev rules) or run as a user of group plugdev";
    case "device":
      return "adb connected it anew";
    case "unauthorized":
      return "it no longer trusts this computer";
    default:
      return `the phone is in adb's state '${state}'; start Android on it`;
  }
}
