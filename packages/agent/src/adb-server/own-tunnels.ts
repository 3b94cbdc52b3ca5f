/**
 * Tells phones from our own tunnels: where somebody uses `phonerack adb` on the machine of the agent, the adb server that we look at lists the tunnel too, and the lab would
 * take its own phone for another one.
 */
import type { AdbServerClient } from "@yume-chan/adb";
import { Lifeline } from "../transports/lifeline.js";
import type { ServerDevice } from "./device-list.js";

/** A service that no phone has, and every tunnel of ours. */
export const TUNNEL_SERVICE = "phonerack-tunnel:";
const ASK_MS = 3_000;
const LOOPBACK = /^(127\.[\d.]+|localhost|\[::1\]):\d+$/;

export class OwnTunnels {
  readonly #client: AdbServerClient;
  readonly #onKnown: () => void;
  /** By transport: whether it is one; undefined while that is being asked. */
  readonly #known = new Map<bigint, boolean | undefined>();

  constructor(client: AdbServerClient, onKnown: () => void) {
    this.#client = client;
    this.#onKnown = onKnown;
  }

  /** Those that are phones, or reached in a way in which no tunnel is. One that is not known yet is left out until it is. */
  without(list: readonly ServerDevice[]): ServerDevice[] {
    const present = new Set(list.map(({ transportId }) => transportId));
    for (const id of this.#known.keys()) if (!present.has(id)) this.#known.delete(id);
    return list.filter((device) => !this.#mayBe(device));
  }

  #mayBe({ usb, serial, state, transportId }: ServerDevice): boolean {
    if (usb !== null || !LOOPBACK.test(serial)) return false;
    if (this.#known.has(transportId)) return this.#known.get(transportId) !== false;
    // Nobody can be asked yet; and what does not answer is no use as a phone either.
    if (state !== "device") return true;
    this.#known.set(transportId, undefined);
    void this.#ask(transportId).then((tunnel) => {
      if (!this.#known.has(transportId)) return;
      this.#known.set(transportId, tunnel);
      if (!tunnel) this.#onKnown();
    });
    return true;
  }

  async #ask(transportId: bigint): Promise<boolean> {
    try {
      const asked = this.#client.createDeviceConnection({ transportId }, TUNNEL_SERVICE);
      const socket = await new Lifeline().guard(asked, ASK_MS, "a service");
      await socket.close();
      return true;
    } catch {
      return false;
    }
  }
}
