/**
 * The door of the HTTP server: is the request for this host, from our own page, and by somebody who may? It answers with the error
 * table's `forbidden_origin`, `unauthorised`, `forbidden` or `scope_missing`; who somebody is, `access.ts` knows, and what a rule means,
 * `caller.ts`.
 */
import { PhonerackError, type Rule } from "@phonerack/contract/bus";
import type { FastifyInstance, FastifyRequest, RouteOptions } from "fastify";
import type { Access } from "./access.js";
import { type Caller, obey } from "./caller.js";
import { cookieNameOf } from "./cookies.js";
import type { Refused } from "./refusals.js";

declare module "fastify" {
  interface FastifyRequest {
    /** Who asks; null for nobody we know, and on open routes that do not ask. */
    caller: Caller | null;
  }
  interface FastifyContextConfig {
    /** Who may use the route; a server does not start with a route that has none. */
    rule?: Rule;
    /** An open route that wants to know who asks nevertheless. */
    greets?: boolean;
  }
}

/** The console's files and the log-in. */
export const OPEN: Rule = { who: "open", scope: "read" };
export const SIGNED_IN: Rule = { who: "signed-in", scope: "read" };

/**
 * Refuses requests whose Host is a foreign name: a page of another site can make its own name resolve to 127.0.0.1, or to a machine of
 * this network, and would then be "same origin" with us (DNS rebinding).
 */
function checkHost(request: FastifyRequest, answersTo: (host: string) => boolean): void {
  const name = hostnameOf(request.headers.host);
  if (name === undefined || !answersTo(name)) {
    throw new PhonerackError("forbidden_origin", `this server does not answer to '${name ?? ""}'; --public-url names another`);
  }
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

/** Who asks; null when what they show lets nobody in. */
async function callerOf(request: FastifyRequest, access: Access): Promise<Caller | null> {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const token = /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
    return (token === undefined ? undefined : await access.byBearer(token)) ?? null;
  }
  const cookie = request.cookies[cookieNameOf(request)];
  const caller = cookie === undefined ? undefined : await access.byCookie(cookie);
  if (caller && request.ws && request.headers.origin === undefined) throw new PhonerackError("forbidden_origin", "no Origin");
  return caller ?? null;
}

export interface GuardParts {
  readonly access: Access;
  /** Whether a host, without its port, is one of ours. */
  readonly answersTo: (host: string) => boolean;
  /** Hears of everybody who showed something and was not let in by it, or not so far. */
  readonly refused?: (refused: Refused) => void;
}

/** Puts the guard before every route of this server. */
export function guard(server: FastifyInstance, parts: GuardParts): void {
  server.decorateRequest("caller", null);
  server.addHook("onRoute", requireRule);
  server.addHook("onRequest", async (request) => {
    checkHost(request, parts.answersTo);
    checkOrigin(request);
    // Only what is nowhere has no rule: who is not logged in does not learn that.
    const { rule = SIGNED_IN, greets } = request.routeOptions.config;
    if (rule.who !== "open" || greets) request.caller = await callerOf(request, parts.access);
    try {
      obey(rule, request.caller);
    } catch (error) {
      const knocks = request.caller !== null || request.headers.authorization !== undefined;
      if (error instanceof PhonerackError && knocks)
        parts.refused?.({ caller: request.caller, code: error.code, route: request.routeOptions.url ?? "" });
      throw error;
    }
  });
}

function requireRule(route: RouteOptions): void {
  if (route.config?.rule === undefined) throw new Error(`the route ${String(route.method)} ${route.url} has no rule`);
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
