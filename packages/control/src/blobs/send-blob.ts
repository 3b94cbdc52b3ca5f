/** Sends one file of the lab to one agent's host, from where the host has it; goes on when the connection broke on the way. */

import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { type Bus, openPipe, overError, PhonerackError, type Pipe } from "@phonerack/contract/bus";

const FRESH_MS = 2_000;
const RETRY_MS = [200, 1_000, 5_000] as const;
/** Without a piece that went: the object store, or the host's disk, stands still. */
const STILL_MS = 60_000;

export interface BlobSending {
  readonly bus: Bus;
  readonly agentId: string;
  readonly file: { readonly sha256: string; readonly size: number };
  /** The file's bytes from a place on. */
  readonly read: (start: number) => Promise<Readable>;
  /** Bytes that went. */
  readonly progress: (bytes: number) => void;
}

/** Fails with what the agent refuses it for (`host_full`), `agent_unreachable`, or `pipe_broken` again and again. */
export async function sendBlob(sending: BlobSending): Promise<void> {
  for (let failures = 0; ; failures++) {
    try {
      return await sendOnce(sending);
    } catch (error) {
      const wait = RETRY_MS[failures];
      if (!(error instanceof PhonerackError && error.code === "pipe_broken") || wait === undefined) throw error;
      await sleep(wait);
    }
  }
}

async function sendOnce(sending: BlobSending): Promise<void> {
  const { bus, agentId, file } = sending;
  const pipe = await openPipe(bus, agentId, {
    deviceId: null,
    epoch: 0,
    actor: "control",
    mode: "unicast",
    notAfter: Date.now() + FRESH_MS,
    service: { type: "blob", ...file },
  });
  try {
    const first = await have(pipe);
    if (first.whole) return;
    await write(pipe, first.bytes, sending);
    if (!(await have(pipe)).whole) throw new PhonerackError("pipe_broken", "the agent did not say that it has the file");
  } finally {
    pipe.close();
  }
}

/** What the agent says that it has; while it waits for another sender of the same file, it says nothing. */
async function have(pipe: Pipe): Promise<{ bytes: number; whole: boolean }> {
  for (let frame = await pipe.read(); frame; frame = await pipe.read())
    if (frame.kind === "message" && frame.message.type === "have") return frame.message;
  throw overError(await pipe.over);
}

async function write(pipe: Pipe, start: number, { file, read, progress }: BlobSending): Promise<void> {
  if (start >= file.size) return;
  const bytes = await read(start);
  let sent = start;
  const still = setTimeout(() => {
    pipe.close(new PhonerackError("pipe_broken", "nothing went for a minute"));
    bytes.destroy();
  }, STILL_MS);
  try {
    for await (const chunk of bytes as AsyncIterable<Buffer>) {
      await pipe.write(chunk);
      still.refresh();
      sent += chunk.length;
      progress(sent);
    }
    if (sent !== file.size) throw new PhonerackError("pipe_broken", `the lab has ${sent} bytes of it`);
  } catch (error) {
    // Why the agent gave up says more than that we could not write.
    throw pipe.ended ? overError(pipe.ended) : error;
  } finally {
    clearTimeout(still);
    bytes.destroy();
  }
}
