/** A file of one phone, read: what it is first, then its bytes from a place on, and whether it stayed the same under the reading. */
import { PhonerackError, type Pipe, type PipeOrder, type PipeService } from "@phonerack/contract/bus";
import { quoted } from "../cleaning/ask.js";
import type { GateAnswer } from "../gate/phone-gate.js";
import type { PhoneLink } from "../transports/link.js";
import type { PhoneAtWork } from "../workbench/phone-at-work.js";
import { runScript, scriptOf } from "./places.js";

type Service = Extract<PipeService, { type: "get" }>;

const STAT_MS = 10_000;
/** A phone that reads its card and says nothing for so long hangs. */
const SILENT_MS = 30_000;
const TOGETHER_MS = 10_000;
const lastAsked = new WeakMap<PhoneAtWork, { readonly name: string; readonly at: number }>();
/** Bytes; `dd` seeks to whole blocks. */
const BLOCK = 65_536;

interface Facts {
  readonly folder: boolean;
  readonly size: number;
  readonly modifiedAt: number;
  readonly version: string;
}

/** Refuses by throwing; what it gives back serves the pipe to its end. */
export async function serveGet(
  phone: PhoneAtWork,
  { actor, epoch, mode }: PipeOrder,
  service: Service,
): Promise<(pipe: Pipe) => Promise<void>> {
  requireAllowed(phone, { actor, epoch, mode });
  const { path, offset, version } = service;
  const link = phone.link();
  const facts = await look(link, path);
  if (version !== undefined && version !== facts.version) throw new PhonerackError("file_changed", "it is another one now");
  if (offset > facts.size && !facts.folder) throw new PhonerackError("bad_request", `it has ${facts.size} bytes`);
  return async (pipe) => {
    pipe.tell({ type: "stat", ...facts });
    if (facts.folder) return;
    await send(link, pipe, { path, offset, size: facts.size });
    const { version: now } = await look(link, path);
    if (now !== facts.version) throw new PhonerackError("file_changed");
  };
}

/** A folder is read file by file: what is read within some seconds is one decision in the log, and each is weighed. */
function requireAllowed(phone: PhoneAtWork, who: Pick<PipeOrder, "actor" | "epoch" | "mode">): void {
  const asked = { ...who, action: "read" } as const;
  const name = JSON.stringify(who);
  const known = lastAsked.get(phone);
  const now = performance.now();
  const isKnown = known?.name === name && now - known.at < TOGETHER_MS;
  const answer: GateAnswer = isKnown ? phone.gate.weigh(asked) : phone.gate.ask(asked);
  if (answer.decision === "deny") throw answer.error ?? new PhonerackError("denied", answer.reason);
  if (!isKnown) lastAsked.set(phone, { name, at: now });
}

/** Size, time and inode together are what is known of a content without reading it twice. */
async function look(link: PhoneLink, path: string): Promise<Facts> {
  const lines = [`real ${quoted(path)}`, `stat -c '%f %s %Y %i %y' "$r"`];
  const { stdout } = await runScript(link, lines, { timeoutMs: STAT_MS });
  const [, mode, size, seconds, inode, time = ""] = /^([0-9a-f]+) (\d+) (-?\d+)\S* (\d+) ?(.*)/.exec(stdout) ?? [];
  if (mode === undefined) throw new PhonerackError("phone_failed", "it does not say what this file is");
  const type = Number.parseInt(mode, 16) & 0o170000;
  if (type !== 0o100000 && type !== 0o040000) throw new PhonerackError("path_invalid", "it is neither a file nor a folder");
  const fraction = /\.(\d+)/.exec(time)?.[1]?.replace(/0+$/, "") ?? "";
  return {
    folder: type === 0o040000,
    size: type === 0o040000 ? 0 : Number(size),
    modifiedAt: Number(seconds) * 1_000,
    version: `${size}-${seconds}${fraction && `.${fraction}`}-${inode}`,
  };
}

interface Wanted {
  readonly path: string;
  readonly offset: number;
  readonly size: number;
}

async function send(link: PhoneLink, pipe: Pipe, { path, offset, size }: Wanted): Promise<void> {
  const blocks = Math.floor(offset / BLOCK);
  const command = `dd if="$r" bs=${BLOCK} skip=${blocks} 2>/dev/null`;
  // "exec:" carries bytes as they are on every Android.
  const socket = await link.open(`exec:${scriptOf([`real ${quoted(path)}`, command])}`);
  void pipe.over.then(() => socket.close());
  let skip = offset - blocks * BLOCK;
  let left = size - offset;
  try {
    for (;;) {
      const chunk = await link.life.guard(socket.read(), SILENT_MS, "reading a file");
      if (!chunk) break;
      const bytes = chunk.subarray(Math.min(skip, chunk.length));
      skip -= chunk.length - bytes.length;
      if (bytes.length > left) throw new PhonerackError("file_changed", "it grew");
      left -= bytes.length;
      await pipe.write(bytes);
    }
  } finally {
    socket.close();
  }
  if (left > 0 && !pipe.ended) throw new PhonerackError("file_changed", "it ended before its end");
}
