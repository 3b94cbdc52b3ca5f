/** How an agent without NATS reaches control: WebSockets to `/api/v1/bus`, with the admin token. */
import { type Bus, createLinkBus, type HandlerFailed, LINK_PIECE, LINK_PROTOCOL, PhonerackError } from "@phonerack/contract/bus";
import type { Logger } from "pino";
import WebSocket from "ws";
import { isAboutCertificate } from "../api/request.js";

const ANSWER_WITHIN_MS = 5_000;

export interface LinkTarget {
  /** Control's address, `http://host:port`. */
  readonly url: string;
  readonly token: string;
  /** In PEM: the only authority that its certificate may be of. */
  readonly ca?: string;
  readonly log: Logger;
  readonly onError?: HandlerFailed;
}

/**
 * Tries the address and the token once, so that a wrong one is said at once, then keeps the link up for ever.
 * Fails with `control_unreachable` or `unauthorised`.
 */
export async function connectLink(target: LinkTarget): Promise<Bus> {
  const address = new URL("/api/v1/bus", target.url);
  address.protocol = address.protocol.replace("http", "ws");
  const open = () =>
    new WebSocket(address, LINK_PROTOCOL, {
      headers: { authorization: `Bearer ${target.token}` },
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
      const status = response.statusCode ?? 0;
      const code = status === 401 || status === 403 ? "unauthorised" : "control_unreachable";
      reject(new PhonerackError(code, `${socket.url} answered ${status}`));
      socket.terminate();
    });
    socket.on("error", (cause) => {
      const code = isAboutCertificate(cause) ? "certificate_untrusted" : "control_unreachable";
      reject(new PhonerackError(code, `${socket.url}: ${cause.message}`, { cause }));
    });
  });
}
