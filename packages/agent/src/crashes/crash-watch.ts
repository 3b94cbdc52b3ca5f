/**
 * One phone's crashes: what system_server says of owned apps while somebody holds the phone becomes news for control, with the stack (`stack.ts`). What others' apps do is
 * nobody's business here. An app that crashes in a loop is told of some times a minute, no more.
 */
import { type Bus, CrashNews, encodeMessage, subjects } from "@phonerack/contract/bus";
import type { Logger } from "pino";
import type { AppError } from "../foreground/events.js";
import type { PhoneAtWork } from "../workbench/phone-at-work.js";
import { readReport } from "./report.js";

const A_MINUTE = 10;
const MINUTE_MS = 60_000;
/** A reopened event stream begins with the last event there was. */
const AGAIN_MS = 30_000;
/** Reports that are read at the same time. */
const AT_ONCE = 3;
const STACK = 200_000;
const MOST_BYTES = 700_000;

export interface CrashWatchParts {
  readonly agentId: string;
  readonly bus: Bus;
  readonly log: Logger;
}

export class CrashWatch {
  readonly #phone: PhoneAtWork;
  readonly #parts: CrashWatchParts;
  readonly #forget: () => void;
  /** When the last ones were told. */
  #told: readonly number[] = [];
  #seen: { readonly key: string; readonly at: number } | undefined;
  #reading = 0;
  #leftOut = 0;

  constructor(phone: PhoneAtWork, parts: CrashWatchParts) {
    this.#phone = phone;
    this.#parts = parts;
    this.#forget = phone.onEvent((event) => {
      if (event.type === "app-error") this.#heard(event);
    });
  }

  /** Nothing is told any more. Idempotent. */
  stop(): void {
    this.#forget();
  }

  #heard(error: AppError): void {
    const now = Date.now();
    const key = `${error.kind} ${error.pid} ${error.process} ${error.exception}`;
    const again = this.#seen?.key === key && now - this.#seen.at < AGAIN_MS;
    this.#seen = { key, at: now };
    if (again || this.#phone.custody.held.phase !== "leased") return;
    this.#tell(error, now).catch((cause: unknown) =>
      this.#parts.log.debug({ device: this.#phone.id, err: cause }, "a crash could not be read"),
    );
  }

  async #tell(error: AppError, at: number): Promise<void> {
    const name = packageOf(error.process);
    if (name === undefined || (await this.#phone.gate.judge(name)).standing !== "owned") return;
    this.#told = this.#told.filter((told) => at - told < MINUTE_MS);
    if (this.#told.length >= A_MINUTE || this.#reading >= AT_ONCE) {
      this.#leftOut++;
      return;
    }
    this.#told = [...this.#told, at];
    this.#reading++;
    try {
      await this.#report(error, { name, at });
    } finally {
      this.#reading--;
    }
  }

  async #report(error: AppError, { name, at }: { name: string; at: number }): Promise<void> {
    const phone = this.#phone;
    const { epoch } = phone.custody.held;
    const report = await readReport(phone.link(), error);
    // What is known of it by now is the next holder's no more.
    if (phone.custody.held.epoch !== epoch || phone.custody.held.phase !== "leased") return;
    const leftOut = this.#leftOut;
    this.#leftOut = 0;
    const note = leftOut > 0 ? `\n\n(${leftOut} more before this one were left out: they came too fast.)` : "";
    const { agentId, bus } = this.#parts;
    const news: CrashNews = {
      agentId,
      deviceId: phone.id,
      epoch,
      at,
      kind: error.kind,
      package: name,
      process: error.process.slice(0, 300),
      versionName: report.versionName?.slice(0, 200) ?? null,
      versionCode: report.versionCode,
      exception: error.exception.slice(0, 500),
      message: error.message.slice(0, 2_000),
      stack: report.stack.slice(0, STACK - note.length) + note,
    };
    bus.publish(subjects.crash(agentId), encoded(news));
  }
}

/** Characters of a stack may take six bytes each in JSON, and the bus carries no message of any length. */
function encoded(news: CrashNews): Uint8Array {
  const bytes = encodeMessage(CrashNews, news);
  return bytes.length <= MOST_BYTES ? bytes : encoded({ ...news, stack: news.stack.slice(0, news.stack.length / 2) });
}

/** `a.b:remote` is a process of `a.b`. */
function packageOf(process: string): string | undefined {
  return /^[A-Za-z][\w]*(\.[A-Za-z][\w]*)+(?=:|$)/.exec(process)?.[0];
}
