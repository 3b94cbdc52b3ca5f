/** How our processes reach NATS: three connections, tried again for ever; the bus over them is the contract's. */
import { connect, jwtAuthenticator, type NatsConnection } from "@nats-io/transport-node";
import { type Bus, createNatsBus, type HandlerFailed, PhonerackError } from "@phonerack/contract/bus";

const CONNECT_WITHIN_MS = 5_000;

export interface NatsTarget {
  /** `nats://user:password@host:4222` or `tls://…`; several servers of one cluster are tried in turn. */
  readonly url: string | readonly string[];
  readonly name: string;
  /** With a lab's bus keys: who this is. Asked again at each connect, so that renewed ones are taken. */
  readonly credentials?: () => { readonly jwt: string; readonly seed: Uint8Array };
  /** Where answers to this one's requests come, instead of `_INBOX`: nobody else may listen there. */
  readonly inboxPrefix?: string;
  readonly onError?: HandlerFailed;
}

export interface NatsReach {
  readonly bus: Bus;
  /** Connects anew, with the present credentials; subscriptions stay, and what is published meanwhile waits. */
  readonly reconnect: () => Promise<void>;
}

/** Fails with `nats_unreachable` when no server answers; once connected it reconnects by itself. */
export async function connectNats(target: NatsTarget): Promise<Bus> {
  return (await reachNats(target)).bus;
}

/** The same, for whoever has credentials that change. */
export async function reachNats(target: NatsTarget): Promise<NatsReach> {
  const lanes: NatsConnection[] = [];
  const next = async (lane: string) => {
    const connection = await dial(target, lane);
    lanes.push(connection);
    return connection;
  };
  try {
    const connections = { commands: await next("commands"), media: await next("media"), bulk: await next("bulk") };
    return {
      bus: createNatsBus({ ...connections, ...(target.onError ? { onError: target.onError } : {}) }),
      reconnect: async () => {
        await Promise.all(lanes.map((connection) => connection.reconnect()));
      },
    };
  } catch (error) {
    await Promise.all(lanes.map((connection) => connection.close()));
    throw error;
  }
}

async function dial({ url, name, credentials, inboxPrefix }: NatsTarget, lane: string): Promise<NatsConnection> {
  const urls = [url].flat().map((each) => new URL(each));
  const [first] = urls;
  try {
    return await connect({
      servers: urls.map(({ host }) => host),
      name: `${name} ${lane}`,
      ...(first?.username ? { user: decodeURIComponent(first.username), pass: decodeURIComponent(first.password) } : {}),
      ...(credentials
        ? {
            authenticator: jwtAuthenticator(
              () => credentials().jwt,
              () => credentials().seed,
            ),
          }
        : {}),
      ...(inboxPrefix ? { inboxPrefix } : {}),
      ...(first?.protocol === "tls:" ? { tls: {} } : {}),
      timeout: CONNECT_WITHIN_MS,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 500,
      reconnectJitter: 500,
      // Credentials that have expired are renewed while we keep trying.
      ignoreAuthErrorAbort: true,
      pingInterval: 5_000,
      maxPingOut: 2,
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PhonerackError("nats_unreachable", reason, { cause });
  }
}
