/**
 * The fingers of one scrcpy client: 64-bit ids from it, small ids for the phone, at most ten. scrcpy v3.3.1,
 * server/src/main/java/com/genymobile/scrcpy/control/PointersState.java.
 */
const maxPointers = 10;

export class Pointers {
  #local = new Map<bigint, { id: number; x: number; y: number }>();

  /** The small id of a finger that is down. */
  get(pointer: bigint): number | undefined {
    return this.#local.get(pointer)?.id;
  }

  /** A finger goes down: the lowest free id, or `undefined` when ten are down. */
  down(pointer: bigint, at: { x: number; y: number }): number | undefined {
    const used = new Set([...this.#local.values()].map(({ id }) => id));
    const id = this.get(pointer) ?? Array.from({ length: maxPointers }, (_, i) => i).find((i) => !used.has(i));
    if (id !== undefined) this.#local.set(pointer, { id, ...at });
    return id;
  }

  moved(pointer: bigint, at: { x: number; y: number }): void {
    const finger = this.#local.get(pointer);
    if (finger) Object.assign(finger, at);
  }

  up(pointer: bigint): void {
    this.#local.delete(pointer);
  }

  /** Takes all fingers away and says which were down, where. */
  takeAll(): { id: number; x: number; y: number }[] {
    const fingers = [...this.#local.values()];
    this.#local.clear();
    return fingers;
  }
}
