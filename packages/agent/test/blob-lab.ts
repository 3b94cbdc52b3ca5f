/** Brings files to the host of an agent under test, as control does. */
import { createHash } from "node:crypto";
import { openPipe, overError } from "@phonerack/contract/bus";
import { AGENT, type Lab } from "./agent-lab.js";

export interface Brought {
  readonly name: string;
  readonly sha256: string;
  readonly size: number;
}

/** Brings a file to the agent's host. @returns how many bytes went. */
export async function bring(lab: Lab, bytes: Buffer, name = "base.apk"): Promise<Brought & { sent: number }> {
  const file = { name, sha256: digestOf(bytes), size: bytes.length };
  const pipe = await openBlob(lab, file);
  try {
    const first = await haveOf(pipe);
    if (first.whole) return { ...file, sent: 0 };
    await pipe.write(bytes.subarray(first.bytes));
    await haveOf(pipe);
    return { ...file, sent: bytes.length - first.bytes };
  } finally {
    pipe.close();
  }
}

export function digestOf(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

export type BlobPipe = Awaited<ReturnType<typeof openPipe>>;

export function openBlob(lab: Lab, { sha256, size }: Pick<Brought, "sha256" | "size">): Promise<BlobPipe> {
  const service = { type: "blob", sha256, size } as const;
  const order = { deviceId: null, epoch: 0, actor: "control", mode: "unicast", notAfter: Date.now() + 2_000, service } as const;
  return openPipe(lab.bus, AGENT, order);
}

export async function haveOf(pipe: BlobPipe): Promise<{ bytes: number; whole: boolean }> {
  for (let frame = await pipe.read(); frame; frame = await pipe.read())
    if (frame.kind === "message" && frame.message.type === "have") return frame.message;
  throw overError(await pipe.over);
}
