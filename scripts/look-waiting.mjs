/**
 * What waits for a person in a lab, for `look.mjs`: three organisations on different tiers, flags that watching raises from what their people do on virtual phones, one
 * that is decided, and platforms that ask about the lab's addresses. All by the API, nothing is mocked.
 */
import { createHash, generateKeyPairSync } from "node:crypto";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const BAZAAR = "com.example.bazaar";
const DAY_MS = 86_400_000;
const APK = "application/vnd.android.package-archive";

/** `phones`: free virtual ones, at least nine; `rented`: real ones for the first organisation. @returns when the flags are there, which takes as long as what hands do takes to the log: ten seconds */
export async function fillWaiting(up, phones, rented = []) {
  const owner = await byLink(up);
  const [acme, globex, initech] = [
    await organisation(up, { id: "acme", name: "Acme Games", person: "Bo Ek" }),
    await organisation(up, { id: "globex", name: "Globex", person: "Gil Ade" }),
    await organisation(up, { id: "initech", name: "Initech", person: "Ina Roth" }),
  ];
  await tiers(owner, { acme, globex });
  const lease = async (who, devices, purpose) => (await who.ask("POST", "/leases", { devices, purpose })).id;
  if (rented.length > 0) await lease(acme, rented, "pictures for the shop");
  await lease(acme, phones.slice(0, 5), "launch of the autumn version");
  await lease(globex, phones.slice(5, 8), "a look at a shop");
  await lease(initech, phones.slice(8, 9), "sign-in tests");
  const opened = (who, id) =>
    who.ask("POST", "/jobs", { devices: [id], action: { type: "launch", package: BAZAAR }, agreed: true, wait: 20_000 });
  await Promise.all(phones.slice(0, 8).map((id, at) => opened(at < 5 ? acme : globex, id)));
  // Two of a day are free to try others' apps on; on the third it is a budget, and then it is no.
  for (let n = 0; n < 64; n++)
    await globex
      .ask("POST", `/devices/${phones[7]}/input`, { actions: [{ type: "tap", x: 300, y: 900 }] })
      .catch(() => undefined);
  for (let n = 0; n < 3; n++)
    await initech.ask("POST", "/jobs", {
      devices: [phones[8]],
      action: { type: "clear", package: BAZAAR },
      agreed: true,
      wait: 20_000,
    });
  await asked(up, owner);
  const flags = await flagged(owner, 3);
  const of = (rule) => flags.find((flag) => flag.rule === rule);
  const decide = (flag, body) => flag && owner.ask("POST", `/flags/${flag.id}/decision`, body);
  await globex
    .ask("POST", `/flags/${of("budget")?.id}/appeal`, { reason: "We compared our shop with theirs, screen by screen." })
    .catch(() => undefined);
  await decide(of("resets"), { verdict: "cleared", reason: "They showed the test: a clean start each time." });
  return { owner, acme };
}

/** What waits for a person, opened; then the same as the organisation sees it: last, since whoever is logged in stays so. */
export function waitingPages(up) {
  const as = (path) => async (page) => {
    const [, name = "", value = ""] = /^([^=]+)=(.*)$/.exec(up.tenant.cookie) ?? [];
    await page.context().addCookies([{ name, value, url: up.url, httpOnly: true, sameSite: "Strict" }]);
    await page.goto(`${up.url}${path}`);
  };
  return [
    [
      "admin-flags-open",
      async (page) => {
        await page.goto(`${up.url}/admin/flags`);
        await page.getByRole("button", { name: "entries of the log" }).first().click();
        await page.getByRole("button", { name: "Decide" }).first().click();
      },
    ],
    [
      "admin-organisations-open",
      async (page) => {
        await page.goto(`${up.url}/admin/organisations`);
        await page.getByRole("button", { name: "Manage Globex" }).click();
      },
    ],
    ["own-flags", as("/admin/flags")],
    ["own-tier", as("/admin/organisation")],
    ["own-paused", as("/leases")],
  ];
}

