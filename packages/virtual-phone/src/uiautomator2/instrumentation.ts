/**
 * Instrumentations of the phone: the one that runs code here is Appium's UiAutomator2 server, once its two packages are installed. One process
 * at a time owns UiAutomation; a second start of the same package ends the first, as ActivityManager does.
 */
import type { LocalSockets } from "../adbd/local-sockets.js";
import type { Phone } from "../phone/phone.js";
import type { ServerHost } from "./session.js";

const TARGET = "io.appium.uiautomator2.server";
const TEST = "io.appium.uiautomator2.server.test";
export const SERVER_INSTRUMENTATION = `${TEST}/androidx.test.runner.AndroidJUnitRunner`;
/** Between the answer to DELETE and the server's end (the real server's own 15 ms), in milliseconds. */
const END_DELAY_MS = 15;
/** From the start of the process to an open port. */
const START_MS = { none: 0, real: 1500 };

export interface InstrumentationParts {
  readonly phone: Phone;
  readonly sockets: LocalSockets;
  readonly screenshot: ServerHost["screenshot"];
}

/** How a run ended: by itself, or because its process went. */
export type InstrumentationEnd = "finished" | "crashed";

export class Instrumentations {
  readonly #parts: InstrumentationParts;
  #running: { readonly pid: number; readonly end: (how: InstrumentationEnd) => void } | undefined;

  constructor(parts: InstrumentationParts) {
    this.#parts = parts;
  }

  /** Somebody is connected to accessibility as UiAutomation: nobody else can. */
  get ownsUiAutomation(): boolean {
    return this.#running !== undefined;
  }

  /** Whether `component` is one whose code runs here, and its packages are there. */
  runs(component: string): boolean {
    const { packages } = this.#parts.phone;
    const there = [TARGET, TEST].every((name) => {
      const info = packages.get(name);
      return info !== undefined && packages.isEnabled(info);
    });
    return there && component === SERVER_INSTRUMENTATION;
  }

  /** Runs the server until its session is deleted, its process ends, or `signal` aborts. */
  async run(signal: AbortSignal): Promise<InstrumentationEnd> {
    const { phone, sockets, screenshot } = this.#parts;
    const { Uiautomator2Server } = await import("./server.js");
    if (signal.aborted) return "crashed";
    // As ActivityManager: whatever the target runs is force-stopped before it is instrumented.
    phone.activities.forceStop(TARGET, "start instr");
    const info = phone.packages.get(TARGET);
    if (!info) return "crashed";
    const process = phone.processes.start({ name: TARGET, uid: info.uid, package: TARGET });
    return new Promise((resolve) => {
      const undo: (() => void)[] = [];
      const end = (how: InstrumentationEnd): void => {
        if (this.#running?.pid !== process.pid) return;
        this.#running = undefined;
        for (const one of undo.reverse()) one();
        phone.processes.end(process.pid, "force-stop");
        resolve(how);
      };
      this.#running = { pid: process.pid, end };
      undo.push(
        phone.processes.exits.add(({ process: { pid } }) => pid === process.pid && end("crashed")),
        // The test package is loaded into the same process: its end is the process' end.
        phone.packages.changes.add(({ package: name }) => name === TEST && end("crashed")),
        phone.rebooting.add((down) => down && end("crashed")),
      );
      const abort = (): void => end("crashed");
      signal.addEventListener("abort", abort, { once: true });
      undo.push(() => signal.removeEventListener("abort", abort));
      const start = (): void => {
        const version = { name: info.versionName, code: info.versionCode };
        const ended = (): void => void phone.clock.after(END_DELAY_MS, () => end("finished"));
        try {
          const server = new Uiautomator2Server({ phone, screenshot, version, ended }, sockets);
          undo.push(() => server.stop());
        } catch {
          // Another listens on its port: the server's test fails.
          end("crashed");
        }
      };
      const delay = phone.latency.shell > 0 ? START_MS.real : START_MS.none;
      if (delay === 0) start();
      else undo.push(phone.clock.after(delay, start));
    });
  }

  /** Ends what belongs to a package, as `am force-stop` of the test package does. */
  stop(packageName: string): void {
    if (packageName === TEST) this.#running?.end("crashed");
  }
}
