/**
 * Reaches a network board or a virtual phone directly: TCP, then ADB's log-in, which may have to wait for a person. Trying again is the
 * device's business.
 */
import { connect, type Socket } from "node:net";
import { PhonerackError } from "@phonerack/contract/bus";
import { AdbAuthenticationProcessor, AdbFeature } from "@yume-chan/adb";
import { type AdbKey, credentialStore, nativeSigner, publicKeyOffer } from "./adb-key.js";
import { HostConnection } from "./host-connection.js";
import { Lifeline } from "./lifeline.js";
import { PhoneLink, type RawStream } from "./link.js";

const CONNECT_TIMEOUT_MS = 5_000;
const LOG_IN_TIMEOUT_MS = 6_000;
/** How long a phone may show its question before we connect anew and it asks again. */
const PROMPT_TIMEOUT_MS = 10 * 60_000;
const KEEP_ALIVE_MS = 15_000;

const SILENT = "the phone accepted the connection and said nothing that ADB knows";

export interface DirectLinkOptions {
  readonly host: string;
  readonly port: number;
  readonly key: AdbKey;
  readonly signal: AbortSignal;
  /** The phone now asks its user whether to trust this host. */
  onUnauthorised(): void;
}

/** Fails with the reason in words: `device_not_ready` (nobody there), `device_timeout`, `phone_protocol`. */
export async function openDirectLink(options: DirectLinkOptions): Promise<PhoneLink> {
  const socket = await connectTcp(options);
  const life = new Lifeline();
  let asked = false;
  const authenticators = [
    nativeSigner(options.key.key),
    publicKeyOffer(() => {
      asked = true;
      options.onUnauthorised();
    }),
  ];
  const authentication = new AdbAuthenticationProcessor(authenticators, credentialStore(options.key.key));
  const connection = new HostConnection({ socket, authentication, onEnd: (reason) => life.end(reason) });
  life.onEnd(() => socket.destroy());
  const abort = () => life.end(new PhonerackError("device_not_ready", "disconnected by us"));
  options.signal.addEventListener("abort", abort, { once: true });
  if (options.signal.aborted) abort();
  life.onEnd(() => options.signal.removeEventListener("abort", abort));
  try {
    const greeting = connection.logIn();
    let banner = await life.guard(greeting, LOG_IN_TIMEOUT_MS, "log-in").catch((error: unknown) => asFailure(error, life));
    // The question stands on the phone's screen only as long as the connection does, so people get more time than machines.
    if (!banner && asked)
      banner = await life
        .guard(greeting, PROMPT_TIMEOUT_MS, "the phone's user")
        .catch((error: unknown) => asFailure(error, life));
    if (!banner) throw new PhonerackError("device_timeout", asked ? "the phone's user did not answer" : SILENT);
    const shellV2 = banner.features.includes(AdbFeature.ShellV2);
    const parts = {
      shellV2,
      features: banner.features,
      connect: (service: string) => connection.open(service),
      listen: (name: string, take: (stream: RawStream) => void) => connection.listen(name, take),
      close: () => void socket.destroy(),
    };
    return new PhoneLink(parts, life);
  } catch (error) {
    life.end(
      error instanceof PhonerackError
        ? error
        : new PhonerackError("phone_protocol", "its greeting is unreadable", { cause: error }),
    );
    throw error;
  }
}

/** undefined for time that ran out, else the failure is thrown on. */
function asFailure(error: unknown, life: Lifeline): undefined {
  if (life.ended || !(error instanceof PhonerackError && error.code === "device_timeout")) throw life.ended ?? error;
  return undefined;
}

function connectTcp({ host, port, signal }: DirectLinkOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new PhonerackError("device_not_ready", "disconnected by us"));
    const socket = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS });
    const fail = (reason: PhonerackError) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
      socket.destroy();
      reject(reason);
    };
    const abort = () => fail(new PhonerackError("device_not_ready", "disconnected by us"));
    const timer = setTimeout(
      () => fail(new PhonerackError("device_timeout", `nothing answers at ${host}:${port}; is it on and on this network?`)),
      CONNECT_TIMEOUT_MS,
    );
    signal.addEventListener("abort", abort, { once: true });
    const onError = (error: NodeJS.ErrnoException) =>
      fail(new PhonerackError("device_not_ready", unreachable(error, host, port)));
    socket.once("error", onError);
    socket.once("connect", () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
      socket.off("error", onError);
      resolve(socket);
    });
  });
}

function unreachable(error: NodeJS.ErrnoException, host: string, port: number): string {
  if (error.code === "ECONNREFUSED")
    return `${host} refuses port ${port}; switch network debugging on (adb tcpip ${port}) or wait until it has started`;
  if (error.code === "ENOTFOUND" || error.code === "EAI_AGAIN") return `the name ${host} is not known here`;
  return `${host}:${port} cannot be reached (${error.code ?? error.message})`;
}
