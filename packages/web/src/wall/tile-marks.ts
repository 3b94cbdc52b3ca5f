/**
 * What a tile says besides how its phone is: its part in a group, and that something was denied. Set by whoever drives a group; kept here,
 * outside React, so that a step of a thousand phones re-renders only the tiles whose mark has changed.
 */
import type { DeviceId } from "@phonerack/contract/api";

export const MARK_KINDS = ["leader", "followed", "behind", "stray", "denied"] as const;
export type MarkKind = (typeof MARK_KINDS)[number];

export interface TileMark {
  readonly kind: MarkKind;
  /** The whole sentence, e.g. why it was denied; the kind's own word stands beside the icon. */
  readonly words: string;
}

export class TileMarks {
  readonly #marks = new Map<DeviceId, TileMark>();
  readonly #listeners = new Map<DeviceId, Set<() => void>>();

  get(id: DeviceId): TileMark | undefined {
    return this.#marks.get(id);
  }

  subscribeTo(id: DeviceId, changed: () => void): () => void {
    const listeners = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, listeners.add(changed));
    return () => {
      listeners.delete(changed);
      if (listeners.size === 0) this.#listeners.delete(id);
    };
  }

  /** Undefined takes the mark away. */
  set(id: DeviceId, mark: TileMark | undefined): void {
    const before = this.#marks.get(id);
    if (before?.kind === mark?.kind && before?.words === mark?.words) return;
    if (mark) this.#marks.set(id, mark);
    else this.#marks.delete(id);
    for (const changed of this.#listeners.get(id) ?? []) changed();
  }

  /** These and no others: the group was left, or another one opened. */
  replace(marks: ReadonlyMap<DeviceId, TileMark>): void {
    for (const id of this.#marks.keys()) if (!marks.has(id)) this.set(id, undefined);
    for (const [id, mark] of marks) this.set(id, mark);
  }
}
