/**
 * A shell on one phone, with a terminal or without: what is typed goes to the phone while its guard lets it, what it prints comes back as fast as whoever reads
 * takes it, and its exit code is how the pipe ends. What a shell may do is the guard's and the gate's.
 */
import { encodeShellPacket, ShellProtocolParser, shellPacketId } from "@phonerack/android-wire/adb";
import { PhonerackError, type Pipe, type PipeOrder, type PipeService } from "@phonerack/contract/bus";
import { enterGuarded, type Guarded } from "../guard/guard.js";
import type { PhoneSocket } from "../transports/link.js";
import type { PhoneAtWork } from "../workbench/phone-at-work.js";
import { PlainOutput, withMark } from "./plain-output.js";

type Service = Extract<PipeService, { type: "shell" }>;

/** What was typed goes to the phone in pieces of this size: a stall is looked at between them. */
const PIECE = 32 * 1024;
const NOTHING = new Uint8Array(0);

/** Closes the fence and opens the shell. Fails as `enterGuarded` does, with `denied`, `phone_failed`, `device_timeout`. */
export async function serveShell(phone: PhoneAtWork, order: PipeOrder, service: Service): Promise<(pipe: Pipe) => Promise<void>> {
  const { actor, epoch } = order;
  const guarded = await enterGuarded(phone, { kind: "shell", actor, epoch, agreed: service.agreed });
  try {
    if (guarded.stalled !== null) throw new PhonerackError("denied", guarded.stalled);
    await guarded.flow();
    guarded.ask("shell");
    const { shellV2 } = phone.link();
    const socket = await guarded.open(serviceName(service, shellV2));
    return (pipe) => serve(pipe, { guarded, socket, service, shellV2 });
  } catch (error) {
    guarded.leave();
    throw error;
  }
}

interface Session {
  readonly guarded: Guarded;
  readonly socket: PhoneSocket;
  readonly service: Service;
  readonly shellV2: boolean;
}

function serviceName({ command, terminal }: Service, shellV2: boolean): string {
  if (shellV2) return `shell,v2,${terminal ? `pty,TERM=${terminal.term}` : "raw"}:${command ?? ""}`;
  // Before Android 7 "shell:" always has a terminal, and nothing tells the exit code but what is printed.
  return command !== null && !terminal ? `exec:${withMark(command)}` : `shell:${command ?? ""}`;
}

async function serve(pipe: Pipe, session: Session): Promise<void> {
  const { guarded, socket, shellV2 } = session;
  guarded.onStall((reason) => pipe.tell(reason === null ? { type: "resumed" } : { type: "stalled", reason }));
  guarded.onClosed((error) => {
    pipe.close(error);
    socket.close();
  });
  void pipe.over.then(() => socket.close());
  // It ends when the phone's side does.
  void typing(pipe, session).catch(() => socket.close());
  try {
    const exitCode = await (shellV2 ? printing(pipe, socket) : printingPlain(pipe, session));
    pipe.finish(exitCode === undefined ? {} : { exitCode });
  } finally {
    socket.close();
    guarded.leave();
  }
}

/** To the phone. Ends with the pipe; fails when the phone takes no more, or the guard has closed it. */
async function typing(pipe: Pipe, { guarded, socket, service, shellV2 }: Session): Promise<void> {
  const send = async (id: number, bytes: Uint8Array) => {
    await guarded.flow();
    await socket.write(encodeShellPacket(id, bytes));
  };
  if (shellV2 && service.terminal) await send(shellPacketId.windowSize, sizeOf(service.terminal));
  for (let frame = await pipe.read(); frame; frame = await pipe.read()) {
    if (frame.kind !== "message") {
      for (let from = 0; from < frame.bytes.length; from += PIECE) {
        const piece = frame.bytes.subarray(from, from + PIECE);
        if (shellV2) await send(shellPacketId.stdin, piece);
        else {
          await guarded.flow();
          await socket.write(piece);
        }
      }
    } else if (frame.message.type === "resize" && shellV2) await send(shellPacketId.windowSize, sizeOf(frame.message));
    else if (frame.message.type === "eof" && shellV2) await send(shellPacketId.closeStdin, NOTHING);
  }
}

/** As adb sends it: rows and columns, and pixels that nobody knows. */
function sizeOf({ rows, columns }: { readonly rows: number; readonly columns: number }): Uint8Array {
  return Buffer.from(`${rows}x${columns},0x0\0`);
}

/** From the phone, to its end. @returns the exit code. */
async function printing(pipe: Pipe, socket: PhoneSocket): Promise<number | undefined> {
  let exitCode: number | undefined;
  let said: { kind: "data" | "extra"; bytes: Uint8Array }[] = [];
  const parser = new ShellProtocolParser((event) => {
    if (event.type === "exit") exitCode = event.code;
    // May be a view of a chunk, which nobody writes to again.
    else if (event.type === "stdout") said.push({ kind: "data", bytes: event.data });
    else if (event.type === "stderr") said.push({ kind: "extra", bytes: event.data });
  });
  while (exitCode === undefined) {
    const chunk = await socket.read();
    if (!chunk) return undefined;
    try {
      parser.push(chunk);
    } catch (cause) {
      throw new PhonerackError("phone_protocol", "bad shell packet", { cause });
    }
    const now = said;
    said = [];
    // Nothing more is read of the phone before this has gone: that bounds what waits.
    for (const { kind, bytes } of now) await pipe.write(bytes, kind);
  }
  return exitCode;
}

async function printingPlain(pipe: Pipe, { socket, service }: Session): Promise<number | undefined> {
  const output = service.command !== null && !service.terminal ? new PlainOutput() : undefined;
  for (let chunk = await socket.read(); chunk; chunk = await socket.read()) await pipe.write(output ? output.take(chunk) : chunk);
  if (!output) return undefined;
  const { rest, exitCode } = output.end();
  await pipe.write(rest);
  return exitCode;
}
