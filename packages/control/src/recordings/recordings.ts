/** Recordings as people ask for them: by who holds the device, wherever in the lab it is recorded. */
import type { Artifact, Recording } from "@phonerack/contract/api";
import { PhonerackError, type RecordingOrder, type RecordingReply } from "@phonerack/contract/bus";
import type { Logger } from "pino";
import type { Devices } from "../devices/devices.js";
import { requireHeld } from "../leases/held.js";
import type { Onlooker } from "../leases/visibility.js";
import type { Peers } from "./peers.js";
import type { By, Studio } from "./studio.js";

export interface RecordingsParts {
  readonly devices: Devices;
  readonly studio: Studio;
  readonly peers: Peers;
  readonly used: (leaseId: string, automated?: boolean) => void;
  readonly log: Logger;
}

type Wish = RecordingOrder["wish"];
type Asker = Onlooker & By;

export class Recordings {
  readonly #parts: RecordingsParts;

  constructor(parts: RecordingsParts) {
    this.#parts = parts;
  }

  async status(who: Asker, deviceId: string): Promise<Recording> {
    return (await this.#ask(who, deviceId, { type: "status" })).recording;
  }

  /** Fails with `recording_running` and with what `Studio.begin` fails with. */
  async change(
    who: Asker,
    deviceId: string,
    { record, sound, keepSeconds }: { record?: boolean | undefined; sound: boolean; keepSeconds?: number | undefined },
  ): Promise<Recording> {
    if (keepSeconds !== undefined) await this.#ask(who, deviceId, { type: "keep", seconds: keepSeconds });
    if (record === true) await this.#ask(who, deviceId, { type: "begin", sound });
    if (record === false) await this.#ask(who, deviceId, { type: "end" });
    return this.status(who, deviceId);
  }

  /** Fails with `recording_not_running` or `nothing_recorded`. */
  async end(who: Asker, deviceId: string): Promise<Artifact> {
    return artifactOf(await this.#ask(who, deviceId, { type: "end" }));
  }

  /** Fails with `nothing_recorded`. */
  async saveLast(who: Asker, deviceId: string, seconds: number): Promise<Artifact> {
    return artifactOf(await this.#ask(who, deviceId, { type: "last", seconds }));
  }

  /** For others than people, e.g. when an app has crashed: undefined where this control has no picture of that time. */
  async saveLastOf(deviceId: string, seconds: number, by?: By): Promise<Artifact | undefined> {
    try {
      return await this.#parts.studio.saveLast(deviceId, seconds, by);
    } catch (error) {
      if (error instanceof PhonerackError && error.code === "nothing_recorded") return undefined;
      throw error;
    }
  }

  /** What another control has found its asker to be allowed. Fails with `epoch_stale`. */
  async obey({ deviceId, epoch, actor, actorName, wish }: RecordingOrder): Promise<RecordingReply> {
    if (this.#parts.devices.epochOf(deviceId) !== epoch) throw new PhonerackError("epoch_stale");
    return this.#do(deviceId, { actor, name: actorName }, wish);
  }

  /** To a control that was first: two who asked at once had reached two. Never fails. */
  giveWay({ deviceId, keeping }: Recording, to: { readonly replica: string; readonly keeps: boolean }): void {
    const { devices, studio, peers, log } = this.#parts;
    const failed = (error: unknown) => log.warn({ err: error, device: deviceId }, "a recording was not given up well");
    studio.giveWay(deviceId).catch(failed);
    if (keeping === null) return;
    studio.keep(deviceId, 0);
    const order = { deviceId, epoch: devices.epochOf(deviceId), actor: "phonerack", actorName: "phonerack" };
    if (!to.keeps) peers.ask(to.replica, { ...order, wish: { type: "keep", seconds: keeping.seconds } }).catch(failed);
  }

  async #ask(who: Asker, deviceId: string, wish: Wish): Promise<RecordingReply> {
    const { devices, studio, peers, used } = this.#parts;
    const device = await requireHeld(who, devices, deviceId);
    if (device.holder && wish.type !== "status") used(device.holder.lease);
    const own = studio.recording(deviceId);
    const owner = own.running || own.keeping ? undefined : peers.ownerOf(deviceId);
    if (!owner) return this.#do(deviceId, who, wish);
    const order = { deviceId, epoch: devices.epochOf(deviceId), actor: who.actor, actorName: who.name, wish };
    return peers.ask(owner.replica, order);
  }

  async #do(deviceId: string, by: By, wish: Wish): Promise<RecordingReply> {
    const { studio } = this.#parts;
    let artifact: Artifact | null = null;
    switch (wish.type) {
      case "status":
        break;
      case "begin":
        await studio.begin(deviceId, by, wish.sound);
        break;
      case "keep":
        studio.keep(deviceId, wish.seconds);
        break;
      case "end":
        artifact = await studio.end(deviceId);
        break;
      case "last":
        artifact = await studio.saveLast(deviceId, wish.seconds, by);
        break;
    }
    return { recording: studio.recording(deviceId), artifact };
  }
}

function artifactOf({ artifact }: RecordingReply): Artifact {
  if (!artifact) throw new PhonerackError("nothing_recorded");
  return artifact;
}
