/**
 * The door of the HTTP server: is the request for this host, from our own page, and by somebody who may? It answers with the error
 * table's `forbidden_origin` or `unauthorised`; who somebody is, `access.ts` knows.
 */
import { PhonerackError } from "@phonerack/contract/bus";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Access, Caller } from "./access.js";

declare module "fastify" {
  interface FastifyRequest {
    /** Who asks; null on what is open to all. */
    caller: Caller | null;
  }
  interface FastifyContextConfig {
    /** Open to all: health, the log-in and the console's files. */
    open?: boolean;
  }
}

/**
 * Refuses requests whose Host is a foreign name on a server that listens on loopback: a page of another site can make its own name
 * resolve to 127.0.0.1 and would then be "same origin" with us (DNS rebinding).
 */
function checkHost(request: FastifyRequest): void {
  const name = hostnameOf(request.headers.host);
  if (name === undefined || !isLoopbackName(name)) {
    throw new PhonerackError("forbidden_origin", `this server answers to localhost, not to '${name ?? ""}'`);
  }
}

export function isLoopbackName(name: string): boolean {
  return name === "localhost" || name.endsWith(".localhost") || name === "[::1]" || /^127(\.\d{1,3}){3}$/.test(name);
}

/**
 * Refuses what another site's page sends: browsers name it in Origin, and there is no CORS here. Requests without Origin are a
 * page's own GETs or no browser's; a live socket that a cookie opens must have one, since every browser sends it there.
 */
function checkOrigin(request: FastifyRequest): void {
  const { origin, host } = request.headers;
  if (origin === undefined) return;
  if (host === undefined || originHost(origin) !== host.toLowerCase()) {
    throw new PhonerackError("forbidden_origin", `the page is of '${origin}'`);
  }
}

/** Finds out who asks and fails with `unauthorised`. */
export async function authenticate(request: FastifyRequest, access: Access, cookieName: string): Promise<Caller> {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const token = /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
    const caller = token === undefined ? undefined : access.byToken(token);
    if (caller) return caller;
    throw new PhonerackError("unauthorised", "the token is not the admin token");
  }
  const cookie = request.cookies[cookieName];
  const caller = cookie === undefined ? undefined : await access.bySession(cookie);
  if (!caller) throw new PhonerackError("unauthorised");
  if (request.ws && request.headers.origin === undefined) throw new PhonerackError("forbidden_origin", "no Origin");
  return caller;
}

/** Puts the guard before every route of this server. `loopback`: it listens where only this machine reaches it. */
export function guard(server: FastifyInstance, parts: { access: Access; cookieName: () => string; loopback: boolean }): void {
  server.decorateRequest("caller", null);
  server.addHook("onRequest", async (request) => {
    if (parts.loopback) checkHost(request);
    checkOrigin(request);
    if (request.routeOptions.config.open) return;
    request.caller = await authenticate(request, parts.access, parts.cookieName());
  });
}

/** The name without its port, in lower case; `[::1]` keeps its brackets. */
function hostnameOf(host: string | undefined): string | undefined {
  return host === undefined ? undefined : /^(\[[0-9a-f:.]+\]|[^:[\]]+)(:\d+)?$/.exec(host.toLowerCase())?.[1];
}

function originHost(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    return undefined;
  }
}
