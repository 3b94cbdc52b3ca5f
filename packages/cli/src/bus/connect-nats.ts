/** How our processes reach NATS: two connections, tried again for ever; the bus over them is the contract's. */
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { type Bus, createNatsBus, type HandlerFailed, PhonerackError } from "@phonerack/contract/bus";

const CONNECT_WITHIN_MS = 5_000;

export interface NatsTarget {
  /** `nats://user:password@host:4222` or `tls://…`. */
  readonly url: string;
  readonly name: string;
  readonly onError?: HandlerFailed;
}

/** Fails with `nats_unreachable` when no server answers; once connected it reconnects by itself. */
export async function connectNats(target: NatsTarget): Promise<Bus> {
  const commands = await dial(target, "commands");
  const media = await dial(target, "media").catch(async (error: unknown) => {
    await commands.close();
    throw error;
  });
  return createNatsBus({ commands, media, ...(target.onError ? { onError: target.onError } : {}) });
}

async function dial(target: NatsTarget, lane: string): Promise<NatsConnection> {
  const url = new URL(target.url);
  try {
    return await connect({
      servers: url.host,
      name: `${target.name} ${lane}`,
      ...(url.username ? { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } : {}),
      ...(url.protocol === "tls:" ? { tls: {} } : {}),
      timeout: CONNECT_WITHIN_MS,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 500,
      reconnectJitter: 500,
      pingInterval: 5_000,
      maxPingOut: 2,
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PhonerackError("nats_unreachable", reason, { cause });
  }
}
