/** One shell command on one phone, guarded like a shell that somebody types into; what it prints is kept within a bound. */
import { ShellProtocolParser } from "@phonerack/android-wire/adb";
import { type ActionResult, COMMAND_OUTPUT, type DeviceAction, PhonerackError } from "@phonerack/contract/bus";
import { enterGuarded, type Guarded } from "../guard/guard.js";
import type { PhoneSocket } from "../transports/link.js";
import { requireAllowed } from "./allowed.js";
import type { Doing } from "./doing.js";

const EXIT_MARK = "@phonerack-exit=";
/** What follows the mark of a phone without the shell protocol. */
const MARK_ROOM = 64;

/** Fails as `enterGuarded` does, with `denied`, `device_timeout`, `phone_failed`, or the signal's reason; the command is then ended. */
export async function runCommand(doing: Doing, action: Extract<DeviceAction, { type: "shell" }>): Promise<ActionResult> {
  const { phone, actor, epoch, agreed, signal } = doing;
  const guarded = await enterGuarded(phone, { kind: "shell", actor, epoch, agreed });
  try {
    const ended = AbortSignal.any([signal, closedSignal(guarded), AbortSignal.timeout(action.timeoutMs)]);
    await untilAborted(guarded.flow(), ended);
    // A shell is a script, whoever asks; where the phone has not told yet what is in front, it is looked at.
    await untilAborted(requireAllowed({ ...doing, mode: "script" }, "shell"), ended);
    return await within(guarded, phone.link().shellV2, { command: action.command, signal: ended });
  } finally {
    guarded.leave();
  }
}

function closedSignal(guarded: Guarded): AbortSignal {
  const closed = new AbortController();
  guarded.onClosed((error) => closed.abort(error));
  return closed.signal;
}

async function within(
  guarded: Guarded,
  shellV2: boolean,
  { command, signal }: { command: string; signal: AbortSignal },
): Promise<ActionResult> {
  const service = shellV2 ? `shell,v2,raw:${command}` : `exec:( ${command} ) 2>&1; echo ${EXIT_MARK}$?`;
  const socket = await untilAborted(guarded.open(service), signal);
  // Closing the stream hangs the command up; what outlives that is the guard's to find.
  const close = () => socket.close();
  signal.addEventListener("abort", close, { once: true });
  try {
    return await untilAborted(shellV2 ? readV2(socket) : readPlain(socket), signal);
  } finally {
    signal.removeEventListener("abort", close);
    socket.close();
  }
}

async function readV2(socket: PhoneSocket): Promise<ActionResult> {
  const [stdout, stderr] = [new Kept(COMMAND_OUTPUT), new Kept(COMMAND_OUTPUT)];
  let exitCode: number | undefined;
  const parser = new ShellProtocolParser((event) => {
    if (event.type === "exit") exitCode = event.code;
    else if (event.type === "stdout") stdout.add(event.data);
    else if (event.type === "stderr") stderr.add(event.data);
  });
  for (let chunk = await socket.read(); chunk; chunk = await socket.read()) {
    try {
      parser.push(chunk);
    } catch (cause) {
      throw new PhonerackError("phone_protocol", "bad shell packet", { cause });
    }
  }
  if (exitCode === undefined) throw new PhonerackError("phone_protocol", "a shell ended without its exit code");
  return resultOf({ exitCode, stdout, stderr });
}

/** Before Android 7: the exit code is printed, and stderr comes with stdout. */
async function readPlain(socket: PhoneSocket): Promise<ActionResult> {
  const stdout = new Kept(COMMAND_OUTPUT);
  let tail = Buffer.alloc(0);
  for (let chunk = await socket.read(); chunk; chunk = await socket.read()) {
    stdout.add(chunk);
    tail = Buffer.concat([tail, chunk]).subarray(-MARK_ROOM);
  }
  const mark = tail.lastIndexOf(EXIT_MARK);
  if (mark < 0) throw new PhonerackError("phone_protocol", "a shell ended without its exit code");
  const exitCode = Number.parseInt(tail.subarray(mark + EXIT_MARK.length).toString(), 10);
  stdout.dropLast(tail.length - mark);
  return resultOf({ exitCode, stdout, stderr: new Kept(0) });
}

function resultOf({ exitCode, stdout, stderr }: { exitCode: number; stdout: Kept; stderr: Kept }): ActionResult {
  const truncated = stdout.truncated || stderr.truncated;
  return { exitCode, stdout: stdout.text, stderr: stderr.text, ...(truncated && { truncated }) };
}

/** The first bytes of a stream, and how many there were. */
class Kept {
  readonly #most: number;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #whole = 0;

  constructor(most: number) {
    this.#most = most;
  }

  add(chunk: Uint8Array): void {
    this.#whole += chunk.length;
    const kept = Buffer.from(chunk.subarray(0, this.#most - this.#bytes));
    if (kept.length === 0) return;
    this.#chunks.push(kept);
    this.#bytes += kept.length;
  }

  /** The last bytes of the stream are not the command's. */
  dropLast(count: number): void {
    this.#whole -= count;
  }

  get truncated(): boolean {
    return this.#whole > this.#most;
  }

  /** A character that was cut in the middle is left out; NUL, which no database takes in a text, is shown as U+FFFD. */
  get text(): string {
    const bytes = Buffer.concat(this.#chunks).subarray(0, Math.min(this.#bytes, this.#whole));
    const text = new TextDecoder("utf-8").decode(bytes, { stream: true });
    return text.replaceAll("\0", "\uFFFD");
  }
}

/** The promise, or the signal's reason; a time-out of the signal's is `device_timeout`. */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const reason = () =>
    signal.reason instanceof PhonerackError
      ? signal.reason
      : new PhonerackError("device_timeout", "it took longer than it was given");
  if (signal.aborted) {
    promise.catch(() => undefined);
    throw reason();
  }
  return await new Promise<T>((resolve, reject) => {
    const abort = () => reject(reason());
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
