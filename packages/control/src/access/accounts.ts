/**
 * better-auth, set up for phonerack: passwords, passkeys, second factors, sessions, terminals, keys and sign-on are its work, over our
 * database. What it is asked over HTTP, `auth-routes.ts` lets through; who may do what is not its business (`caller.ts`).
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { passkey } from "@better-auth/passkey";
import { LAB_TENANT } from "@phonerack/contract/bus";
import { drizzleAdapter } from "better-auth/adapters/drizzle";
import { betterAuth } from "better-auth/minimal";
import { bearer } from "better-auth/plugins/bearer";
import { deviceAuthorization } from "better-auth/plugins/device-authorization";
import { organization } from "better-auth/plugins/organization";
import { twoFactor } from "better-auth/plugins/two-factor";
import type { BetterAuthOptions, DBAdapter } from "better-auth/types";
import { asc, eq } from "drizzle-orm";
import * as tables from "../database/auth-schema.js";
import type { Db } from "../database/database.js";
import { COOKIE } from "./cookies.js";
import { type AccessStore, FIRST_OWNER } from "./store.js";
import { withHashedTokens } from "./token-hashes.js";

const SESSION_S = 30 * 24 * 3_600;
const AUTH_PATH = "/api/auth";
/** Of the first owner until one is set: a name that no mail server ever has (RFC 2606). */
export const NO_EMAIL = "owner@phonerack.invalid";

export interface AccountsParts {
  /** May still be opening. */
  readonly db: Promise<Db>;
  readonly store: AccessStore;
}

/** A log-in that was just made: the only moment at which its token is known. */
export interface OpenedSession {
  readonly id: string;
  readonly token: string;
  readonly expiresAt: number;
}

export class Accounts {
  readonly #parts: AccountsParts;
  #secret: Promise<string> | undefined;
  #built: Promise<Auth> | undefined;

  constructor(parts: AccountsParts) {
    this.#parts = parts;
  }

  /** Makes what the first start needs; each later one finds it there. */
  async start(): Promise<void> {
    await this.#theSecret();
    await this.#parts.store.makeLab(NO_EMAIL);
  }

  async openSession(userId: string, from: { ip: string; userAgent: string | undefined; tenant: string }): Promise<OpenedSession> {
    await this.#parts.store.forgetExpired(new Date());
    const { internalAdapter } = await (await this.#auth()).$context;
    const session = await internalAdapter.createSession(userId, false, {
      ipAddress: from.ip,
      userAgent: from.userAgent?.slice(0, 300) ?? "",
      activeOrganizationId: from.tenant,
    });
    return { id: session.id, token: session.token, expiresAt: session.expiresAt.getTime() };
  }

  openFirstOwner(from: { ip: string; userAgent: string | undefined }): Promise<OpenedSession> {
    return this.openSession(FIRST_OWNER, { ...from, tenant: LAB_TENANT });
  }

  /** The cookie's value: the token and its signature, as better-auth writes it. */
  async signed(token: string): Promise<string> {
    return `${token}.${signatureOf(token, await this.#theSecret())}`;
  }

  /** The token of a cookie's value; undefined when its signature is not ours. */
  async unsigned(value: string): Promise<string | undefined> {
    const dot = value.lastIndexOf(".");
    if (dot < 1) return undefined;
    const token = value.slice(0, dot);
    const given = Buffer.from(value.slice(dot + 1));
    const wanted = Buffer.from(signatureOf(token, await this.#theSecret()));
    return given.length === wanted.length && timingSafeEqual(given, wanted) ? token : undefined;
  }

  /** Answers a request below `/api/auth`, whose cookies go by their inner names. */
  async handle(request: Request): Promise<Response> {
    return (await this.#auth()).handler(request);
  }

  #theSecret(): Promise<string> {
    this.#secret ??= this.#parts.store.setting("auth-secret", randomBytes(32).toString("base64url"));
    return this.#secret;
  }

  #auth(): Promise<Auth> {
    this.#built ??= Promise.all([this.#parts.db, this.#theSecret()]).then(([db, secret]) => build(db, secret));
    return this.#built;
  }
}

type Auth = ReturnType<typeof build>;

function build(db: Db, secret: string) {
  return betterAuth({
    appName: "phonerack",
    secret,
    basePath: AUTH_PATH,
    database: (options: BetterAuthOptions) => withHashedTokens(adapterOf(db)(options) as DBAdapter),
    telemetry: { enabled: false },
    emailAndPassword: { enabled: true, minPasswordLength: 12, maxPasswordLength: 128, disableSignUp: true },
    session: { expiresIn: SESSION_S, disableSessionRefresh: true },
    databaseHooks: {
      session: {
        create: {
          // A log-in acts for an organisation from its first moment on: the one that its person joined first.
          before: async (session) => {
            if (session.activeOrganizationId) return;
            return { data: { ...session, activeOrganizationId: await firstTenantOf(db, session.userId) } };
          },
        },
      },
    },
    advanced: {
      useSecureCookies: false,
      cookiePrefix: COOKIE,
      // `Secure` is added on HTTPS, by `cookies.ts`.
      defaultCookieAttributes: { httpOnly: true, secure: false },
      cookies: { session_token: { name: COOKIE, attributes: { sameSite: "strict" } } },
    },
    plugins: [organization(), twoFactor(), passkey(), bearer(), deviceAuthorization({ verificationUri: "/device" })],
  });
}

function adapterOf(db: Db) {
  return drizzleAdapter(db, {
    provider: "pg",
    transaction: true,
    schema: {
      user: tables.users,
      session: tables.authSessions,
      account: tables.authAccounts,
      verification: tables.authVerifications,
      organization: tables.organizations,
      member: tables.members,
      invitation: tables.invitations,
      twoFactor: tables.twoFactors,
      deviceCode: tables.deviceCodes,
      passkey: tables.passkeys,
      apikey: tables.apiKeys,
      ssoProvider: tables.signOnProviders,
    },
  });
}

async function firstTenantOf(db: Db, userId: string): Promise<string | null> {
  const { members } = tables;
  const [row] = await db
    .select({ id: members.organizationId })
    .from(members)
    .where(eq(members.userId, userId))
    .orderBy(asc(members.createdAt))
    .limit(1);
  return row?.id ?? null;
}

function signatureOf(token: string, secret: string): string {
  return createHmac("sha256", secret).update(token).digest("base64");
}
