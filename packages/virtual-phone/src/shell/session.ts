/** One `adb shell`: a command line, or a terminal with a prompt. Makes the shell around it and decides when it is over. */
import type { Shell, ShellRequest } from "../adbd/services.js";
import { pause } from "../phone/latency.js";
import type { Command, Io } from "./command.js";
import { type Frame, Leave } from "./frame.js";
import { Interpreter } from "./interpreter.js";
import { Killed, statusOf } from "./jobs.js";
import { parseScript } from "./parser.js";
import type { ShellPhone } from "./shell-phone.js";
import { ShellState } from "./state.js";
import { ByteInput, untilAborted } from "./streams.js";
import { ShellSyntaxError } from "./syntax-tree.js";

/** @param programs what stands in /system/bin. */
export function startShell(host: ShellPhone, programs: ReadonlyMap<string, Command>): Shell {
  const interpreter = new Interpreter(host, programs);
  return { run: (request) => runSession(interpreter, request) };
}

async function runSession(interpreter: Interpreter, request: ShellRequest): Promise<number> {
  const { host } = interpreter;
  await pause(host.phone.clock, host.phone.latency.shell);
  if (request.signal.aborted) return 129;
  const args = request.command === undefined ? "/system/bin/sh -" : `/system/bin/sh -c ${request.command}`;
  const job = host.jobs.start("sh", undefined, { args });
  const hangUp = (): void => job.abort(new Killed(1));
  request.signal.addEventListener("abort", hangUp, { once: true });
  if (request.signal.aborted) hangUp();
  const io: Io = {
    stdin: new ByteInput(request.stdin),
    stdout: request.stdout,
    stderr: request.stderr,
    terminal: request.stdout,
    isTerminal: request.pty,
    size: () => request.size(),
  };
  const frame: Frame = {
    state: newState(host, { pid: job.pid, term: request.term }),
    io,
    signal: job.signal,
    stopped: job.stopped,
  };
  try {
    const status =
      request.command === undefined
        ? await interactive(interpreter, frame, request)
        : await oneCommand(interpreter, frame, { request, text: request.command });
    // Without a terminal the stream stays open while a background job still holds it, as a pipe does; a terminal's jobs get SIGHUP.
    if (request.pty) hangUp();
    else
      await untilAborted(
        Promise.all(frame.state.background.filter(({ detached }) => !detached).map(({ done }) => done)),
        job.signal,
      );
    return status;
  } finally {
    request.signal.removeEventListener("abort", hangUp);
    job.end();
  }
}

function newState(host: ShellPhone, { pid, term }: { pid: number; term: string }): ShellState {
  const variables = new Map([
    ["_", "/system/bin/sh"],
    ["ANDROID_ASSETS", "/system/app"],
    ["ANDROID_DATA", "/data"],
    ["ANDROID_ROOT", "/system"],
    ["ANDROID_STORAGE", "/storage"],
    ["EXTERNAL_STORAGE", "/sdcard"],
    ["HOME", "/"],
    ["HOSTNAME", host.phone.model.device],
    ["LOGNAME", "shell"],
    ["PPID", String(host.phone.processes.get(pid)?.ppid ?? 1)],
    ["PATH", "/product/bin:/apex/com.android.runtime/bin:/system/bin:/system/xbin:/odm/bin:/vendor/bin:/vendor/xbin"],
    ["SHELL", "/system/bin/sh"],
    ["TERM", term],
    ["TMPDIR", "/data/local/tmp"],
    ["USER", "shell"],
  ]);
  return new ShellState({ variables, exported: new Set(variables.keys()), pid });
}

async function oneCommand(
  interpreter: Interpreter,
  frame: Frame,
  { request, text }: { request: ShellRequest; text: string },
): Promise<number> {
  const interrupted = new AbortController();
  const stop = (): void => interrupted.abort(frame.signal.reason);
  frame.signal.addEventListener("abort", stop, { once: true });
  if (frame.signal.aborted) stop();
  request.onInterrupt(() => interrupted.abort(new Killed(2)));
  try {
    return await runText(interpreter, { ...frame, signal: interrupted.signal }, text);
  } catch (error) {
    if (error instanceof Leave) return error.value;
    throw error;
  } finally {
    frame.signal.removeEventListener("abort", stop);
  }
}

/** @throws Leave */
async function runText(interpreter: Interpreter, frame: Frame, text: string): Promise<number> {
  try {
    const status = await untilAborted(interpreter.run(parseScript(text), frame), frame.signal);
    return (frame.state.status = status ?? statusOf(frame.signal.reason));
  } catch (error) {
    if (!(error instanceof ShellSyntaxError)) throw error;
    await frame.io.stderr.write(`/system/bin/sh: ${error.message}\n`);
    return (frame.state.status = 1);
  }
}

async function interactive(interpreter: Interpreter, frame: Frame, request: ShellRequest): Promise<number> {
  const { io, state, signal } = frame;
  let current: AbortController | undefined;
  request.onInterrupt(() => current?.abort(new Killed(2)));
  let typed = "";
  for (;;) {
    if (request.pty) await io.stdout.write(typed ? "> " : prompt(interpreter.host, state));
    current = new AbortController();
    const interrupted = current.signal;
    const line = await untilAborted(io.stdin.line(signal), AbortSignal.any([signal, interrupted]));
    if (signal.aborted) return 129;
    if (interrupted.aborted) {
      // ^C at the prompt: a new line, a new prompt, and status 130.
      typed = "";
      state.status = 130;
      if (request.pty) await io.stdout.write("\n");
      continue;
    }
    if (line === undefined) return state.status;
    typed += `${line}\n`;
    if (isIncomplete(typed)) continue;
    const text = typed;
    typed = "";
    try {
      await runText(interpreter, { ...frame, signal: AbortSignal.any([signal, interrupted]) }, text);
      if (interrupted.aborted && request.pty) await io.stdout.write("\n");
    } catch (error) {
      if (error instanceof Leave) return error.value;
      throw error;
    }
  }
}

/** mksh's prompt on Android: the last status when it is not 0, the device, the folder. */
function prompt(host: ShellPhone, state: ShellState): string {
  const status = state.status === 0 ? "" : `${state.status}|`;
  return `${status}${host.phone.model.device}:${state.cwd} $ `;
}

function isIncomplete(text: string): boolean {
  try {
    parseScript(text);
    return false;
  } catch (error) {
    return error instanceof ShellSyntaxError && error.incomplete;
  }
}
