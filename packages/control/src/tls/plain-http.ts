/** What plain HTTP on the https port is answered: where https is, and how to trust it. Nothing else is reachable there. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { PhonerackError } from "@phonerack/contract/bus";
import type { Authority } from "./certificate-source.js";
import { CA_PATH, plainPage, TRUST_PATH, trustPage } from "./trust-page.js";

export interface PlainHttp {
  /** Null: browsers know the certificate's authority, so they are sent to https at once. */
  readonly authority: Authority | null;
  /** The address that a request named, if it is one of ours, else our own: `lab:7171`. */
  readonly hostOf: (named: string | undefined) => string;
}

const HTML = "text/html; charset=utf-8";
export const CA_TYPE = "application/x-x509-ca-cert";

export function createPlainHttp(parts: PlainHttp): Server {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000 }, (request, response) => {
    response.setHeader("cache-control", "no-store");
    response.setHeader("x-content-type-options", "nosniff");
    response.setHeader("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
    // A body would have to be read to its end before the next request; whoever sends one speaks to the wrong port.
    response.setHeader("connection", "close");
    answer(request, response, parts);
  });
  server.on("clientError", (_error, socket) => socket.destroy());
  // A live socket over plain HTTP: refused without a word, as by any server that knows no upgrade.
  server.on("upgrade", (_request, socket) => socket.destroy());
  return server;
}

function answer(request: IncomingMessage, response: ServerResponse, { authority, hostOf }: PlainHttp): void {
  const path = request.url?.startsWith("/") ? request.url : "/";
  const https = `https://${hostOf(request.headers.host)}${path}`;
  const reads = request.method === "GET" || request.method === "HEAD";
  if (!reads || path.startsWith("/api")) return refuse(response, https);
  if (authority === null) return void response.writeHead(308, { location: https }).end();
  if (path === CA_PATH) return void response.writeHead(200, { "content-type": CA_TYPE }).end(authority.pem);
  if (path === TRUST_PATH) {
    return void response.writeHead(200, { "content-type": HTML }).end(trustPage(authority, new URL("/", https).href));
  }
  // Not sent on by itself: a browser that does not trust the certificate yet would show a warning without a way out.
  response.writeHead(426, { "content-type": HTML, upgrade: "TLS/1.2, HTTP/1.1" }).end(plainPage(https));
}

/** A token that comes in the clear has been seen by the network already; it must not seem to have worked. */
function refuse(response: ServerResponse, https: string): void {
  const error = new PhonerackError("https_needed", https);
  response
    .writeHead(error.status, { "content-type": "application/json; charset=utf-8", upgrade: "TLS/1.2, HTTP/1.1" })
    .end(JSON.stringify(error.toJSON()));
}
