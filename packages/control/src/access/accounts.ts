/**
 * better-auth, set up for phonerack: passwords, passkeys, second factors, sessions, terminals, keys and sign-on are its work, over our
 * database. What it is asked over HTTP, `auth-routes.ts` lets through; who may do what is not its business (`caller.ts`).
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { apiKey } from "@better-auth/api-key";
import { passkey } from "@better-auth/passkey";
import { sso } from "@better-auth/sso";
import { LAB_TENANT, readable } from "@phonerack/contract/bus";
import { drizzleAdapter } from "better-auth/adapters/drizzle";
import { betterAuth } from "better-auth/minimal";
import { bearer } from "better-auth/plugins/bearer";
import { deviceAuthorization } from "better-auth/plugins/device-authorization";
import { organization } from "better-auth/plugins/organization";
import { twoFactor } from "better-auth/plugins/two-factor";
import type { BetterAuthOptions, DBAdapter } from "better-auth/types";
import { eq } from "drizzle-orm";
import type { Logger } from "pino";
import * as tables from "../database/auth-schema.js";
import type { Db } from "../database/database.js";
import { COOKIE } from "./cookies.js";
import { type AccessStore, FIRST_OWNER } from "./store.js";
import { withHashedTokens } from "./token-hashes.js";

const SESSION_S = 30 * 24 * 3_600;
export const AUTH_PATH = "/api/auth";
/** Where we tell better-auth whose address a request comes from; what a client says under this name goes no further. */
export const IP_HEADER = "x-phonerack-address";
/** The first characters of each API key. */
export const KEY_PREFIX = "prk_";
const DAY_S = 24 * 3_600;
/** Of the first owner until one is set: a name that no mail server ever has (RFC 2606). */
export const NO_EMAIL = "owner@phonerack.invalid";

export interface AccountsParts {
  /** May still be opening. */
  readonly db: Promise<Db>;
  readonly store: AccessStore;
  readonly log: Logger;
}

export interface NewKey {
  readonly userId: string;
  readonly name: string;
  /** null: it does not expire. */
  readonly days: number | null;
  /** What it may, kept with it. */
  readonly grant: object;
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

