/** Single sign-on against a real OpenID Connect provider (npm oidc-provider) on this machine, by a browser by script. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Provider } from "oidc-provider";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startUp, type Up } from "./phonerack.js";

let up: Up;
let server: Server;
let issuer: string;

beforeAll(async () => {
  up = await startUp({ virtual: 0 });
  server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const answer = providerAt(issuer).callback();
  server.on("request", (request, response) => void answer(request, response));
}, 180_000);
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await up.stop();
});

/** Everybody is who they say they are: their name at the log-in is their address. */
function providerAt(address: string): Provider {
  return new Provider(address, {
    cookies: { keys: ["a key of the test"] },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    features: { registration: { enabled: true }, registrationManagement: { enabled: true }, devInteractions: { enabled: true } },
    findAccount: (_context, sub) => ({
      accountId: sub,
      claims: () => ({ sub, email: sub, email_verified: true, name: `Somebody ${sub.split("@")[0] ?? ""}` }),
    }),
  });
}

/** A browser as far as a log-in needs one: cookies by origin, redirects followed. */
class Browser {
  readonly #jars = new Map<string, Map<string, string>>();
  at = "";

  cookies(url: string): string {
    return [...(this.#jars.get(new URL(url).origin) ?? [])].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  async go(url: string, form?: Record<string, string>): Promise<Response> {
    let response = await this.#once(url, form);
    for (let hops = 0; response.headers.has("location") && hops < 12; hops++) {
      response = await this.#once(new URL(response.headers.get("location") ?? "", this.at).href);
    }
    return response;
  }

  async #once(url: string, form?: Record<string, string>): Promise<Response> {
    this.at = url;
    const posted = form && { method: "POST", body: new URLSearchParams(form) };
    const response = await fetch(url, { ...posted, redirect: "manual", headers: { cookie: this.cookies(url) } });
    this.keep(url, response);
    return response;
  }

  keep(url: string, response: Response): void {
    const { origin } = new URL(url);
    const jar = this.#jars.get(origin) ?? new Map<string, string>();
    this.#jars.set(origin, jar);
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value === "" || /max-age=0|expires=thu, 01 jan 1970/i.test(cookie)) jar.delete(name);
      else jar.set(name, value);
    }
  }
}

async function ask(path: string, init: { method?: string; body?: unknown } = {}) {
  const headers: Record<string, string> = { authorization: `Bearer ${up.token}` };
  if (init.body !== undefined) headers["content-type"] = "application/json";
  const body = init.body === undefined ? {} : { body: JSON.stringify(init.body) };
  const response = await fetch(`${up.url}/api/v1${path}`, { method: init.method ?? "GET", headers, ...body });
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
  return { status: response.status, body: (await response.json()) as any };
}

/** A client at the provider and the sign-on with it here, each told of the other. */
async function connect(domain: string, role: string): Promise<string> {
  const client = { redirect_uris: ["https://not-yet.example/"], token_endpoint_auth_method: "client_secret_basic" };
  const json = { "content-type": "application/json" };
  const made = await fetch(`${issuer}/reg`, { method: "POST", headers: json, body: JSON.stringify(client) });
  const registered = (await made.json()) as Record<string, string>;
  const { client_id: clientId, client_secret: clientSecret } = registered;
  const { status, body } = await ask("/sign-on", { method: "POST", body: { issuer, domain, clientId, clientSecret, role } });
  expect({ status, body }).toMatchObject({ status: 201, body: { issuer, domain, clientId, role, tenant: "lab" } });
  const uri = `${up.url}/api/auth/sso/callback/${body.id}`;
  const { registration_access_token, registration_client_uri, client_id_issued_at, client_secret_expires_at, ...rest } =
    registered;
  expect([client_id_issued_at, client_secret_expires_at]).toBeDefined();
  const changed = await fetch(registration_client_uri ?? "", {
    method: "PUT",
    headers: { ...json, authorization: `Bearer ${registration_access_token}` },
    body: JSON.stringify({ ...rest, redirect_uris: [uri] }),
  });
  expect(changed.status, await changed.text()).toBe(200);
  return body.id;
}

/** Types an address into our log-in page, then logs in at the provider as somebody. */
async function logIn(typed: string, as: string): Promise<Browser> {
  const browser = new Browser();
  const path = `${up.url}/api/auth/sign-in/sso`;
  const begun = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json", origin: up.url },
    body: JSON.stringify({ email: typed, callbackURL: "/", errorCallbackURL: "/log-in" }),
  });
  const { url } = (await begun.json()) as { url: string };
  expect(begun.status).toBe(200);
  browser.keep(path, begun);
  await browser.go(url);
  expect(browser.at).toContain(`${issuer}/interaction/`);
  await browser.go(browser.at, { prompt: "login", login: as, password: "any" });
  if (browser.at.startsWith(issuer)) await browser.go(browser.at, { prompt: "consent" });
  return browser;
}

describe("single sign-on", () => {
  test("makes somebody of the organisation's domain a member at their first log-in, and is the same person at the next", async () => {
    await connect("corp.example", "operator");
    const browser = await logIn("anna@corp.example", "anna@corp.example");
    expect(browser.at).toBe(`${up.url}/`);
    const session = await fetch(`${up.url}/api/v1/session`, { headers: { cookie: browser.cookies(up.url) } });
    expect(await session.json()).toMatchObject({
      name: "Somebody anna",
      email: "anna@corp.example",
      tenant: "lab",
      role: "operator",
      complete: true,
    });
    await logIn("anna@corp.example", "anna@corp.example");
    const { items } = (await ask("/members")).body;
    expect(items.filter(({ email }: { email: string }) => email === "anna@corp.example")).toHaveLength(1);
  }, 120_000);

  test("brings nobody of another domain, and takes over nobody's account", async () => {
    await connect("other.example", "member");
    const before = (await ask("/members")).body.items.length;
    for (const claimed of ["mallory@corp.example", "anna@corp.example"]) {
      const browser = await logIn("x@other.example", claimed);
      const session = await fetch(`${up.url}/api/v1/session`, { headers: { cookie: browser.cookies(up.url) } });
      expect({ claimed, status: session.status }).toEqual({ claimed, status: 401 });
    }
    expect((await ask("/members")).body.items).toHaveLength(before);
  }, 120_000);

  test("is refused for what is no provider, and is gone when it is taken away", async () => {
    const body = { issuer: up.url, domain: "none.example", clientId: "x", clientSecret: "y" };
    expect(await ask("/sign-on", { method: "POST", body })).toMatchObject({ status: 400, body: { code: "bad_request" } });
    const [first] = (await ask("/sign-on")).body.items;
    expect(JSON.stringify(first)).not.toContain("clientSecret");
    expect((await ask(`/sign-on/${first.id}`, { method: "DELETE" })).status).toBe(200);
    const begun = await fetch(`${up.url}/api/auth/sign-in/sso`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: up.url },
      body: JSON.stringify({ email: `anna@${first.domain}`, callbackURL: "/" }),
    });
    expect(begun.status).toBe(404);
  }, 60_000);
});
