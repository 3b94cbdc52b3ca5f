/** Log-in by a one-time link, and the session's part of the API. */
import { LAB_TENANT, PhonerackError } from "@phonerack/contract/bus";
import type { FastifyInstance } from "fastify";
import { linkUsedPage } from "../console/pages.js";
import { api } from "../http/api.js";
import { baseUrlOf } from "../http/server.js";
import type { Access } from "./access.js";
import { known } from "./caller.js";
import { cookieNameOf } from "./cookies.js";
import { OPEN } from "./guard.js";

/** Attempts a minute from one address; a code is 192 random bits, so this only keeps the log and the database quiet. */
const ENTER_PER_MINUTE = 20;

export function linkOf(baseUrl: string, code: string): string {
  return `${baseUrl}/enter?code=${code}`;
}

export function sessionProcedures(access: Access) {
  return {
    get: api.session.get.handler(({ context }) => {
      const caller = known(context.caller);
      return {
        ...caller,
        scopes: caller.scopes === null ? null : [...caller.scopes],
        email: null,
        tenants: [{ id: LAB_TENANT, name: "Lab", role: "owner" as const }],
        complete: true,
        twoFactor: false,
      };
    }),
    link: api.session.link.handler(async ({ context }) => {
      const { code, expiresAt } = await access.newCode();
      return { link: linkOf(context.baseUrl, code), expiresAt };
    }),
    end: api.session.end.handler(async ({ context }) => {
      const session = context.caller?.session;
      context.reply.clearCookie(cookieNameOf(context.reply.request), { path: "/" });
      return { ended: session ? await access.end(session) : false };
    }),
  };
}

/** `/enter?code=…`: lets the browser in and sends it to the console; says so in words when the link is used up. */
export function enterRoute(server: FastifyInstance, access: Access): void {
  const limit = { max: ENTER_PER_MINUTE, timeWindow: 60_000, errorResponseBuilder: () => new PhonerackError("too_many") };
  server.get<{ Querystring: { code?: unknown } }>(
    "/enter",
    { config: { rule: OPEN, rateLimit: limit }, exposeHeadRoute: false },
    async (request, reply) => {
      reply.header("cache-control", "no-store");
      const { code } = request.query;
      const from = { ip: request.ip, userAgent: request.headers["user-agent"] };
      const entered = typeof code === "string" && code.length <= 100 ? await access.enter(code, from) : undefined;
      if (entered) {
        reply.setCookie(cookieNameOf(request), await access.accounts.signed(entered.token), {
          path: "/",
          httpOnly: true,
          sameSite: "strict",
          secure: baseUrlOf(request).startsWith("https:"),
          expires: new Date(entered.expiresAt),
        });
        return reply.redirect("/", 303);
      }
      // The link opened once more in a browser that it let in before: there is nothing to complain about.
      const cookie = request.cookies[cookieNameOf(request)];
      if (cookie !== undefined && (await access.byCookie(cookie))) return reply.redirect("/", 303);
      return reply.code(new PhonerackError("link_used").status).type("text/html; charset=utf-8").send(linkUsedPage());
    },
  );
}
