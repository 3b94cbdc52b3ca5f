/** The browser's own H.264 decoder. */
import type { DecoderEvents, DecoderWish, EncodedPicture, PictureDecoder } from "./picture-decoder.js";

export function startWebCodecsDecoder(wish: DecoderWish, events: DecoderEvents): PictureDecoder {
  const decoder = new VideoDecoder({
    output: (frame) => events.picture(frame),
    error: (error) => events.broken(error.message),
  });
  // No `description`: the stream is Annex B, with SPS and PPS before each key frame (WebCodecs AVC registration, section 4).
  decoder.configure({
    codec: wish.config.codec,
    optimizeForLatency: true,
    ...(wish.manySmall ? { hardwareAcceleration: "prefer-software" as const } : {}),
  });
  return {
    get waiting() {
      return decoder.decodeQueueSize;
    },
    decode: ({ key, pts, data }: EncodedPicture) => {
      if (decoder.state !== "configured") return;
      decoder.decode(new EncodedVideoChunk({ type: key ? "key" : "delta", timestamp: pts, data }));
    },
    close: () => {
      if (decoder.state !== "closed") decoder.close();
    },
  };
}
