/** Shows a text full-screen on one phone for some seconds, so that a person finds it in the rack. How, `screen-text.ts` knows. */
import { setTimeout as sleep } from "node:timers/promises";
import type { IdentifyOrder, IdentifyReply } from "@phonerack/contract/bus";
import type { PhoneLink } from "../transports/link.js";
import { runShell } from "../transports/shell.js";
import {
  backCommand,
  blinkCommand,
  HIDE_COMMAND,
  STOP_BLINKING_COMMAND,
  showCommand,
  VIEWER,
  wasRefused,
} from "./screen-text.js";

const COMMAND_MS = 8_000;
/** After `am start` said yes; real phones take up to two seconds to start an app. */
const SHOWS_WITHIN_MS = 4_000;
const ASK_EVERY_MS = 50;
const SETTLE_MS = 400;

export interface IdentifierParts {
  /** Fails when the phone is not connected. */
  readonly link: () => PhoneLink;
  /** Refuses an order that does not count (any more). */
  readonly require: (order: { epoch: number; notAfter?: number }) => void;
  /** The package in front, by the system's own events. */
  readonly foreground: () => string | null;
}

export class Identifier {
  readonly #parts: IdentifierParts;
  /** What takes away what is shown now. */
  #away: string | undefined;
  /** The package that was in front before. */
  #before: string | null = null;
  #timer: NodeJS.Timeout | undefined;
  /** A later order takes the screen over from an earlier one. */
  #turn = 0;

  constructor(parts: IdentifierParts) {
    this.#parts = parts;
  }

  /** @returns whether the text is on the screen; else the screen blinks. Fails with what `require` and `link` fail with. */
  async show(order: IdentifyOrder): Promise<IdentifyReply> {
    this.#parts.require(order);
    const link = this.#parts.link();
    const turn = ++this.#turn;
    clearTimeout(this.#timer);
    if (this.#away === undefined) this.#before = this.#parts.foreground();
    this.#away = HIDE_COMMAND;
    const shown = await this.#showText(link, order.text);
    if (turn !== this.#turn) return { shown };
    try {
      // It may have changed hands meanwhile.
      this.#parts.require({ epoch: order.epoch });
    } catch (error) {
      this.end();
      throw error;
    }
    if (!shown) {
      await runShell(link, HIDE_COMMAND, { timeoutMs: COMMAND_MS });
      this.#away = STOP_BLINKING_COMMAND;
      // Runs as long as it blinks; a phone that is lost meanwhile stops by itself.
      runShell(link, blinkCommand(order.seconds), { timeoutMs: order.seconds * 1_000 + COMMAND_MS }).catch(() => undefined);
    }
    this.#timer = setTimeout(() => this.end(), order.seconds * 1_000);
    return { shown };
  }

  /** Takes away what is shown, at once or, when the phone is away, as soon as it is back (`tidy`). */
  end(): void {
    clearTimeout(this.#timer);
    this.#turn++;
    this.tidy();
  }

  /** The phone is back: what was left on its screen is taken away. */
  tidy(): void {
    const away = this.#away;
    if (away === undefined) return;
    this.#takeAway(away).catch(() => {
      // Not connected, or not any more: `tidy` is called again when it is.
    });
  }

  async #takeAway(away: string): Promise<void> {
    const turn = this.#turn;
    const link = this.#parts.link();
    await runShell(link, away, { timeoutMs: COMMAND_MS });
    if (turn !== this.#turn) return;
    this.#away = undefined;
    const before = this.#before;
    // Some Androids go home when the app in front ends, whatever was in front before it.
    await sleep(SETTLE_MS);
    if (turn !== this.#turn || before === null || before === this.#parts.foreground()) return;
    const command = backCommand(before);
    if (command !== undefined) await runShell(link, command, { timeoutMs: COMMAND_MS });
  }

  async #showText(link: PhoneLink, text: string): Promise<boolean> {
    const { stdout, stderr, exitCode } = await runShell(link, showCommand(text), { timeoutMs: COMMAND_MS });
    if (exitCode !== 0 || wasRefused(`${stdout}\n${stderr}`)) return false;
    for (const end = Date.now() + SHOWS_WITHIN_MS; Date.now() < end; ) {
      if (this.#parts.foreground() === VIEWER) return true;
      await sleep(ASK_EVERY_MS);
    }
    return false;
  }
}
