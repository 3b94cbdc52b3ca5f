/** Joins this terminal, or these pipes, with a shell on a phone. */
import { connectPipe } from "@phonerack/contract/client";
import { WebSocket } from "ws";
import type { ControlAddress } from "../api/find-control.js";

const MOST_WAITING = 1024 * 1024;
const LOOK_MS = 20;

export interface ShellTarget {
  readonly control: ControlAddress;
  readonly deviceId: string;
  /** The fence may close on a phone that nobody enrolled. */
  readonly agreed: boolean;
  /** null: an interactive one. */
  readonly command: string | null;
  /** This process's own terminal becomes the shell's. */
  readonly terminal: boolean;
}

/** Resolves with the exit code. Fails with what it was refused or ended for. */
export async function runShell({ control, deviceId, agreed, command, terminal }: ShellTarget): Promise<number> {
  const { stdin, stdout, stderr } = process;
  const size = () => ({ rows: stdout.rows ?? 24, columns: stdout.columns ?? 80 });
  const socket: { current?: WebSocket } = {};
  const pipe = connectPipe({
    url: control.url,
    deviceId,
    service: {
      type: "shell",
      agreed,
      ...(command === null ? {} : { command }),
      ...(terminal ? { terminal: { ...size(), term: process.env.TERM ?? "xterm" } } : {}),
    },
    open: (url) => {
      socket.current = new WebSocket(url, {
        headers: { authorization: `Bearer ${control.token}` },
        perMessageDeflate: false,
        ...(control.ca === undefined ? {} : { ca: control.ca }),
      });
      return socket.current as unknown as ReturnType<Parameters<typeof connectPipe>[0]["open"]>;
    },
    onData: (bytes, kind) => void (kind === "extra" ? stderr : stdout).write(bytes),
    onMessage: (message) => {
      if (message.type === "stalled") stderr.write(`\r\nphonerack: the shell stands still: ${message.reason}\r\n`);
      else if (message.type === "resumed") stderr.write("\r\nphonerack: it goes on\r\n");
    },
  });
  const resized = () => pipe.tell({ type: "resize", ...size() });
  const typed = (bytes: Buffer) => {
    pipe.write(bytes);
    if ((socket.current?.bufferedAmount ?? 0) > MOST_WAITING) void whenTaken(socket.current).then(() => stdin.resume());
    if ((socket.current?.bufferedAmount ?? 0) > MOST_WAITING) stdin.pause();
  };
  const ended = () => pipe.tell({ type: "eof" });
  if (terminal) {
    stdin.setRawMode(true);
    stdout.on("resize", resized);
  }
  stdin.on("data", typed);
  stdin.once("end", ended);
  try {
    return (await pipe.ended).exitCode ?? 0;
  } finally {
    stdout.off("resize", resized);
    stdin.off("data", typed);
    stdin.off("end", ended);
    if (terminal) stdin.setRawMode(false);
    stdin.pause();
    stdin.unref?.();
    pipe.close();
  }
}

async function whenTaken(socket: WebSocket | undefined): Promise<void> {
  while ((socket?.bufferedAmount ?? 0) > MOST_WAITING / 2 && socket?.readyState === WebSocket.OPEN)
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}
