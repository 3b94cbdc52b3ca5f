/** What the board needs of a decoder, whichever it is. Runs in the picture worker. */
import type { VideoConfig } from "@phonerack/contract/api";

export interface EncodedPicture {
  readonly key: boolean;
  /** Microseconds. */
  readonly pts: number;
  /** One access unit; for a key frame with SPS and PPS before it. */
  readonly data: Uint8Array;
}

export type Picture = VideoFrame | ImageBitmap;

export interface DecoderEvents {
  /** The picture is the receiver's to close. */
  readonly picture: (picture: Picture) => void;
  /** It can go no further; a new stream is needed. */
  readonly broken: (reason: string) => void;
}

export interface PictureDecoder {
  /** Pictures fed and not yet out. */
  readonly waiting: number;
  decode(picture: EncodedPicture): void;
  close(): void;
}

export interface DecoderWish {
  readonly config: VideoConfig;
  /** The wall: a GPU runs out of decoders long before a wall runs out of tiles. */
  readonly manySmall: boolean;
}

export function pictureSize(picture: Picture): { width: number; height: number } {
  return "displayWidth" in picture
    ? { width: picture.displayWidth, height: picture.displayHeight }
    : { width: picture.width, height: picture.height };
}
