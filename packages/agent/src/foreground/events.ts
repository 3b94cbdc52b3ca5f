/**
 * Reads what is in the foreground from system_server's own events: `logcat -b events -v uid`, lines of uid 1000 only, which no app can
 * write. Format: AOSP logging/logcat with `-v uid`: "11-24 02:13:19.123  1000  1234  1250 I wm_set_resumed_activity: [0,a.b/.C,reason]".
 */
export interface Foreground {
  readonly package: string;
  readonly activity: string;
}

export type SystemEvent =
  | { readonly type: "resumed"; readonly foreground: Foreground }
  /** The configuration changed: the screen may have turned or been resized. */
  | { readonly type: "configuration" }
  | { readonly type: "screen"; readonly on: boolean }
  /** A process of this package was started: only then can it be another package than before. */
  | { readonly type: "process"; readonly package: string; readonly pid: number; readonly name: string }
  | AppError
  /** A window got the focus. null: one of the app in front itself, or of nobody we know. */
  | { readonly type: "focus"; readonly package: string | null };

/** An app crashed, or does not respond, as system_server says it. */
export interface AppError {
  readonly type: "app-error";
  readonly kind: "crash" | "native" | "anr";
  readonly pid: number;
  /** Also what its package is called, up to the first `:`, unless the app named it otherwise. */
  readonly process: string;
  /** The exception's class; of an ANR why. */
  readonly exception: string;
  readonly message: string;
}

/** uid as a number or, on phones that name it, `system`. */
const LINE = /^(?:\d{4}-)?\d\d-\d\d \d\d:\d\d:\d\d\.\d+\s+(1000|system)\s+\d+\s+\d+ [VDIWEF] (\w+)\s*: ?(.*)$/;

