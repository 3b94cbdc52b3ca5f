import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WireError } from "../wire-error.js";
import { parseServerOptions, scrcpySocketName } from "./server-options.js";

describe("scrcpy server options", () => {
  it("reads what the real client sends", () => {
    const options = parseServerOptions([
      "3.3.1",
      "scid=1a2b3c4d",
      "log_level=info",
      "audio=false",
      "max_size=1021",
      "tunnel_forward=true",
    ]);
    expect(options).toMatchObject({
      scid: 0x1a2b3c4d,
      logLevel: "info",
      audio: false,
      video: true,
      maxSize: 1016,
      tunnelForward: true,
    });
  });

  it("reads the encoder's options", () => {
    const { videoCodecOptions } = parseServerOptions([
      "3.3.1",
      "video_codec_options=i-frame-interval=2,level:long=5,name:string=a\\,b",
    ]);
    expect([...videoCodecOptions]).toEqual([
      ["i-frame-interval", 2],
      ["level", 5],
      ["name", "a,b"],
    ]);
  });

  it("names another version with scrcpy's sentence", () => {
    expect(() => parseServerOptions(["3.1"])).toThrow("The server version (3.3.1) does not match the client (3.1)");
    expect(() => parseServerOptions([])).toThrow("Missing client version");
  });

  it("keeps unknown keys apart and goes on", () => {
    expect(parseServerOptions(["3.3.1", "new_thing=1", "crop=1:2:3:4", "video=false"])).toMatchObject({
      unknown: ["new_thing"],
      video: false,
    });
  });

  it("turns all meta off for a raw stream", () => {
    expect(parseServerOptions(["3.3.1", "raw_stream=true"])).toMatchObject({
      sendDeviceMeta: false,
      sendFrameMeta: false,
      sendDummyByte: false,
      sendCodecMeta: false,
    });
  });

  it("names values that are none", () => {
    for (const bad of [
      "video",
      "scid=-1",
      "scid=ffffffff",
      "max_size=x",
      "max_size=99999999999",
      "max_fps=",
      "log_level=loud",
      "video_codec_options=a",
    ]) {
      expect(() => parseServerOptions(["3.3.1", bad])).toThrow(WireError);
    }
  });

  it("names sockets as the client does", () => {
    expect(scrcpySocketName(0x1a)).toBe("scrcpy_0000001a");
    expect(scrcpySocketName(-1)).toBe("scrcpy");
  });

  it("answers any arguments with options or a named error", () => {
    const key = fc.constantFrom(
      "scid",
      "max_size",
      "max_fps",
      "video_codec_options",
      "video_bit_rate",
      "raw_stream",
      "__proto__",
      "constructor",
    );
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.string(),
            fc.tuple(key, fc.string()).map((pair) => pair.join("=")),
          ),
          { maxLength: 6 },
        ),
        (args) => {
          try {
            parseServerOptions(["3.3.1", ...args]);
          } catch (error) {
            expect(error).toBeInstanceOf(WireError);
          }
        },
      ),
    );
  });
});
