/** How an agent without NATS reaches control: WebSockets to `/api/v1/bus`, with its own token or the admin token. */
import type { IncomingMessage } from "node:http";
import { readApiError } from "@phonerack/contract/api";
import { type Bus, createLinkBus, type HandlerFailed, LINK_PIECE, LINK_PROTOCOL, PhonerackError } from "@phonerack/contract/bus";
import type { Logger } from "pino";
import WebSocket from "ws";
import { isAboutCertificate } from "../api/request.js";

const ANSWER_WITHIN_MS = 5_000;

export interface LinkTarget {
  /** Control's address, `http://host:port`. */
  readonly url: string;
  /** The agent's own, or the admin token. */
  readonly token: string;
  /** The agent's name. */
  readonly agent: string;
  /** In PEM: the only authority that its certificate may be of. */
  readonly ca?: string;
  readonly log: Logger;
  readonly onError?: HandlerFailed;
}

/**
 * Tries the address and the token once, so that a wrong one is said at once, then keeps the link up for ever.
 * Fails with `control_unreachable`, or with what control refuses it for: `unauthorised`, `agent_not_found`.
 */
export async function connectLink(target: LinkTarget): Promise<Bus> {
  const address = new URL("/api/v1/bus", target.url);
  address.protocol = address.protocol.replace("http", "ws");
  const open = () =>
    new WebSocket(address, LINK_PROTOCOL, {
      headers: { authorization: `Bearer ${target.token}`, "x-phonerack-agent": target.agent },
      handshakeTimeout: ANSWER_WITHIN_MS,
      ...(target.ca === undefined ? {} : { ca: target.ca }),
      maxPayload: 2 * LINK_PIECE,
      perMessageDeflate: false,
    });
  await tryOnce(open());
  return createLinkBus({
    open,
    ...(target.onError ? { onError: target.onError } : {}),
    onState: (lane, state, reason) => {
      if (state === "down") target.log.warn({ lane, reason }, "lost control, trying again");
      else target.log.info({ lane }, "linked to control");
    },
  });
}

function tryOnce(socket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("open", () => {
      socket.close(1000);
      resolve();
    });
    socket.once("unexpected-response", (_request, response) => {
      refusalOf(response).then((refusal) => {
        reject(refusal ?? new PhonerackError("control_unreachable", `${socket.url} answered ${response.statusCode}`));
        socket.terminate();
      }, reject);
    });
    socket.on("error", (cause) => {
      const code = isAboutCertificate(cause) ? "certificate_untrusted" : "control_unreachable";
      reject(new PhonerackError(code, `${socket.url}: ${cause.message}`, { cause }));
    });
  });
}

const REFUSAL_BYTES = 16_384;

/** Undefined when what answers is no control. */
async function refusalOf(response: IncomingMessage): Promise<PhonerackError | undefined> {
  let text = "";
  for await (const chunk of response) {
    text += String(chunk);
    if (text.length > REFUSAL_BYTES) return undefined;
  }
  try {
    return readApiError(JSON.parse(text));
  } catch {
    return undefined;
  }
}
