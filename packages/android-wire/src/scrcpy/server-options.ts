/**
 * The arguments of scrcpy's server: its client's version, then key=value. Names and defaults: scrcpy v3.3.1,
 * server/src/main/java/com/genymobile/scrcpy/Options.java.
 */
import { WireError } from "../wire-error.js";

/** The server this package speaks as. Its stream format holds for 3.3.0 to 3.3.4; 4.x changes it. */
export const scrcpyVersion = "3.3.1";

export interface ScrcpyServerOptions {
  /** Connection id, 31 bits; -1 for none. */
  scid: number;
  logLevel: "verbose" | "debug" | "info" | "warn" | "error";
  video: boolean;
  audio: boolean;
  control: boolean;
  videoCodec: string;
  audioCodec: string;
  videoSource: string;
  audioSource: string;
  /** Longest side in pixels, a multiple of 8; 0 for the display's own. */
  maxSize: number;
  /** Bits per second. */
  videoBitRate: number;
  audioBitRate: number;
  /** 0 for no limit. */
  maxFps: number;
  tunnelForward: boolean;
  displayId: number;
  showTouches: boolean;
  stayAwake: boolean;
  powerOffOnClose: boolean;
  clipboardAutosync: boolean;
  downsizeOnError: boolean;
  cleanup: boolean;
  powerOn: boolean;
  sendDeviceMeta: boolean;
  sendFrameMeta: boolean;
  sendDummyByte: boolean;
  sendCodecMeta: boolean;
  /** MediaFormat options asked of the encoder, as in video_codec_options: "i-frame-interval=2" → 2. */
  videoCodecOptions: ReadonlyMap<string, number | string>;
  /** Everything list_* that was asked for: print and exit. */
  lists: readonly ("encoders" | "displays" | "cameras" | "camera_sizes" | "apps")[];
  /** Keys this server does not know; scrcpy's warns and goes on. */
  unknown: readonly string[];
}

const logLevels = ["verbose", "debug", "info", "warn", "error"] as const;

interface Draft {
  options: { -readonly [K in keyof ScrcpyServerOptions]: ScrcpyServerOptions[K] };
  lists: ScrcpyServerOptions["lists"][number][];
  unknown: string[];
}

type Setter = (draft: Draft, value: string, key: string) => void;
type KeysOf<T> = { [K in keyof ScrcpyServerOptions]: ScrcpyServerOptions[K] extends T ? K : never }[keyof ScrcpyServerOptions];

function flag(name: KeysOf<boolean>): Setter {
  return (draft, value) => {
    // Java's Boolean.parseBoolean: anything else is false.
    draft.options[name] = value.toLowerCase() === "true";
  };
}

function text(name: "videoCodec" | "audioCodec" | "videoSource" | "audioSource"): Setter {
  return (draft, value) => {
    draft.options[name] = value;
  };
}

function whole(name: "maxSize" | "videoBitRate" | "audioBitRate" | "displayId", adapt = (value: number) => value): Setter {
  return (draft, value, key) => {
    draft.options[name] = adapt(integer(key, value));
  };
}

function list(name: ScrcpyServerOptions["lists"][number]): Setter {
  return (draft, value) => {
    if (value.toLowerCase() === "true") draft.lists.push(name);
  };
}

const ignored: Setter = () => undefined;

const setters: Readonly<Record<string, Setter>> = {
  scid: (draft, value, key) => {
    const scid = /^[0-9a-fA-F]{1,8}$/.test(value) ? Number.parseInt(value, 16) : Number.NaN;
    // The client always leaves the sign bit out.
    if (!(scid >= 0 && scid <= 0x7fffffff)) throw bad(key, value);
    draft.options.scid = scid;
  },
  log_level: (draft, value, key) => {
    const level = logLevels.find((name) => name === value.toLowerCase());
    if (!level) throw bad(key, value);
    draft.options.logLevel = level;
  },
  video: flag("video"),
  audio: flag("audio"),
  control: flag("control"),
  video_codec: text("videoCodec"),
  audio_codec: text("audioCodec"),
  video_source: text("videoSource"),
  audio_source: text("audioSource"),
  max_size: whole("maxSize", (value) => value & ~7),
  video_bit_rate: whole("videoBitRate"),
  audio_bit_rate: whole("audioBitRate"),
  max_fps: (draft, value, key) => {
    const fps = Number(value);
    if (value === "" || !Number.isFinite(fps) || fps < 0) throw bad(key, value);
    draft.options.maxFps = fps;
  },
  tunnel_forward: flag("tunnelForward"),
  display_id: whole("displayId"),
  show_touches: flag("showTouches"),
  stay_awake: flag("stayAwake"),
  power_off_on_close: flag("powerOffOnClose"),
  clipboard_autosync: flag("clipboardAutosync"),
  downsize_on_error: flag("downsizeOnError"),
  cleanup: flag("cleanup"),
  power_on: flag("powerOn"),
  send_device_meta: flag("sendDeviceMeta"),
  send_frame_meta: flag("sendFrameMeta"),
  send_dummy_byte: flag("sendDummyByte"),
  send_codec_meta: flag("sendCodecMeta"),
  raw_stream: (draft, value) => {
    if (value.toLowerCase() !== "true") return;
    for (const name of ["sendDeviceMeta", "sendFrameMeta", "sendDummyByte", "sendCodecMeta"] as const)
      draft.options[name] = false;
  },
  video_codec_options: (draft, value, key) => {
    draft.options.videoCodecOptions = codecOptions(key, value);
  },
  list_encoders: list("encoders"),
  list_displays: list("displays"),
  list_cameras: list("cameras"),
  list_camera_sizes: list("camera_sizes"),
  list_apps: list("apps"),
};

