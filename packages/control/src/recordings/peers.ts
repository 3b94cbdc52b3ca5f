/** What the controls of a lab tell each other of recordings: each says every few seconds, and when something changes, what it records; about one, the control that makes it is asked. */
import {
  type Bus,
  decodeMessage,
  encodeMessage,
  type Recording,
  RecordingNews,
  RecordingOrder,
  RecordingReply,
  type Subscription,
  subjects,
} from "@phonerack/contract/bus";
import type { Devices } from "../devices/devices.js";

const SAY_MS = 5_000;
/** A control that has not said anything for so long records nothing any more. */
const FORGET_MS = 15_000;
/** A film is brought into the store before the answer. */
const ANSWER_MS = 60_000;

export interface PeersParts {
  readonly bus: Bus;
  readonly replica: string;
  readonly devices: Devices;
  /** What this control records now. */
  readonly own: () => Recording[];
  readonly obey: (order: RecordingOrder) => Promise<RecordingReply>;
  /** Another control was first: what this one records, and keeps, of the device ends here. */
  readonly giveWay: (own: Recording, to: { readonly replica: string; readonly keeps: boolean }) => void;
}

interface Peer {
  readonly heard: number;
  readonly items: ReadonlyMap<string, RecordingNews["items"][number]>;
}

export class Peers {
  readonly #parts: PeersParts;
  readonly #peers = new Map<string, Peer>();
  #subscriptions: Subscription[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** The devices of which something was said last. */
  #said: readonly string[] = [];

  constructor(parts: PeersParts) {
    this.#parts = parts;
  }

  start(): void {
    const { bus, replica, obey } = this.#parts;
    this.#subscriptions = [
      bus.subscribe(subjects.recordings, ({ payload }) => {
        this.#hear(decodeMessage(RecordingNews, payload));
        return undefined;
      }),
      bus.subscribe(subjects.recording(replica), async ({ payload }) =>
        encodeMessage(RecordingReply, await obey(decodeMessage(RecordingOrder, payload))),
      ),
    ];
    this.#timer = setInterval(() => this.#tick(), SAY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
  }

  /** Something began or ended here. */
  say(): void {
    const { bus, replica, own, devices } = this.#parts;
    const items = own().map((recording) => ({ ...recording, epoch: devices.epochOf(recording.deviceId) }));
    const before = this.#said;
    this.#said = items.map(({ deviceId }) => deviceId);
    for (const id of new Set([...before, ...this.#said])) this.#show(id);
    bus.publish(subjects.recordings, encodeMessage(RecordingNews, { replica, items }));
  }

  /** Which other control records this device, or keeps something of it. */
  ownerOf(deviceId: string): { readonly replica: string; readonly recording: Recording } | undefined {
    const epoch = this.#parts.devices.epochOf(deviceId);
    for (const [replica, { items }] of this.#peers) {
      const item = items.get(deviceId);
      if (item?.epoch === epoch) return { replica, recording: item };
    }
    return undefined;
  }

  async ask(replica: string, order: RecordingOrder): Promise<RecordingReply> {
    const { bus } = this.#parts;
    const reply = await bus.request(subjects.recording(replica), encodeMessage(RecordingOrder, order), { timeoutMs: ANSWER_MS });
    return decodeMessage(RecordingReply, reply);
  }

  #tick(): void {
    const own = this.#parts.own().length;
    if (own > 0 || this.#said.length > 0) this.say();
    for (const [replica, { heard }] of this.#peers) {
      if (heard < performance.now() - FORGET_MS) this.#hear({ replica, items: [] });
    }
  }

  #hear({ replica, items }: RecordingNews): void {
    if (replica === this.#parts.replica) return;
    const before = this.#peers.get(replica);
    if (items.length === 0) this.#peers.delete(replica);
    else this.#peers.set(replica, { heard: performance.now(), items: new Map(items.map((item) => [item.deviceId, item])) });
    this.#giveWay(replica, items);
    const changed = new Set([...(before?.items.keys() ?? []), ...items.map(({ deviceId }) => deviceId)]);
    for (const id of changed) this.#show(id);
  }

  /**
   * One control has a device: the one that records it, of two the one that began first, else the one whose name comes first. Both know both, so both find the same, and
   * the other gives way; what is only kept there goes on where the device is recorded.
   */
  #giveWay(replica: string, items: RecordingNews["items"]): void {
    const { own, devices, giveWay, replica: self } = this.#parts;
    const ours = new Map(own().map((recording) => [recording.deviceId, recording]));
    for (const theirs of items) {
      const mine = ours.get(theirs.deviceId);
      if (!mine || theirs.epoch !== devices.epochOf(theirs.deviceId)) continue;
      const [since, before] = [mine.running?.since ?? Infinity, theirs.running?.since ?? Infinity];
      if (before > since || (before === since && replica > self)) continue;
      giveWay(mine, { replica, keeps: theirs.keeping !== null });
    }
  }

  /** Everybody who sees a device sees what is kept of its picture, whichever control keeps it. */
  #show(id: string): void {
    const { devices, own } = this.#parts;
    const elsewhere = [...this.#peers.values()].flatMap(({ items }) => items.get(id) ?? []);
    const all = [...own().filter(({ deviceId }) => deviceId === id), ...elsewhere];
    const [recording, keeping] = [all.some(({ running }) => running !== null), all.some((one) => one.keeping !== null)];
    const { recording: recorded = false, keeping: kept = false } = devices.addedTo(id);
    if (recorded !== recording || kept !== keeping) devices.add(id, { recording, keeping });
  }
}
