/**
 * Makes a phone ready for use: awake, unlocked, staying so, taking input, telling what it shows, giving a picture. Two shell commands and one
 * log in all, because a rack has a thousand phones; the second command tells each step's end as it comes.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { PhonerackError } from "@phonerack/contract/bus";
import { readRawHeader } from "../screenshot/raw-screen.js";
import type { PhoneLink } from "../transports/link.js";
import { runShell } from "../transports/shell.js";
import type { StepName, Steps } from "./steps.js";
import { readScreenState, readSurvey, SCREEN_COMMAND, type ScreenState, STAY_ON, SURVEY_COMMAND, type Survey } from "./survey.js";

const SURVEY_TIMEOUT_MS = 4_500;
const STEPS_TIMEOUT_MS = 6_000;
const SCREEN_TIMEOUT_MS = 4_000;
const MARK = "@phonerack-step:";
const EXIT = "@phonerack-exit:";
/** After waking and unlocking, the phone's animation takes up to a second, and some fall asleep again at once. */
const SETTLE_TRIES = 4;
const SETTLE_MS = 600;

/** Asks the phone everything. Fails when it does not answer; whether Android has started is in the survey. */
export async function survey(link: PhoneLink, steps: Steps): Promise<Survey> {
  steps.begin("properties");
  const { stdout } = await runShell(link, SURVEY_COMMAND, { timeoutMs: SURVEY_TIMEOUT_MS });
  const found = readSurvey(stdout);
  if (!found.booted) steps.fail("properties", "Android is still starting on this phone");
  else if (found.sdk === null) steps.fail("properties", "it does not say which Android it runs (getprop gave nothing)");
  else steps.done("properties");
  return found;
}

export async function askScreen(link: PhoneLink): Promise<ScreenState> {
  const { stdout } = await runShell(link, SCREEN_COMMAND, { timeoutMs: SCREEN_TIMEOUT_MS });
  return readScreenState(stdout);
}

/** Runs the steps from `awake` to `picture` but `events`. Each ends in `steps`; fails only when the connection does. @returns the screen as it is after. */
export async function prepare(link: PhoneLink, steps: Steps, found: Survey): Promise<ScreenState> {
  const run = new ScriptRun(steps, found);
  try {
    await runShell(link, run.command, { timeoutMs: STEPS_TIMEOUT_MS, maxBytes: 256 * 1024, onStdout: (chunk) => run.add(chunk) });
  } catch (error) {
    if (link.life.ended) throw link.life.ended;
    const reason = error instanceof PhonerackError ? (error.detail ?? error.message) : "the phone's shell failed";
    run.stuck(reason);
  }
  if (found.awake !== false && !found.keyguard?.showing) return found;
  return settle(link, steps, found);
}

/** Waits until what was asked of the screen has come true, or says what has not. */
async function settle(link: PhoneLink, steps: Steps, found: Survey): Promise<ScreenState> {
  let screen: ScreenState = found;
  for (let attempt = 0; attempt < SETTLE_TRIES; attempt++) {
    await sleep(SETTLE_MS);
    screen = await askScreen(link);
    if (screen.awake !== false && (!screen.keyguard?.showing || found.keyguard?.secure)) break;
  }
  if (screen.awake === false) steps.fail("awake", "the screen stays off although it was told to wake; press its power key");
  else steps.done("awake");
  if (screen.keyguard?.showing) steps.fail("keyguard", lockedWords(screen.keyguard.secure));
  else steps.done("keyguard");
  return screen;
}

function lockedWords(secure: boolean): string {
  return secure
    ? "the lock screen asks for a PIN, pattern or password; unlock it by hand, or remove the lock for use in a rack"
    : "the lock screen could not be dismissed; swipe it away by hand";
}

/** The second command and the reading of its output: a mark before each step, its output, its exit code. */
class ScriptRun {
  readonly command: string;
  readonly #steps: Steps;
  readonly #found: Survey;
  readonly #order: StepName[];
  #text = "";
  #running: StepName | undefined;