/** Known to scrcpy 3.3.1, without meaning for what this package is used for. */
const ignoredKeys = [
  "audio_dup",
  "crop",
  "angle",
  "audio_codec_options",
  "video_encoder",
  "audio_encoder",
  "screen_off_timeout",
  "camera_id",
  "camera_size",
  "camera_facing",
  "camera_ar",
  "camera_fps",
  "camera_high_speed",
  "new_display",
  "vd_destroy_content",
  "vd_system_decorations",
  "capture_orientation",
  "display_ime_policy",
] as const;
const settersByKey: ReadonlyMap<string, Setter> = new Map([
  ...Object.entries(setters),
  ...ignoredKeys.map((key): [string, Setter] => [key, ignored]),
]);

function defaults(): Draft["options"] {
  return {
    scid: -1,
    logLevel: "debug",
    video: true,
    audio: true,
    control: true,
    videoCodec: "h264",
    audioCodec: "opus",
    videoSource: "display",
    audioSource: "output",
    maxSize: 0,
    videoBitRate: 8_000_000,
    audioBitRate: 128_000,
    maxFps: 0,
    tunnelForward: false,
    displayId: 0,
    showTouches: false,
    stayAwake: false,
    powerOffOnClose: false,
    clipboardAutosync: true,
    downsizeOnError: true,
    cleanup: true,
    powerOn: true,
    sendDeviceMeta: true,
    sendFrameMeta: true,
    sendDummyByte: true,
    sendCodecMeta: true,
    videoCodecOptions: new Map(),
    lists: [],
    unknown: [],
  };
}

/** Reads the arguments after the class name. Throws `version-mismatch`, `bad-server-option`; messages are scrcpy's where it has one. */
export function parseServerOptions(args: readonly string[]): ScrcpyServerOptions {
  const [version, ...pairs] = args;
  if (version === undefined) throw new WireError("bad-server-option", "Missing client version");
  if (version !== scrcpyVersion) {
    throw new WireError("version-mismatch", `The server version (${scrcpyVersion}) does not match the client (${version})`);
  }
  const draft: Draft = { options: defaults(), lists: [], unknown: [] };
  for (const pair of pairs) {
    const equals = pair.indexOf("=");
    if (equals < 0) throw new WireError("bad-server-option", `Invalid key=value pair: "${pair}"`);
    const key = pair.slice(0, equals);
    const set = settersByKey.get(key);
    if (set) set(draft, pair.slice(equals + 1), key);
    else draft.unknown.push(key);
  }
  return { ...draft.options, lists: draft.lists, unknown: draft.unknown };
}

/** The abstract socket a server listens on (forward) or connects to (reverse). */
export function scrcpySocketName(scid: number): string {
  return scid === -1 ? "scrcpy" : `scrcpy_${scid.toString(16).padStart(8, "0")}`;
}

/** "key[:type]=value,…"; type is int (default), long, float or string. A backslash escapes. */
function codecOptions(key: string, value: string): Map<string, number | string> {
  const options = new Map<string, number | string>();
  for (const part of value.split(/(?<!\\),/)) {
    const match = /^([^=:]+)(?::(int|long|float|string))?=(.*)$/s.exec(part);
    if (!match) throw bad(key, value);
    const plain = (match[3] ?? "").replace(/\\(.)/g, "$1");
    if (match[2] !== "string" && (plain === "" || !Number.isFinite(Number(plain)))) throw bad(key, value);
    options.set(match[1] ?? "", match[2] === "string" ? plain : Number(plain));
  }
  return options;
}

function integer(key: string, value: string): number {
  const number = Number(value);
  if (!/^[+-]?\d{1,10}$/.test(value) || number > 0x7fffffff || number < -0x80000000) throw bad(key, value);
  return number;
}

function bad(key: string, value: string): WireError {
  return new WireError("bad-server-option", `Invalid value for ${key}: "${value.slice(0, 64)}"`);
}
