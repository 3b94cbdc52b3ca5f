/**
 * The names of our cookies. Browsers keep them by host, whatever the port: two phoneracks on one machine must not log each other out, so
 * the port that the browser called is part of each name (not the one that we listen on: replicas behind one address share a log-in).
 */
import type { FastifyRequest } from "fastify";
import { baseUrlOf } from "../http/server.js";

/** What better-auth calls them by; no browser sees this. */
export const COOKIE = "phonerack";

export function cookieNameOf(request: FastifyRequest): string {
  const { port, protocol } = new URL(baseUrlOf(request));
  return `${COOKIE}_${port || (protocol === "https:" ? "443" : "80")}`;
}

/** The Cookie header as better-auth reads it: ours of this port, under their inner names, and nothing else. */
export function inwards(header: string | undefined, name: string): string {
  return (header ?? "")
    .split(/; */)
    .filter((pair) => pair.startsWith(`${name}=`) || pair.startsWith(`${name}.`))
    .map((pair) => COOKIE + pair.slice(name.length))
    .join("; ");
}

/** A Set-Cookie header of better-auth as the browser gets it. */
export function outwards(header: string, name: string, secure: boolean): string {
  return `${name}${header.slice(COOKIE.length)}${secure ? "; Secure" : ""}`;
}
