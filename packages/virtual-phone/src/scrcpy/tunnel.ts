/**
 * The up to three sockets between scrcpy's server and its client, in their fixed order: video, audio, control. Over `adb reverse` the server
 * connects; over `adb forward` ("tunnel_forward") it listens. scrcpy v3.3.1, server/src/main/java/com/genymobile/scrcpy/device/DesktopConnection.java.
 */
import { encodeDeviceName, type ScrcpyServerOptions, scrcpySocketName } from "@phonerack/android-wire/scrcpy";
import type { LocalSocket, LocalSockets } from "../adbd/local-sockets.js";

type Role = "video" | "audio" | "control";

export interface Tunnel {
  video?: LocalSocket;
  audio?: LocalSocket;
  control?: LocalSocket;
  /** Closes all of them, as the end of the process does: what was written can still be read. */
  close: () => void;
}

export interface TunnelParts {
  sockets: LocalSockets;
  options: ScrcpyServerOptions;
  deviceName: string;
  signal: AbortSignal;
}

/** Opens the sockets asked for. Waits for the client as long as the shell's stream lives; `undefined` if that ended or nobody is there. */
export async function openTunnel(parts: TunnelParts): Promise<Tunnel | undefined> {
  const { options } = parts;
  const roles = (["video", "audio", "control"] as const).filter((role) => options[role]);
  const opened = options.tunnelForward ? await acceptAll(parts, roles) : connectAll(parts, roles);
  if (!opened) return undefined;
  if (options.sendDeviceMeta) void opened[0]?.[1].write(encodeDeviceName(parts.deviceName));
  return {
    ...Object.fromEntries(opened),
    close: () => {
      for (const [, socket] of opened) socket.finish();
    },
  };
}

function addressOf(parts: TunnelParts): string {
  return `localabstract:${scrcpySocketName(parts.options.scid)}`;
}

function connectAll(parts: TunnelParts, roles: readonly Role[]): [Role, LocalSocket][] | undefined {
  const opened: [Role, LocalSocket][] = [];
  for (const role of roles) {
    const socket = parts.sockets.connect(addressOf(parts));
    if (!socket) {
      for (const [, other] of opened) other.close();
      return undefined;
    }
    opened.push([role, socket]);
  }
  return opened;
}

async function acceptAll(parts: TunnelParts, roles: readonly Role[]): Promise<[Role, LocalSocket][] | undefined> {
  const opened: [Role, LocalSocket][] = [];
  if (parts.signal.aborted || roles.length === 0) return undefined;
  const whole = await new Promise<boolean>((resolve) => {
    const listener = parts.sockets.listen(addressOf(parts), (socket) => {
      const role = roles[opened.length];
      if (!role) return socket.close();
      // Sent at once: a client over `adb forward` cannot tell a refused connection from an accepted one until it reads this byte.
      if (opened.length === 0 && parts.options.sendDummyByte) void socket.write(new Uint8Array(1));
      opened.push([role, socket]);
      if (opened.length === roles.length) finish(true);
    });
    const cancel = (): void => finish(false);
    const finish = (complete: boolean): void => {
      listener.close();
      parts.signal.removeEventListener("abort", cancel);
      resolve(complete);
    };
    parts.signal.addEventListener("abort", cancel, { once: true });
  });
  if (whole) return opened;
  for (const [, socket] of opened) socket.close();
  return undefined;
}
