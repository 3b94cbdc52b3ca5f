/**
 * Android's side of an installation: streams APKs into a session of its package installer, commits it, and leaves none behind. What may be installed, and what its words mean,
 * is `install.ts`'s and `refusals.ts`'s.
 */
import { open } from "node:fs/promises";
import { PhonerackError } from "@phonerack/contract/bus";
import type { PhoneLink, PhoneSocket } from "../transports/link.js";
import { runShell } from "../transports/shell.js";

const PIECE = 256 * 1024;
/** Android verifies, copies and compiles before it answers. */
const COMMIT_MS = 10 * 60_000;
const COMMAND_MS = 30_000;
/** In the name of what we run, so that a cleaning that begins beside it spares it. */
const OURS = ": @phonerack:install";
const MOST_WORDS = 64 * 1024;
/** `cmd package`, and a stream into `pm install`, came with Android 7; sessions are older. */
const CMD_SDK = 24;

export interface Apk {
  readonly path: string;
  readonly size: number;
}

export interface Installing {
  readonly link: PhoneLink;
  readonly sdk: number;
  /** Of `pm install`, e.g. `-r -g`. */
  readonly flags: string;
  readonly signal: AbortSignal;
  /** Bytes that are on the phone. */
  progress(bytes: number): void;
}

/** @returns what the package manager said at last. Fails with the signal's reason or the connection's errors; nothing is left on the phone then. */
export async function installApks(installing: Installing, apks: readonly Apk[]): Promise<string> {
  const { sdk } = installing;
  const [only] = apks;
  return only && apks.length === 1 && sdk >= CMD_SDK ? installOne(installing, only) : installTogether(installing, apks);
}

/** Its session ends with the command, however that ends. */
function installOne(installing: Installing, apk: Apk): Promise<string> {
  const command = `cmd package install ${installing.flags} -S ${apk.size}`;
  return feed(installing, { command, apk, before: 0 });
}

async function installTogether(installing: Installing, apks: readonly Apk[]): Promise<string> {
  const { link, sdk, flags } = installing;
  const pm = sdk >= CMD_SDK ? "cmd package" : "pm";
  const total = apks.reduce((sum, { size }) => sum + size, 0);
  const session = await holdSession(link, { pm, flags: `${flags} -S ${total}` });
  try {
    let before = 0;
    for (const [index, apk] of apks.entries()) {
      const command = `${pm} install-write -S ${apk.size} ${session.id} ${index === 0 ? "base" : `split${index}`}.apk -`;
      const said = await feed(installing, { command, apk, before });
      if (!said.includes("Success")) return said;
      before += apk.size;
    }
    installing.signal.throwIfAborted();
    const { stdout, stderr } = await runShell(link, `${pm} install-commit ${session.id}`, { timeoutMs: COMMIT_MS });
    return `${stdout}\n${stderr}`;
  } finally {
    await session.end();
  }
}

/**
 * A session that a command on the phone abandons as soon as we let go of it, or are gone: a lost connection is the end of that command's input. Of one that was committed
 * nothing is left to abandon.
 */
async function holdSession(
  link: PhoneLink,
  { pm, flags }: { pm: string; flags: string },
): Promise<{ id: string; end(): Promise<void> }> {
  const take = `${OURS}; s=$(${pm} install-create ${flags} 2>&1); i=\${s##*\\[}; i=\${i%%\\]*}`;
  const holder = await link.open(`exec:${take}; echo "$s"; cat > /dev/null; ${pm} install-abandon $i > /dev/null 2>&1`);
  const said = await link.life.guard(firstLine(holder), COMMAND_MS, "an install session").catch((error: unknown) => {
    holder.close();
    throw error;
  });
  const id = /^Success.*\[(\d+)\]/.exec(said)?.[1];
  if (id === undefined) {
    holder.close();
    throw new PhonerackError("install_refused", said.slice(0, 300));
  }
  const end = async () => {
    holder.close();
    if (link.life.ended) return;
    // At once, and not only when the phone has noticed.
    await runShell(link, `${pm} install-abandon ${id}`, { timeoutMs: COMMAND_MS }).catch(() => undefined);
  };
  return { id, end };
}

async function firstLine(socket: PhoneSocket): Promise<string> {
  let said = "";
  for (let chunk = await socket.read(); chunk && !said.includes("\n"); chunk = await socket.read()) {
    said += Buffer.from(chunk).toString("utf8");
    if (said.includes("\n") || said.length > MOST_WORDS) break;
  }
  return said.split("\n", 1)[0] ?? "";
}

/** Runs a command that reads an APK from its input. @returns what it printed. */
async function feed(
  installing: Installing,
  { command, apk, before }: { command: string; apk: Apk; before: number },
): Promise<string> {
  const { link, signal } = installing;
  signal.throwIfAborted();
  // "exec:" carries bytes as they are.
  const socket = await link.open(`exec:${command} 2>&1`);
  const close = () => socket.close();
  signal.addEventListener("abort", close, { once: true });
  try {
    const answer = listen(socket);
    await pour(socket, { apk, answer, tell: (bytes) => installing.progress(before + bytes) });
    const said = await link.life.guard(answer.said, COMMIT_MS, "installing");
    signal.throwIfAborted();
    return said;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", close);
    socket.close();
  }
}

interface Listening {
  readonly said: Promise<string>;
  /** The command is over. */
  ended: boolean;
}

function listen(socket: PhoneSocket): Listening {
  const listening: { said: Promise<string>; ended: boolean } = { said: Promise.resolve(""), ended: false };
  const read = async () => {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for (let chunk = await socket.read(); chunk; chunk = await socket.read()) {
      bytes += chunk.length;
      if (bytes > MOST_WORDS) throw new PhonerackError("phone_protocol", "it printed more than an installation says");
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString("utf8");
  };
  listening.said = read().finally(() => {
    listening.ended = true;
  });
  listening.said.catch(() => undefined);
  return listening;
}

/** Until all is written, or the command has ended early: it says why. */
async function pour(
  socket: PhoneSocket,
  { apk, answer, tell }: { apk: Apk; answer: Listening; tell: (bytes: number) => void },
): Promise<void> {
  const file = await open(apk.path);
  try {
    for (let at = 0; at < apk.size && !answer.ended; ) {
      const piece = Buffer.allocUnsafe(Math.min(PIECE, apk.size - at));
      const { bytesRead } = await file.read(piece, 0, piece.length, at);
      if (bytesRead === 0) throw new PhonerackError("blob_not_found", "its file is shorter than it was");
      await socket.write(piece.subarray(0, bytesRead));
      at += bytesRead;
      tell(at);
    }
  } catch (error) {
    // What it said before it closed its input says more.
    const said = answer.ended ? await answer.said.catch(() => "") : "";
    if (said === "") throw error;
  } finally {
    await file.close();
  }
}
