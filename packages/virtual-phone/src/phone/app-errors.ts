/** What Android writes of an app that crashed or does not answer: the crash buffer's lines and the drop box's reports. Who writes it where is `activities.ts`'s. */
import type { PackageInfo } from "./packages.js";
import type { Process } from "./processes.js";

export interface AppCrash {
  /** A class, or "Native crash". */
  readonly exception: string;
  readonly message: string;
  /** Where it was thrown. */
  readonly file: string;
  readonly line: number;
  /** Frames below the first, without "at"; of a native crash without "#00". */
  readonly frames: readonly string[];
  readonly native?: boolean;
}

export interface ErrorSubject {
  readonly process: Process;
  readonly app: PackageInfo | undefined;
  readonly at: number;
}

const LOOPER = [
  "android.os.Handler.handleCallback(Handler.java:958)",
  "android.os.Handler.dispatchMessage(Handler.java:99)",
  "android.os.Looper.loopOnce(Looper.java:205)",
  "android.os.Looper.loop(Looper.java:294)",
  "android.app.ActivityThread.main(ActivityThread.java:8177)",
  "java.lang.reflect.Method.invoke(Native Method)",
  "com.android.internal.os.RuntimeInit$MethodAndArgsCaller.run(RuntimeInit.java:552)",
  "com.android.internal.os.ZygoteInit.main(ZygoteInit.java:971)",
];

/** What `am crash` makes an app throw. */
export const INDUCED: AppCrash = {
  exception: "android.app.RemoteServiceException$CrashedByAdbException",
  message: "shell-induced crash",
  file: "ActivityThread.java",
  line: 2_062,
  frames: ["android.app.ActivityThread.throwRemoteServiceException(ActivityThread.java:2062)"],
};

/** An exception in code of the app itself. */
export function thrownBy(packageName: string, exception: string, message: string): AppCrash {
  const frames = [`${packageName}.MainActivity.onClick(MainActivity.java:42)`, "android.view.View.performClick(View.java:7659)"];
  return { exception, message, file: "MainActivity.java", line: 42, frames };
}

/** A signal in native code of the app. */
export function segmentationFault(packageName: string): AppCrash {
  const library = `/data/app/${packageName}/lib/arm64/libapp.so`;
  return {
    exception: "Native crash",
    message: "Segmentation fault",
    file: "unknown",
    line: 0,
    frames: [`pc 0000000000012f40  ${library} (draw_board+64)`, `pc 0000000000012a10  ${library} (frame+208)`],
    native: true,
  };
}

/** In the crash buffer, line by line. */
export function crashLines(process: Process, crash: AppCrash): string[] {
  if (crash.native) return tombstone(process, crash);
  return ["FATAL EXCEPTION: main", `Process: ${process.name}, PID: ${process.pid}`, ...javaStack(crash)];
}

/** In the drop box. */
export function crashReport(subject: ErrorSubject, crash: AppCrash): string {
  const stack = crash.native ? tombstone(subject.process, crash) : javaStack(crash);
  return [...header(subject), "", ...stack, ""].join("\n");
}

export function anrReport(subject: ErrorSubject, reason: string): string {
  const { process, at } = subject;
  const threads = [
    `----- pid ${process.pid} at ${new Date(at).toISOString().slice(0, 19).replace("T", " ")} -----`,
    `Cmd line: ${process.name}`,
    "",
    '"main" prio=5 tid=1 Sleeping',
    "  at java.lang.Thread.sleep(Native method)",
    `  at ${process.package ?? process.name}.MainActivity.onClick(MainActivity.java:57)`,
    ...LOOPER.map((frame) => `  at ${frame}`),
    "",
    '"Signal Catcher" daemon prio=10 tid=2 Runnable',
    "  (no managed stack frames)",
    "",
    `----- end ${process.pid} -----`,
  ];
  return [...header(subject), `Subject: ${reason}`, "", ...threads, ""].join("\n");
}

function header({ process, app }: ErrorSubject): string[] {
  return [
    `Process: ${process.name}`,
    `PID: ${process.pid}`,
    `UID: ${process.uid}`,
    "Flags: 0x38a8be44",
    ...(app ? [`Package: ${app.package} v${app.versionCode} (${app.versionName})`] : []),
    "Foreground: Yes",
  ];
}

function javaStack({ exception, message, frames }: AppCrash): string[] {
  return [`${exception}: ${message}`, ...[...frames, ...LOOPER].map((frame) => `\tat ${frame}`)];
}

function tombstone({ pid, name }: Process, { frames }: AppCrash): string[] {
  return [
    "*** *** *** *** *** *** *** *** *** *** *** *** *** *** *** ***",
    `pid: ${pid}, tid: ${pid}, name: ${name.slice(-15)}  >>> ${name} <<<`,
    "signal 11 (SIGSEGV), code 1 (SEGV_MAPERR), fault addr 0x0000000000000000",
    "backtrace:",
    ...frames.map((frame, at) => `      #${String(at).padStart(2, "0")} ${frame}`),
  ];
}