/** Facts, an app of their own, and the tier. */
async function tiers(owner, { acme, globex }) {
  for (const who of [acme, globex]) await proved(owner, who);
  const sha256 = createHash("sha256").update("extract").digest("hex");
  await owner.ask("PUT", "/tenants/acme/facts", {
    verified: "contract 2026-17, paid by their bank",
    domain: "acme.example",
    responsible: { name: "Bo Ek", email: "bo@acme.example" },
    extract: { reference: "Register of companies, drawer 4", sha256 },
    use: "Regression and load tests of our own game before each of its versions, on many phones at once.",
  });
  await owner.ask("PUT", "/tenants/acme/tier", {
    tier: "T3",
    phones: 60,
    reviewDue: Date.now() + 75 * DAY_MS,
    reason: "launch of their game",
  });
  await owner.ask("PUT", "/tenants/globex/facts", { verified: "contract 2026-21", domain: "globex.example" });
  await owner.ask("PUT", "/tenants/globex/tier", { tier: "T1", reason: "met them" });
  await owner.ask("PUT", "/tenants/globex/facts", { use: "Screens of our shop, compared between phones of several makers." });
}

async function proved(owner, who) {
  const { buildApk } = await import(pathToFileURL(createRequire(import.meta.url).resolve("../packages/apk/dist/index.js")).href);
  const keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const bytes = new Uint8Array(buildApk({ package: `com.example.${who.id}`, label: who.id }, keys));
  const app = await who.ask("POST", "/apps", bytes);
  await owner.ask("POST", `/apps/${app.id}/approval`, { reason: "we know them and their app" });
}

/** The lab says who it is, and two platforms ask. */
async function asked(up, owner) {
  await owner.ask("PUT", "/face", {
    operator: "Acme Device Lab",
    abuseEmail: "abuse@lab.example",
    abuseUrl: "https://lab.example/abuse",
    ptrSuffix: "egress.lab.example",
    responseHours: 48,
  });
  await owner.ask("PUT", "/face/egress", { prefixes: ["81.2.69.0/28", "2a00:1450:4001::/48"] });
  await owner.ask("PUT", "/face/egress", { prefixes: ["81.2.69.0/28", "81.2.70.0/28"] });
  const world = who(up, {});
  const ask = (message, contact) => world.ask("POST", "/abuse/lookup", { ip: "81.2.69.3", time: Date.now(), message, contact });
  await ask("200 log-ins within a minute from this address, all with new accounts.", "soc@platform.example");
  const second = await ask("Somebody looks at every page of our shop.", "net@shop.example");
  await owner.ask("POST", `/cases/${second.case.id}/answer`, {
    text: "A tenant compared screens. It is told to stop.",
    close: true,
  });
  const third = await ask("Orders that nobody pays.", "");
  await owner.ask("POST", `/cases/${third.case.id}/answer`, { text: "Which ones? The leases then are named above." });
}

async function flagged(owner, count) {
  for (let tries = 0; tries < 120; tries++) {
    const { items } = await owner.ask("GET", "/flags");
    if (items.length >= count) return items;
    await new Promise((done) => setTimeout(done, 250));
  }
  return (await owner.ask("GET", "/flags")).items;
}

async function organisation(up, { id, name, person }) {
  const { invitation } = await who(up, { authorization: `Bearer ${up.token}` }).ask("POST", "/tenants", {
    id,
    name,
    owner: `${id}@${id}.example`,
  });
  const code = invitation.link.split("/").at(-1);
  const accepted = await fetch(`${up.url}/api/v1/invitations/${code}/accept`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name: person, password: "correct horse battery" }),
  });
  return { id, ...withCookie(up, accepted) };
}

/** A person, as which the lab's owner comes in by a link. */
async function byLink(up) {
  const { link } = await who(up, { authorization: `Bearer ${up.token}` }).ask("POST", "/session/link");
  return withCookie(up, await fetch(link, { redirect: "manual" }));
}

function withCookie(up, reply) {
  const cookie = reply.headers
    .getSetCookie()
    .find((one) => /^phonerack_\d+=/.test(one))
    ?.split(";")[0];
  return { cookie, ...who(up, { cookie, origin: up.url }) };
}

function who({ url }, headers) {
  return {
    ask: async (method, path, body) => {
      const bytes = body instanceof Uint8Array;
      const type = body === undefined ? {} : { "content-type": bytes ? APK : "application/json" };
      const sent = body === undefined ? {} : { body: bytes ? body : JSON.stringify(body) };
      const reply = await fetch(`${url}/api/v1${path}`, { method, headers: { ...headers, ...type }, ...sent });
      const answer = await reply.json();
      if (!reply.ok) throw new Error(`${path} was answered ${JSON.stringify(answer)}`);
      return answer;
    },
  };
}
