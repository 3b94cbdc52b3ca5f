// A picture as the codec sees it: 4:2:0 planes of whole macroblocks.

export interface Picture {
  /** Size in macroblocks of 16x16 luma samples. */
  readonly mbWidth: number;
  readonly mbHeight: number;
  readonly y: Uint8Array;
  /** Chroma planes have half the width and height. */
  readonly u: Uint8Array;
  readonly v: Uint8Array;
}

/** A black picture (limited range) that holds at least the given size. */
export function createPicture(width: number, height: number): Picture {
  const mbWidth = (width + 15) >> 4;
  const mbHeight = (height + 15) >> 4;
  const count = mbWidth * mbHeight;
  return {
    mbWidth,
    mbHeight,
    y: new Uint8Array(count * 256).fill(16),
    u: new Uint8Array(count * 64).fill(128),
    v: new Uint8Array(count * 64).fill(128),
  };
}

export function copyPicture(from: Picture, to: Picture): void {
  to.y.set(from.y);
  to.u.set(from.u);
  to.v.set(from.v);
}
