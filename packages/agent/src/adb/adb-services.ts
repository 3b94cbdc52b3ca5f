/** What adb's services are to the gate: by name alone, never by what they carry. */

export interface AdbService {
  /** As it is journalled and logged: without arguments, e.g. `shell`, `sync`, `localabstract`. */
  readonly name: string;
  /** Who asks may put input into the phone through it. */
  readonly input: boolean;
  /** The terminal's own protocol, with streams apart and exit codes. */
  readonly shellV2: boolean;
  /** Plain bytes that a person may be looking at. */
  readonly text: boolean;
  /** Answered by us, in these words, and not passed on: the phone is shared, and stays as the lab reaches it. */
  readonly refusal: string | undefined;
}

const SHARED = "phonerack: this is a phone of a lab and stays as the lab reaches it.\n";

const REFUSED: Readonly<Record<string, string>> = {
  root: SHARED,
  unroot: SHARED,
  remount: SHARED,
  "disable-verity": SHARED,
  "enable-verity": SHARED,
  tcpip: SHARED,
  usb: SHARED,
};

export function adbServiceOf(service: string): AdbService {
  const name = /^[a-z_-]{1,40}/i.exec(service)?.[0].toLowerCase() ?? "unknown";
  return {
    name,
    // Files and lists of processes are not input; whatever nobody foresaw is.
    input: !["sync", "track-jdwp", "track-app", "track-devices", "features", "framebuffer"].includes(name),
    shellV2: name === "shell" && /^shell,(?:[^:]*,)?v2\b/.test(service),
    text: name === "shell",
    refusal: Object.hasOwn(REFUSED, name) ? REFUSED[name] : undefined,
  };
}
