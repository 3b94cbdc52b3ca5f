/** Fingers that are down on a group: which step they belong to, and how often they may move. */
import { type GroupStep, PhonerackError } from "@phonerack/contract/bus";
import { Bucket } from "./bucket.js";

type Touch = Extract<GroupStep, { type: "touch" }>;

/** More moves a second than a screen shows are left out. */
const MOVES_A_SECOND = 60;

interface Gesture {
  readonly seq: number;
  readonly pointers: Set<number>;
}

export class Gestures {
  readonly #now: () => number;
  readonly #gestures = new Map<string, Gesture>();
  readonly #moves = new Map<string, Bucket>();

  constructor(now: () => number) {
    this.#now = now;
  }

  begin(groupId: string, seq: number, pointer: number): void {
    this.#gestures.set(groupId, { seq, pointers: new Set([pointer]) });
  }

  /** Whether a finger is down: another one that comes down belongs to the same gesture. */
  isUnderWay(groupId: string): boolean {
    return this.#gestures.has(groupId);
  }

  /** The step that a finger's next phase belongs to. Fails with `step_refused` when it is not down. */
  go(groupId: string, { phase, pointer }: Touch): { seq: number; dropped: boolean } {
    const gesture = this.#gestures.get(groupId);
    if (phase === "down") gesture?.pointers.add(pointer);
    if (!gesture?.pointers.has(pointer)) throw new PhonerackError("step_refused", "this finger is not down");
    const { seq } = gesture;
    if (phase === "down") return { seq, dropped: false };
    if (phase === "move") return { seq, dropped: !this.#mayMove(groupId) };
    gesture.pointers.delete(pointer);
    if (gesture.pointers.size === 0) this.#gestures.delete(groupId);
    return { seq, dropped: false };
  }

  forget(groupId: string): void {
    this.#gestures.delete(groupId);
    this.#moves.delete(groupId);
  }

  #mayMove(groupId: string): boolean {
    const now = this.#now();
    const bucket = this.#moves.get(groupId) ?? new Bucket(MOVES_A_SECOND, now);
    this.#moves.set(groupId, bucket);
    return bucket.take(MOVES_A_SECOND, now);
  }
}
