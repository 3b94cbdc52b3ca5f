/** How much room a view may take, as Android's MeasureSpec. Lengths in device pixels. */
export interface Spec {
  readonly size: number;
  /** exact: be so large; most: at most; free: as you like (inside a scroller). */
  readonly mode: "exact" | "most" | "free";
}

export const exactly = (size: number): Spec => ({ size: Math.max(0, size), mode: "exact" });
export const atMost = (size: number): Spec => ({ size: Math.max(0, size), mode: "most" });
export const FREE: Spec = { size: 0, mode: "free" };

/** A wished length: device pixels, all there is, or as the content needs. */
export type Length = number | "match" | "wrap";

/** The room of a child that wishes `length` inside `parent` of which `used` is taken. */
export function childSpec(parent: Spec, used: number, length: Length): Spec {
  if (typeof length === "number") return exactly(length);
  if (parent.mode === "free") return FREE;
  const room = parent.size - used;
  return length === "match" && parent.mode === "exact" ? exactly(room) : atMost(room);
}

/** What a view that wants `wanted` gets. */
export function resolve(spec: Spec, wanted: number): number {
  if (spec.mode === "exact") return spec.size;
  return Math.ceil(spec.mode === "most" ? Math.min(spec.size, wanted) : wanted);
}
