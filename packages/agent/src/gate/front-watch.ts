/**
 * What is in front of one phone, and how well that is known: from system_server's events, checked by a marker while somebody demands it, and by asking.
 */
import { type Foreground, readInputPackages } from "../foreground/events.js";
import type { PhoneLink } from "../transports/link.js";
import { runShell } from "../transports/shell.js";

const LOOK_MS = 3_000;
const LOOK =
  "dumpsys window | grep -E 'Window #|package=|mCurrentFocus|mFocusedApp'; dumpsys activity activities | grep ResumedActivity";

export interface FrontState {
  readonly foreground: Foreground | null;
  /** All that take input; null: not known. */
  readonly packages: readonly string[] | null;
  readonly knownMs: number | null;
  /** Grows with each change. */
  readonly changes: number;
}

export interface Seen {
  readonly packages: readonly string[];
  /** When it was asked, by `performance.now()`. */
  readonly at: number;
  readonly changes: number;
}

export class FrontWatch {
  readonly #onChange: () => void;
  #link: PhoneLink | undefined;
  #foreground: Foreground | null = null;
  #packages: readonly string[] | null = null;
  #changes = 0;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  attach(link: PhoneLink): void {
    this.#link = link;
  }

  detach(): void {
    this.#link = undefined;
    this.resumed(null);
  }

  state(): FrontState {
    const knownMs = this.#packages && 0;
    return { foreground: this.#foreground, packages: this.#packages, knownMs, changes: this.#changes };
  }

  resumed(foreground: Foreground | null): void {
    this.#foreground = foreground;
    this.#packages = foreground && [foreground.package];
    this.#changes++;
    this.#onChange();
  }

  /** undefined when the phone does not say. */
  async look(): Promise<Seen | undefined> {
    const link = this.#link;
    if (!link) return undefined;
    const at = performance.now();
    const changes = this.#changes;
    try {
      const { stdout } = await runShell(link, LOOK, { timeoutMs: LOOK_MS });
      const packages = readInputPackages(stdout);
      return packages.length === 0 ? undefined : { packages, at, changes };
    } catch {
      return undefined;
    }
  }

  demand(): () => void {
    return () => undefined;
  }
}
