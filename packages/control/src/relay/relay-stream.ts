/**
 * One stream of one device on its way through this control: taken from the bus once, given to every viewer. Grants the agent credit
 * as frames are taken; never waits for a viewer (a slow one drops frames itself, see `live/channel.ts`).
 */
import {
  type Bus,
  encodeMessage,
  FRAME_HEADER_BYTES,
  FrameKind,
  type PhoneAddress,
  PhonerackError,
  STREAM_CREDIT,
  StreamOrder,
  type Subscription,
  subjects,
  type Tier,
} from "@phonerack/contract/bus";
import { PictureCache } from "./picture-cache.js";

/** Somebody who looks at a stream. */
export interface Viewer {
  /** The most frames a second that it wishes; undefined: as many as there are. */
  readonly fps?: number | undefined;
  /** Not a person's eyes: does not count as a watcher. */
  readonly unseen?: boolean;
  /** A frame as it came, already in the cache; must not be changed, nor kept beyond the call. */
  frame(bytes: Uint8Array, kind: FrameKind): void;
  /** No picture now, and why; frames may come again at any time. */
  trouble(error: PhonerackError): void;
}

/** A ready device that was asked for pictures sends the first within this time, also one whose encoder starts slowly. */
const FIRST_PICTURE_MS = 8_000;
/** Granted back in few messages: half of what an agent may have under way. */
const GRANT_BYTES = STREAM_CREDIT / 2;

const KINDS: ReadonlySet<number> = new Set(Object.values(FrameKind));

export class RelayStream {
  readonly deviceId: string;
  readonly tier: Tier;
  readonly viewers = new Set<Viewer>();
  readonly cache = new PictureCache();
  /** When the last viewer left; undefined while there is one. */
  emptySince: number | undefined;
  readonly #bus: Bus;
  readonly #replica: string;
  readonly #passing: ((bytes: Uint8Array, kind: FrameKind) => void) | undefined;
  #phone: PhoneAddress;
  #epoch: number;
  #subscription: Subscription;
  #taken = 0;
  #generation = -1;
  #told: number | undefined;
  #waitingSince: number | undefined;
  #trouble: PhonerackError | undefined;

  /** `passing` is given each frame before the viewers, on their terms. */
  constructor(parts: {
    bus: Bus;
    replica: string;
    phone: PhoneAddress;
    epoch: number;
    tier: Tier;
    passing?: (bytes: Uint8Array, kind: FrameKind) => void;
  }) {
    this.#passing = parts.passing;
    this.#bus = parts.bus;
    this.#replica = parts.replica;
    this.deviceId = parts.phone.id;
    this.#phone = parts.phone;
    this.#epoch = parts.epoch;
    this.tier = parts.tier;
    this.#subscription = this.#subscribe();
  }

  /** Another agent has the device now, or its epoch has changed: what was asked for before holds no more. False: nothing changed. */
  move(phone: PhoneAddress, epoch: number): boolean {
    if (phone.agentId === this.#phone.agentId && epoch === this.#epoch) return false;
    this.#subscription.unsubscribe();
    this.#phone = phone;
    this.#epoch = epoch;
    this.#taken = 0;
    this.cache.clear();
    this.#subscription = this.#subscribe();
    return true;
  }

  /** Before the agent is asked, or its first frames would be lost. */
  #subscribe(): Subscription {
    return this.#bus.subscribe(subjects.media(this.#replica, this.#phone, this.tier), ({ payload }) => {
      this.#take(payload);
      return undefined;
    });
  }

  get trouble(): PhonerackError | undefined {
    return this.#trouble;
  }

  /** Frames came, but not from a key frame on that is still cached: who comes now would have to wait for the next. */
  get unjoinable(): boolean {
    return !this.cache.startable && this.#waitingSince === undefined;
  }

  /** Asks for the stream, or says that it is still wanted; `anew` when the agent knows nothing of an earlier watch. */
  watch(now: number, anew = false): void {
    if (anew) {
      // If the agent still knows the stream after all, this watch grants nothing, and what was taken must not be lost to it.
      this.#repay();
      this.#waitingSince = this.cache.startable ? undefined : now;
    }
    this.#told = this.#wished();
    this.#publish(
      this.#encode({ order: "watch", credit: STREAM_CREDIT, ...(this.#told === undefined ? {} : { fps: this.#told }) }),
    );
  }

  /** A viewer came or wishes another rate: the agent is told when the highest wish is another one now. */
  retune(now: number): void {
    if (this.#wished() !== this.#told) this.watch(now);
  }

  /** One viewer who wishes all there is gets it. */
  #wished(): number | undefined {
    let most: number | undefined;
    for (const { fps } of this.viewers) {
      if (fps === undefined) return undefined;
      most = Math.max(most ?? 0, fps);
    }
    return most;
  }

  /** Asks for the group of pictures again, for a viewer that cannot start from what is cached. */
  restart(): void {
    this.#publish(this.#encode({ order: "restart" }));
  }

  close(): void {
    this.#subscription.unsubscribe();
    this.#publish(this.#encode({ order: "unwatch" }));
  }

  /** Tells the viewers when it is another one than before. Undefined: pictures can be expected. */
  setTrouble(error: PhonerackError | undefined): void {
    if (error?.code === this.#trouble?.code && error?.detail === this.#trouble?.detail) return;
    this.#trouble = error;
    if (!error) return;
    this.cache.clear();
    this.#waitingSince = undefined;
    for (const viewer of this.viewers) viewer.trouble(error);
  }

  /** Says so, once, when a device that should show a picture sends none. */
  missPicture(now: number): void {
    if (this.#trouble || this.#waitingSince === undefined || now - this.#waitingSince < FIRST_PICTURE_MS) return;
    this.#waitingSince = undefined;
    const error = new PhonerackError("device_timeout", `no picture came for ${FIRST_PICTURE_MS / 1000} s; it is still asked for`);
    for (const viewer of this.viewers) viewer.trouble(error);
  }

  #take(bytes: Uint8Array): void {
    const kind = bytes[0];
    if (bytes.length < FRAME_HEADER_BYTES || kind === undefined || !KINDS.has(kind)) return;
    this.#waitingSince = undefined;
    this.#grant(bytes.length);
    const generation = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4);
    if (generation !== this.#generation) {
      this.#generation = generation;
      this.cache.clear();
    }
    this.cache.push(kind as FrameKind, bytes);
    this.#passing?.(bytes, kind as FrameKind);
    for (const viewer of this.viewers) viewer.frame(bytes, kind as FrameKind);
  }

  #grant(bytes: number): void {
    this.#taken += bytes;
    if (this.#taken >= GRANT_BYTES) this.#repay();
  }

  #repay(): void {
    if (this.#taken === 0) return;
    this.#publish(this.#encode({ order: "credit", bytes: this.#taken }));
    this.#taken = 0;
  }

  #encode(
    order:
      | { order: "watch"; credit: number; fps?: number }
      | { order: "credit"; bytes: number }
      | { order: "restart" | "unwatch" },
  ): Uint8Array {
    return encodeMessage(StreamOrder, { ...order, replica: this.#replica, tier: this.tier, epoch: this.#epoch } as StreamOrder);
  }

  #publish(order: Uint8Array): void {
    this.#bus.publish(subjects.stream(this.#phone), order);
  }
}
