/** The passkey ceremony in Chromium, with its virtual authenticator (WebAuthn over CDP) in place of a finger. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newPage, startChromium } from "./chromium.js";
import { startUp, type Up } from "./phonerack.js";

let up: Up;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  [up, browser] = await Promise.all([startUp({ virtual: 0 }), startChromium()]);
  // A passkey belongs to a name; an address of numbers can have none.
  ({ page } = await newPage(browser, up.console.replace("127.0.0.1", "localhost")));
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  const options = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true } as const;
  await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: { ...options, isUserVerified: true, automaticPresenceSimulation: true },
  });
}, 180_000);
afterAll(async () => {
  await browser?.close();
  await up?.stop();
});

interface Answered {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
  readonly body: any;
}

/** As the page itself would ask. */
function ask(method: string, path: string, body?: unknown): Promise<Answered> {
  return page.evaluate(
    async ([asked, at, json]) => {
      const content = json === null ? {} : { body: json, headers: { "content-type": "application/json" } };
      const response = await fetch(at, { method: asked, ...content });
      return { status: response.status, body: await response.json() };
    },
    [method, path, body === undefined ? null : JSON.stringify(body)] as const,
  );
}

function register(options: PublicKeyCredentialCreationOptionsJSON): Promise<unknown> {
  return page.evaluate(async (asked) => {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(asked);
    return ((await navigator.credentials.create({ publicKey })) as PublicKeyCredential).toJSON();
  }, options);
}

function assert(options: PublicKeyCredentialRequestOptionsJSON): Promise<unknown> {
  return page.evaluate(async (asked) => {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(asked);
    return ((await navigator.credentials.get({ publicKey })) as PublicKeyCredential).toJSON();
  }, options);
}

test("a passkey is made by who came in by the link, and then lets them in by itself", async () => {
  expect((await ask("GET", "/api/v1/session")).body).toMatchObject({ actor: "owner", complete: false });
  const creation = await ask("GET", "/api/auth/passkey/generate-register-options?name=finger");
  expect(creation.status).toBe(200);
  const made = await ask("POST", "/api/auth/passkey/verify-registration", {
    response: await register(creation.body),
    name: "finger",
  });
  expect(made.status, JSON.stringify(made.body)).toBe(200);
  expect((await ask("GET", "/api/v1/session")).body).toMatchObject({ complete: true });
  expect((await ask("GET", "/api/auth/passkey/list-user-passkeys")).body).toEqual([expect.objectContaining({ name: "finger" })]);
  expect((await ask("DELETE", "/api/v1/session")).body).toEqual({ ended: true });
  expect((await ask("GET", "/api/v1/session")).status).toBe(401);

  const challenge = await ask("GET", "/api/auth/passkey/generate-authenticate-options");
  const response = await assert(challenge.body);
  expect((await ask("POST", "/api/auth/passkey/verify-authentication", { response })).status).toBe(200);
  expect((await ask("GET", "/api/v1/session")).body).toMatchObject({ actor: "owner", kind: "person", tenant: "lab" });

  // The same answer once more, without its challenge, is nobody's.
  await ask("DELETE", "/api/v1/session");
  const replayed = await ask("POST", "/api/auth/passkey/verify-authentication", { response });
  expect(replayed.status).toBeGreaterThanOrEqual(400);
  expect((await ask("GET", "/api/v1/session")).status).toBe(401);
  expect(up.stderr()).toBe("");
}, 120_000);