  constructor(steps: Steps, found: Survey) {
    this.#steps = steps;
    this.#found = found;
    const commands: [StepName, string][] = [
      ["awake", found.awake === false ? "input keyevent WAKEUP" : "true"],
      // On a secure lock screen this would only call up its keypad.
      ["keyguard", found.keyguard?.showing && !found.keyguard.secure ? "wm dismiss-keyguard" : "true"],
      ["stay-on", found.stayOn ? "true" : `settings put global stay_on_while_plugged_in ${STAY_ON}`],
      // KEYCODE_UNKNOWN: asks for the right to inject, and no app does anything with it.
      ["input", "input keyevent 0"],
      ["picture", "screencap | head -c 16 | od -An -tx1"],
    ];
    this.#order = commands.map(([name]) => name);
    this.command = [
      ...commands.map(([name, command]) => `echo ${MARK}${name}; ${command} 2>&1; echo ${EXIT}$?`),
      `echo ${MARK}end`,
    ].join("; ");
  }

  add(chunk: Uint8Array): void {
    this.#text += Buffer.from(chunk).toString("utf8");
    for (let end = this.#text.indexOf(MARK, 1); end >= 0; end = this.#text.indexOf(MARK, 1)) {
      const piece = this.#text.slice(0, end);
      const name = this.#stepOf(piece);
      this.#text = this.#text.slice(end);
      if (name) this.#end(name, piece.slice(MARK.length + name.length));
    }
    const name = this.#stepOf(this.#text);
    if (name && name !== this.#running) {
      this.#running = name;
      this.#steps.begin(name);
    }
  }

  /** The script did not come to its end: the step it stood at failed, the later ones were not tried. */
  stuck(reason: string): void {
    const at = this.#running ? this.#order.indexOf(this.#running) : 0;
    this.#order.forEach((name, index) => {
      if (index === at) this.#steps.fail(name, reason);
      else if (index > at) this.#steps.fail(name, `not tried: the phone hangs at ${this.#order[at]}`);
    });
  }

  #stepOf(text: string): StepName | undefined {
    const name = new RegExp(`^${MARK}([a-z-]+)\\s`).exec(text)?.[1];
    return this.#order.find((step) => step === name);
  }

  #end(name: StepName, output: string): void {
    if (name !== this.#running) this.#steps.begin(name);
    this.#running = undefined;
    const exit = Number(new RegExp(`${EXIT}(\\d+)`).exec(output)?.[1] ?? 1);
    const words = output.slice(0, Math.max(0, output.indexOf(EXIT))).trim();
    const failure = this.#failure(name, { exit, words });
    if (failure !== undefined) this.#steps.fail(name, failure);
    else if (!this.#awaits(name)) this.#steps.done(name);
  }

  /** Whether the step shows its result only later (`settle`). */
  #awaits(name: StepName): boolean {
    const changing = this.#found.awake === false || this.#found.keyguard?.showing === true;
    return changing && (name === "awake" || name === "keyguard");
  }

  #failure(name: StepName, { exit, words }: { exit: number; words: string }): string | undefined {
    const broken = exit !== 0 || /Exception|^Error/m.test(words);
    if (name === "picture") return readPicture(words) ? undefined : `screencap gave no picture${firstLine(words)}`;
    if (!broken) return undefined;
    if (/INJECT_EVENTS|SecurityException/.test(words)) {
      return "it refuses injected input; in Developer options switch on 'USB debugging (Security settings)', then restart it";
    }
    return `its command failed${firstLine(words)}`;
  }
}

function readPicture(hex: string): boolean {
  const bytes = hex.split(/\s+/).map((pair) => (/^[0-9a-f]{2}$/.test(pair) ? Number.parseInt(pair, 16) : -1));
  return !bytes.includes(-1) && readRawHeader(Uint8Array.from(bytes)) !== undefined;
}

function firstLine(words: string): string {
  const line = words.split("\n")[0]?.trim().slice(0, 160);
  return line ? `: ${line}` : "";
}
