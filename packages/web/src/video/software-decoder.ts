/**
 * H.264 in WebAssembly (tinyh264) for pages without WebCodecs, i.e. older browsers and plain HTTP. Baseline only, slower, but the phone
 * can be seen. Loaded when it is needed and not before.
 */
import type { VideoConfig } from "@phonerack/contract/api";
import type { DecoderEvents, DecoderWish, EncodedPicture, PictureDecoder } from "./picture-decoder.js";

const BASELINE = 66;
/** The library copies what it is fed into a buffer of this size, unchecked. */
const MOST_BYTES = 1024 * 1024;

export async function startSoftwareDecoder(wish: DecoderWish, events: DecoderEvents): Promise<PictureDecoder> {
  if (wish.config.profile !== BASELINE) throw new Error("profile");
  const [{ default: load }, { default: Decoder }] = await Promise.all([
    import("tinyh264/es/TinyH264.js"),
    import("tinyh264/es/TinyH264Decoder.js"),
  ]);
  wasm ??= load();
  const decoder = new Decoder(await wasm, (i420: Uint8Array, codedWidth: number) => {
    void createImageBitmap(toRgba(i420, codedWidth, wish.config)).then(events.picture, () => events.broken("bitmap"));
  });
  let closed = false;
  return {
    waiting: 0,
    decode: ({ data }: EncodedPicture) => {
      if (!closed && data.length <= MOST_BYTES) decoder.decode(data);
    },
    close: () => {
      if (!closed) decoder.release();
      closed = true;
    },
  };
}

let wasm: Promise<unknown> | undefined;

/** The visible part of an I420 picture as RGBA, by ITU-R BT.601 in limited range, as Android's encoders produce it. */
export function toRgba(i420: Uint8Array, codedWidth: number, config: VideoConfig): ImageData {
  const { width, height, left, top } = config;
  const lumaBytes = codedWidth * config.codedHeight;
  const chromaWidth = codedWidth >> 1;
  const out = new ImageData(width, height);
  const rgba = out.data;
  let to = 0;
  for (let y = 0; y < height; y++) {
    const lumaRow = (y + top) * codedWidth + left;
    const chromaRow = lumaBytes + ((y + top) >> 1) * chromaWidth;
    for (let x = 0; x < width; x++, to += 4) {
      const chroma = chromaRow + ((x + left) >> 1);
      const luma = 1.164 * ((i420[lumaRow + x] ?? 16) - 16);
      const u = (i420[chroma] ?? 128) - 128;
      const v = (i420[chroma + (lumaBytes >> 2)] ?? 128) - 128;
      rgba[to] = luma + 1.596 * v;
      rgba[to + 1] = luma - 0.392 * u - 0.813 * v;
      rgba[to + 2] = luma + 2.017 * u;
      rgba[to + 3] = 255;
    }
  }
  return out;
}
