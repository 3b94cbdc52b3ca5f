/** Fitting a phone's picture without bending it. */

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Rect extends Size {
  readonly x: number;
  readonly y: number;
}

/** The largest box of the size's shape in the place: in its middle, or standing on its lower edge. */
export function contain(size: Size, place: Rect, standing = false): Rect {
  const scale = Math.min(place.width / size.width, place.height / size.height);
  // Whole pixels: a frame drawn around a picture must meet its edges.
  const width = Math.round(size.width * scale);
  const height = Math.round(size.height * scale);
  const above = place.height - height;
  return {
    x: Math.round(place.x + (place.width - width) / 2),
    y: Math.round(place.y + (standing ? above : above / 2)),
    width,
    height,
  };
}
