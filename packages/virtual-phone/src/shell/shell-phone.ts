/** The phone as its shell sees it: state, files, and the few things that other parts do for it. */
import type { LocalSockets } from "../adbd/local-sockets.js";
import type { ByteSink } from "../adbd/services.js";
import type { PhoneFiles } from "../files/file-system.js";
import type { InstallSessions } from "../installer/install-sessions.js";
import type { Phone } from "../phone/phone.js";
import type { Instrumentations } from "../uiautomator2/instrumentation.js";
import type { Jobs } from "./jobs.js";

export interface ShellPhone {
  readonly phone: Phone;
  readonly files: PhoneFiles;
  readonly sockets: LocalSockets;
  readonly jobs: Jobs;
  readonly installs: InstallSessions;
  readonly instrumentations: Instrumentations;
  /** The port of the phone's own adbd, for `netstat`. */
  readonly adbPort: number;
  /** The screen as a PNG. */
  screenshot(): Promise<Uint8Array>;
  /** The screen as RGBA rows; asked only when somebody reads that far. */
  pixels(): Promise<{ width: number; height: number; rgba: Uint8Array }>;
  /** Runs scrcpy's server with what stands after its class name. @returns its exit code. */
  runScrcpy(args: readonly string[], io: { stdout: ByteSink; stderr: ByteSink; signal: AbortSignal }): Promise<number>;
  /** `reboot [mode]` */
  reboot(mode: string): void;
}
