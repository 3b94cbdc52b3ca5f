/** Log-in by a one-time link, and the session's part of the API. */
import { LAB_TENANT, PhonerackError } from "@phonerack/contract/bus";
import type { FastifyInstance, FastifyReply } from "fastify";
import { linkUsedPage } from "../console/pages.js";
import type { RecordEvent } from "../events/events.js";
import { api } from "../http/api.js";
import { baseUrlOf } from "../http/server.js";
import type { Account } from "../people/account.js";
import type { Access } from "./access.js";
import type { OpenedSession } from "./accounts.js";
import { cookieNameOf } from "./cookies.js";
import { OPEN } from "./guard.js";
import { FIRST_OWNER } from "./store.js";

/** Attempts a minute from one address; a code is 192 random bits, so this only keeps the log and the database quiet. */
const ENTER_PER_MINUTE = 20;

export function linkOf(baseUrl: string, code: string): string {
  return `${baseUrl}/enter?code=${code}`;
}

export function sessionProcedures(access: Access, account: Account) {
  return {
    get: api.session.get.handler(({ context }) => account.session(context.caller)),
    act: api.session.act.handler(({ input, context }) => account.act(context.caller, input.tenant)),
    credentials: api.session.credentials.handler(({ input, context }) => account.setCredentials(context.caller, input)),
    logIns: api.session.logIns.handler(async ({ context }) => ({ items: await account.logIns(context.caller) })),
    revoke: api.session.revoke.handler(async ({ input, context }) => ({
      ended: await account.revoke(context.caller, input.id),
    })),
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

export async function setSessionCookie(reply: FastifyReply, access: Access, session: OpenedSession): Promise<void> {
  reply.setCookie(cookieNameOf(reply.request), await access.accounts.signed(session.token), {
    path: "/",
    httpOnly: true,
    sameSite: "strict",
    secure: baseUrlOf(reply.request).startsWith("https:"),
    expires: new Date(session.expiresAt),
  });
}

/** `/enter?code=…`: lets the browser in and sends it to the console; says so in words when the link is used up. */
export function enterRoute(server: FastifyInstance, access: Access, record: RecordEvent): void {
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
        await setSessionCookie(reply, access, entered);
        record({ actor: FIRST_OWNER, tenant: LAB_TENANT, kind: "log-in.link", subject: FIRST_OWNER, detail: { ip: request.ip } });
        return reply.redirect("/", 303);
      }
      // The link opened once more in a browser that it let in before: there is nothing to complain about.
      const cookie = request.cookies[cookieNameOf(request)];
      if (cookie !== undefined && (await access.byCookie(cookie))) return reply.redirect("/", 303);
      return reply.code(new PhonerackError("link_used").status).type("text/html; charset=utf-8").send(linkUsedPage());
    },
  );
}
