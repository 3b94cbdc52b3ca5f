/** What the page and its picture worker say to each other. */

/** In CSS pixels of its canvas. */
export interface Place {
  /** Whose picture: a device id. */
  readonly key: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly radius: number;
}

export type PictureOrder =
  | { type: "canvas"; canvas: number; surface: OffscreenCanvas }
  /** The canvas's size in CSS pixels, device pixels per CSS pixel, and every picture on it. */
  | { type: "layout"; canvas: number; width: number; height: number; scale: number; places: readonly Place[] }
  | { type: "drop"; canvas: number }
  | { type: "open"; stream: number; key: string; manySmall: boolean }
  | { type: "close"; stream: number }
  | { type: "frame"; bytes: ArrayBuffer };

/** Sums of the second that passed. */
export interface PictureStats {
  readonly drawn: number;
  /** Different pictures among them. */
  readonly pictures: number;
  readonly decoders: number;
  /** Mean time from the frame's arrival to its drawing. */
  readonly delayMs: number | undefined;
}

export type PictureReport =
  /** A picture of this size is there now: the first of a stream, or the phone turned. */
  | { type: "shape"; key: string; width: number; height: number }
  /** Decoding failed: the page should ask for the stream again. */
  | { type: "broken"; stream: number; reason: string }
  /** This browser cannot decode it at all. */
  | { type: "unable"; stream: number }
  | { type: "stats"; stats: PictureStats };
