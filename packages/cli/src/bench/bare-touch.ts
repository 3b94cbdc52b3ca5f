/**
 * The least that a tap can cost: the same down and up, written over the agent's own connections, each awaiting the phone's OKAY. Nothing asks,
 * decides or keeps account.
 */
import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { AgentOptions } from "@phonerack/agent";

type CreateCleaner = NonNullable<AgentOptions["cleaner"]>;
type CleanerParts = Parameters<CreateCleaner>[0];
type Link = Awaited<ReturnType<CleanerParts["ready"]>>;
type Socket = Awaited<ReturnType<Link["open"]>>;

const LISTENS_WITHIN_MS = 20_000;
/** scrcpy's control message 2 and MotionEvent's actions (scrcpy 3.3.1, app/src/control_msg.c). */
const INJECT_TOUCH = 2;
const [DOWN, UP] = [0, 1];
const GENERIC_FINGER = -2n;

/** A cleaner that finds every phone clean, and lets the bench use the agent's own connections meanwhile. */
export function idleCleaner(take: (parts: CleanerParts) => void): CreateCleaner {
  return (parts) => {
    take(parts);
    const clean = ({ deviceId, epoch }: { deviceId: string; epoch: number }) =>
      Promise.resolve({ deviceId, epoch, startedAt: 0, endedAt: 0, clean: true, reason: null, items: [] });
    return Promise.resolve({ clean, takeBaseline: () => Promise.resolve(1), baselineAt: () => 1 });
  };
}

/** A control session of the bench's own, beside the agent's on the same connection. @returns taps once. */
export async function bareTap(
  parts: CleanerParts,
  id: string,
  at: { x: number; y: number; width: number; height: number },
): Promise<() => Promise<void>> {
  const link = await parts.ready(id, new AbortController().signal);
  const scid = randomInt(1, 0x7fff_ffff).toString(16).padStart(8, "0");
  const options = "tunnel_forward=true cleanup=false video=false audio=false clipboard_autosync=false power_on=false";
  const { remotePath, version } = parts.jar;
  await link.open(`exec:CLASSPATH=${remotePath} app_process / com.genymobile.scrcpy.Server ${version} scid=${scid} ${options}`);
  const socket = await connect(link, `localabstract:scrcpy_${scid}`);
  const bytes = Buffer.concat([touch(DOWN, at), touch(UP, at)]);
  return () => socket.write(bytes);
}

async function connect(link: Link, service: string): Promise<Socket> {
  const until = performance.now() + LISTENS_WITHIN_MS;
  for (;;) {
    try {
      return await link.open(service);
    } catch (error) {
      if (performance.now() > until) throw error;
      await sleep(50);
    }
  }
}

function touch(action: number, { x, y, width, height }: { x: number; y: number; width: number; height: number }): Buffer {
  const bytes = Buffer.alloc(32);
  bytes.writeUInt8(INJECT_TOUCH, 0);
  bytes.writeUInt8(action, 1);
  bytes.writeBigInt64BE(GENERIC_FINGER, 2);
  bytes.writeInt32BE(Math.round(x), 10);
  bytes.writeInt32BE(Math.round(y), 14);
  bytes.writeUInt16BE(width, 18);
  bytes.writeUInt16BE(height, 20);
  bytes.writeUInt16BE(action === DOWN ? 0xffff : 0, 22);
  return bytes;
}
