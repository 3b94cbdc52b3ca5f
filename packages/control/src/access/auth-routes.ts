/**
 * The door to better-auth: those of its endpoints that a log-in page, an account page or a terminal needs, and no other. Organisations,
 * keys and accounts of others go by our own contract, with its rules. Refusals leave in the words of the error table; only the terminal's
 * endpoints answer as RFC 8628 has it.
 *
 * A terminal: POST `device/code` {client_id: "phonerack"} gives `device_code`, `user_code`, `verification_uri_complete`
 * (`/device?user_code=…`, a page of the console) and `interval`; the page asks `GET device?user_code=…` and, after a yes of somebody who is
 * logged in, POSTs `device/approve` {userCode}; the terminal polls POST `device/token` {grant_type, device_code, client_id} and gets an
 * `access_token`, good as `Authorization: Bearer …` for the API.
 */
import { type ErrorCode, PhonerackError, type Rule } from "@phonerack/contract/bus";
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from "fastify";
import { z } from "zod";
import { baseUrlOf } from "../http/server.js";
import { type Accounts, AUTH_PATH, IP_HEADER } from "./accounts.js";
import { cookieNameOf, inwards, outwards } from "./cookies.js";
import { OPEN, SIGNED_IN } from "./guard.js";

interface Door {
  readonly method: HTTPMethods;
  readonly path: string;
  readonly rule: Rule;
  /** Requests a minute from one address. */
  readonly perMinute: number;
  /** What a 401 means here. */
  readonly refused: ErrorCode;
}

const open = (method: HTTPMethods, path: string, perMinute: number): Door => ({
  method,
  path,
  perMinute,
  rule: OPEN,
  refused: "log_in_failed",
});
const signedIn = (method: HTTPMethods, path: string): Door => ({
  method,
  path,
  perMinute: 30,
  rule: SIGNED_IN,
  refused: "unauthorised",
});

const DOORS: readonly Door[] = [
  open("POST", "/sign-in/email", 20),
  open("POST", "/sign-in/sso", 20),
  open("GET", "/sso/callback/:providerId", 60),
  open("POST", "/sign-out", 60),
  open("GET", "/get-session", 120),
  open("POST", "/two-factor/verify-totp", 20),
  open("POST", "/two-factor/verify-backup-code", 20),
  open("GET", "/passkey/generate-authenticate-options", 30),
  open("POST", "/passkey/verify-authentication", 20),
  open("POST", "/device/code", 20),
  open("POST", "/device/token", 60),
  signedIn("GET", "/device"),
  signedIn("POST", "/device/approve"),
  signedIn("POST", "/device/deny"),
  signedIn("POST", "/update-user"),
  signedIn("POST", "/change-password"),
  signedIn("POST", "/two-factor/enable"),
  signedIn("POST", "/two-factor/disable"),
  signedIn("POST", "/two-factor/get-totp-uri"),
  signedIn("POST", "/two-factor/generate-backup-codes"),
  signedIn("GET", "/passkey/generate-register-options"),
  signedIn("POST", "/passkey/verify-registration"),
  signedIn("GET", "/passkey/list-user-passkeys"),
  signedIn("POST", "/passkey/update-passkey"),
  signedIn("POST", "/passkey/delete-passkey"),
];

/** Tries a minute for one account, from wherever they come. */
const TRIES_PER_ACCOUNT = 10;

export function authRoutes(server: FastifyInstance, accounts: Accounts): void {
  const perAccount = server.createRateLimit({
    max: TRIES_PER_ACCOUNT,
    timeWindow: 60_000,
    keyGenerator: (request) => `account ${emailIn(request) ?? request.ip}`,
  });
  for (const door of DOORS) {
    const rateLimit = { max: door.perMinute, timeWindow: 60_000, errorResponseBuilder: () => new PhonerackError("too_many") };
    server.route({
      method: door.method,
      url: AUTH_PATH + door.path,
      config: { rule: door.rule, rateLimit },
      exposeHeadRoute: false,
      handler: async (request, reply) => {
        if (door.path === "/sign-in/email") {
          const tries = await perAccount(request);
          if (!tries.isAllowed && tries.isExceeded) throw new PhonerackError("too_many");
        }
        requireOwnPages(request.body);
        return answer(reply, await accounts.handle(requestOf(request)), door);
      },
    });
  }
}

function emailIn(request: FastifyRequest): string | undefined {
  const body = z.object({ email: z.string().max(300) }).safeParse(request.body);
  return body.success ? body.data.email.trim().toLowerCase() : undefined;
}

const Pages = z.object({
  callbackURL: z.string().optional(),
  errorCallbackURL: z.string().optional(),
  newUserCallbackURL: z.string().optional(),
});

/** Where a browser is sent after a log-in is one of our own pages, as a path: never another site, nor a path that browsers read as one. */
function requireOwnPages(body: unknown): void {
  if (typeof body !== "object" || body === null) return;
  const pages = Pages.safeParse(body);
  const fine = pages.success && Object.values(pages.data).every((page) => page === undefined || /^\/(?![/\\])/.test(page));
  if (!fine) throw new PhonerackError("bad_request", "a callback is a path of the console, such as '/'");
}

/** What better-auth gets: our own cookies, by their inner names, and nothing of a header that it would believe and we do not. */
function requestOf(request: FastifyRequest): Request {
  const headers = new Headers();
  for (const name of ["authorization", "content-type", "origin", "user-agent", "accept"]) {
    const value = request.headers[name];
    if (typeof value === "string") headers.set(name, value);
  }
  const cookies = inwards(request.headers.cookie, cookieNameOf(request));
  if (cookies !== "") headers.set("cookie", cookies);
  headers.set(IP_HEADER, request.ip);
  const hasBody = request.method !== "GET" && request.body !== undefined && request.body !== null;
  return new Request(baseUrlOf(request) + request.url, {
    method: request.method,
    headers,
    ...(hasBody ? { body: JSON.stringify(request.body) } : {}),
  });
}

async function answer(reply: FastifyReply, response: Response, door: Door): Promise<FastifyReply> {
  const name = cookieNameOf(reply.request);
  const secure = baseUrlOf(reply.request).startsWith("https:");
  for (const cookie of response.headers.getSetCookie()) reply.header("set-cookie", outwards(cookie, name, secure));
  reply.header("cache-control", "no-store");
  const text = await response.text();
  if (response.status >= 400 && !door.path.startsWith("/device/")) throw refusalOf(response.status, text, door.refused);
  const location = response.headers.get("location");
  if (location !== null) return reply.redirect(location, 303);
  return reply
    .code(response.status)
    .type(response.headers.get("content-type") ?? "application/json")
    .send(text === "" ? "null" : text);
}

function refusalOf(status: number, text: string, refused: ErrorCode): PhonerackError {
  const code = status === 401 ? refused : codeOf(status);
  // What a log-in failed of is nobody's to know.
  return new PhonerackError(code, code === "log_in_failed" || code === "internal" ? undefined : messageIn(text));
}

function codeOf(status: number): ErrorCode {
  if (status === 403) return "forbidden";
  if (status === 404) return "not_found";
  if (status === 429) return "too_many";
  return status >= 500 ? "internal" : "bad_request";
}

function messageIn(text: string): string | undefined {
  try {
    const body = z.object({ message: z.string() }).safeParse(JSON.parse(text));
    return body.success ? body.data.message.slice(0, 300) : undefined;
  } catch {
    return undefined;
  }
}