/** undefined for every line that is not one of ours, above all for lines of apps. */
export function readEvent(line: string): SystemEvent | undefined {
  const match = LINE.exec(line);
  if (!match) return undefined;
  const [, , tag, value = ""] = match;
  switch (tag) {
    case "wm_set_resumed_activity":
    case "am_set_resumed_activity": {
      // [user,component,reason]
      const component = value.replace(/^\[/, "").split(",")[1];
      const foreground = component === undefined ? undefined : readComponent(component);
      return foreground && { type: "resumed", foreground };
    }
    case "configuration_changed":
      return { type: "configuration" };
    case "screen_toggled":
    case "power_screen_state":
      return { type: "screen", on: /^\[?[1]/.test(value) };
    case "am_proc_start":
      return readProcess(value);
    case "am_crash":
      return readCrash(value);
    case "am_anr":
      return readAnr(value);
    case "input_focus": {
      // Android 11 and later: [Focus entering 4f1 a.b/a.b.C (server),reason=…]
      const title = /^\[?Focus entering \w+ (.*?)(?: \(server\))?,reason=/.exec(value)?.[1];
      return title === undefined ? undefined : { type: "focus", package: ownerOfTitle(title) };
    }
    default:
      return undefined;
  }
}

/** [user,pid,uid,process,why,{component}]; a process may be called anything, but belongs to what it was started for. */
function readProcess(value: string): SystemEvent | undefined {
  const [, pid = "", , process = "", , component = ""] = value.replace(/^\[|\]$/g, "").split(",");
  const name = /^\{?([\w.]+)\//.exec(component)?.[1] ?? /^[\w.]+/.exec(process)?.[0];
  return name === undefined ? undefined : { type: "process", package: name, pid: Number(pid) || 0, name: process };
}

/**
 * [pid,user,process,flags,exception,message,file,line], from Android 13 on one more. The message may hold commas, and a second line, after which nothing of the list is left.
 * https://android.googlesource.com/platform/frameworks/base/+/refs/tags/android-14.0.0_r1/services/core/java/com/android/server/am/EventLogTags.logtags
 */
const CRASH = /^\[?(\d+),-?\d+,([^,]*),-?\d+,([^,]*),(.*)$/;
const CRASH_TAIL = /,[^,]*,-?\d+(?:,\d+)?\]?$/;
/** [user,pid,process,flags,reason] */
const ANR = /^\[?-?\d+,(\d+),([^,]*),-?\d+,(.*?)\]?$/;

function readCrash(value: string): AppError | undefined {
  const [, pid, process = "", exception = "", rest = ""] = CRASH.exec(value) ?? [];
  if (pid === undefined) return undefined;
  const native = exception === "Native crash";
  const message = inWords(rest.replace(CRASH_TAIL, ""));
  return {
    type: "app-error",
    kind: native ? "native" : "crash",
    pid: Number(pid),
    process: inWords(process),
    exception: inWords(exception),
    message: message === "NULL" || message === "null" ? "" : message,
  };
}

function readAnr(value: string): AppError | undefined {
  const [, pid, process = "", reason = ""] = ANR.exec(value) ?? [];
  if (pid === undefined) return undefined;
  return { type: "app-error", kind: "anr", pid: Number(pid), process: inWords(process), exception: inWords(reason), message: "" };
}

/** The stream is cut into lines byte by byte: what people wrote is UTF-8 in it. */
function inWords(latin1: string): string {
  return Buffer.from(latin1, "latin1").toString("utf8");
}

const SYSTEM_UI_WINDOWS = /^(NotificationShade|StatusBar|NavigationBar\d*|VolumeDialog|GlobalActions|KeyguardPresentation)$/;

function ownerOfTitle(title: string): string | null {
  if (SYSTEM_UI_WINDOWS.test(title)) return "com.android.systemui";
  if (/^Application (Error|Not Responding): /.test(title)) return "android";
  return readComponent(title)?.package ?? null;
}

/** What `log -t phonerack_marker` of ours wrote: a shell's line, which no app can write. undefined for every other line. */
export function readMark(line: string): string | undefined {
  return MARK.exec(line)?.[1];
}

const MARK = /^(?:\d{4}-)?\d\d-\d\d \d\d:\d\d:\d\d\.\d+\s+(?:2000|shell)\s+\d+\s+\d+ I phonerack_marker\s*: ?(\w+)\s*$/;

/** "a.b/.C" and "a.b/a.b.C" are the same activity. */
export function readComponent(component: string): Foreground | undefined {
  const match = /^([\w.]+)\/([\w.$]+)$/.exec(component.trim());
  const [, name, activity] = match ?? [];
  if (name === undefined || activity === undefined) return undefined;
  return { package: name, activity: activity.startsWith(".") ? name + activity : activity };
}

/** `dumpsys window`: mCurrentFocus=Window{3e1 u0 a.b/a.b.C}; a dialog or the shade has no component, then the focused app counts. */
export function readForeground(text: string): Foreground | null {
  for (const name of ["mCurrentFocus", "mFocusedApp"]) {
    const component = new RegExp(`${name}=[^\\n]*?\\s([\\w.]+/[\\w.$]+)`).exec(text)?.[1];
    const foreground = component === undefined ? undefined : readComponent(component);
    if (foreground) return foreground;
  }
  return null;
}

/**
 * All apps that take input now, by `dumpsys window` and `dumpsys activity activities`: the focused window's (also of one without an activity: a shade, a
 * dialog), the focused app's, and every resumed activity's, of which a split screen has several.
 */
export function readInputPackages(text: string): string[] {
  const found = new Set<string>();
  const focused = /mCurrentFocus=Window\{(\w+) /.exec(text)?.[1];
  const owner = focused === undefined ? undefined : ownerOf(text, focused);
  if (owner !== undefined) found.add(owner);
  for (const [, component] of text.matchAll(/(?:mCurrentFocus|mFocusedApp|ResumedActivity)[=:][^\n]*?\s([\w.]+\/[\w.$]+)/g)) {
    const foreground = readComponent(component ?? "");
    if (foreground) found.add(foreground.package);
  }
  return [...found];
}

/** "Window #3 Window{4f1 u0 NotificationShade}:" and below it "mOwnerUid=10060 … package=com.android.systemui appop=NONE". */
function ownerOf(text: string, window: string): string | undefined {
  const begin = text.search(new RegExp(`Window #\\d+ Window\\{${window} `));
  if (begin < 0) return undefined;
  const end = text.indexOf("Window #", begin + 1);
  return /\spackage=([\w.]+)/.exec(text.slice(begin, end < 0 ? undefined : end))?.[1];
}