  /** A new account that logs in with e-mail and password. Fails when there is one with this e-mail. */
  async addPerson(person: { name: string; email: string; password: string }): Promise<string> {
    const context = await (await this.#auth()).$context;
    const { id } = await context.internalAdapter.createUser(
      { name: person.name, email: person.email, emailVerified: false },
      { method: "email-password" },
    );
    await this.setPassword(id, person.password);
    return id;
  }

  /** The first password of an account that has none. */
  async setPassword(userId: string, password: string): Promise<void> {
    const context = await (await this.#auth()).$context;
    const hash = await context.password.hash(password);
    await context.internalAdapter.linkAccount({ userId, providerId: "credential", accountId: userId, password: hash });
  }

  /** Makes an API key; the only moment at which it can be read. */
  async addKey({ userId, name, days, grant }: NewKey): Promise<{ id: string; key: string }> {
    const auth = await this.#auth();
    const expiresIn = days === null ? null : days * DAY_S;
    const { id, key } = await auth.api.createApiKey({ body: { userId, name, expiresIn, metadata: grant } });
    return { id, key };
  }

  /** The id of an API key; undefined when it never was, is gone or has expired. */
  async keyId(key: string): Promise<string | undefined> {
    const auth = await this.#auth();
    const verified = await auth.api.verifyApiKey({ body: { key } });
    return verified.valid ? verified.key?.id : undefined;
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
    this.#built ??= Promise.all([this.#parts.db, this.#theSecret()]).then(([db, secret]) =>
      build({ db, secret, log: this.#parts.log }),
    );
    return this.#built;
  }
}

type Auth = ReturnType<typeof build>;

function build({ db, secret, log }: { db: Db; secret: string; log: Logger }) {
  return betterAuth({
    appName: "phonerack",
    secret,
    basePath: AUTH_PATH,
    database: (options: BetterAuthOptions) => withHashedTokens(adapterOf(db)(options) as DBAdapter),
    telemetry: { enabled: false },
    // Forged keys and wrong passwords are no news to whoever runs this.
    logger: { level: "warn", log: (level, message) => log.debug({ level }, message) },
    // People come by invitation or by their organisation's sign-on.
    emailAndPassword: { enabled: true, minPasswordLength: 12, maxPasswordLength: 128, disableSignUp: true },
    // An account at a provider is that account: a provider that claims somebody's e-mail address does not get theirs here.
    account: { accountLinking: { enabled: false } },
    session: { expiresIn: SESSION_S, disableSessionRefresh: true },
    // Ours stands at the door.
    rateLimit: { enabled: false },
    trustedOrigins: () => providerOrigins(db),
    databaseHooks: {
      user: {
        create: {
          before: async (user, context) =>
            (await mayBring(db, user.email, context?.params?.providerId))
              ? // What a tenant's own provider claims of an address is the tenant's word.
                { data: { ...user, name: nameOf(user), emailVerified: false } }
              : false,
        },
        // What `/update-user` takes is better-auth's to read, what a name may be is ours.
        update: { before: async (user) => ({ data: user.name === undefined ? user : { ...user, name: nameOf(user) } }) },
      },
    },
    advanced: {
      useSecureCookies: false,
      // The guard has looked at the request's origin.
      disableCSRFCheck: true,
      cookiePrefix: COOKIE,
      // `Secure` is added on HTTPS, by `cookies.ts`.
      defaultCookieAttributes: { httpOnly: true, secure: false },
      cookies: { session_token: { name: COOKIE, attributes: { sameSite: "strict" } } },
      ipAddress: { ipAddressHeaders: [IP_HEADER] },
    },
    plugins: [
      organization(),
      twoFactor({ issuer: "phonerack" }),
      passkey({ rpName: "phonerack" }),
      bearer(),
      deviceAuthorization({ verificationUri: "/device", validateClient: (client) => client === "phonerack" }),
      apiKey({
        defaultPrefix: KEY_PREFIX,
        startingCharactersConfig: { charactersLength: 8 },
        enableMetadata: true,
        rateLimit: { enabled: false },
        keyExpiration: { maxExpiresIn: 3_650 },
      }),
      sso({ organizationProvisioning: { getRole: async ({ provider }) => roleOf(db, provider.providerId) } }),
    ],
  });
}

/** By whichever way it comes, a provider's included. */
function nameOf({ name }: { readonly name?: unknown }): string {
  return readable(typeof name === "string" ? name : "")
    .replaceAll(/\s+/g, " ")
    .trim()
    .slice(0, 80);
}

function adapterOf(db: Db) {
  return drizzleAdapter(db, {
    provider: "pg",
    // PGlite is one connection: a question of our own hooks would wait for the very transaction that waits for it.
    transaction: false,
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

/** Providers that owners have registered may be asked, also those of a lab's own network. */
async function providerOrigins(db: Db): Promise<string[]> {
  const rows = await db.select({ issuer: tables.signOnProviders.issuer }).from(tables.signOnProviders);
  return rows.map(({ issuer }) => new URL(issuer).origin);
}

/** Whether an account with this address may be made: a sign-on provider brings people of its own domain only. */
async function mayBring(db: Db, email: string, providerId: unknown): Promise<boolean> {
  if (typeof providerId !== "string") return true;
  const provider = await providerOf(db, providerId);
  return provider !== undefined && email.toLowerCase().endsWith(`@${provider.domain}`);
}

async function roleOf(db: Db, providerId: string): Promise<"admin" | "member"> {
  const provider = await providerOf(db, providerId);
  // better-auth's own names of roles stand in its types; it keeps whatever it is told.
  return (provider?.role ?? "viewer") as "member";
}

async function providerOf(db: Db, providerId: string): Promise<{ domain: string; role: string } | undefined> {
  const { signOnProviders } = tables;
  const [row] = await db.select().from(signOnProviders).where(eq(signOnProviders.providerId, providerId));
  return row;
}

function signatureOf(token: string, secret: string): string {
  return createHmac("sha256", secret).update(token).digest("base64");
}
