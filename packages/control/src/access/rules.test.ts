/**
 * Who may use which route: every route of the contract × everybody there is, asked of a real control and compared with what the route's rule
 * says. A new route is in it by itself; one with an id in its path must say here whose id is a stranger's.
 */
import {
  atLeast,
  CrashNews,
  encodeMessage,
  LAB_TENANT,
  type Role,
  type Rule,
  type Scope,
  subjects,
} from "@phonerack/contract/bus";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { crashOf, FakeAgent, reportOf } from "../../test/fake-agent.js";
import { Person } from "../../test/person.js";
import { type Answer, type RunningControl, runControl, until } from "../../test/running-control.js";
import { uploadApk } from "../../test/upload-apk.js";
import { type ContractRoute, contractRoutes } from "../http/api.js";

const PASSWORD = "correct horse battery";
const ROLES: readonly Role[] = ["viewer", "member", "operator", "owner"];
const SCOPES: readonly Scope[] = ["read", "drive", "manage", "operate"];

/** Somebody, and what the rules know of them. */
interface Somebody {
  readonly what: string;
  readonly role: Role | null;
  readonly lab: "owner" | "operator" | null;
  readonly scopes: readonly Scope[] | null;
  ask(route: ContractRoute, id: string, body?: unknown): Promise<Answer>;
}

let running: RunningControl;
let agent: FakeAgent;
let beating: NodeJS.Timeout;
const everybody: Somebody[] = [];
const members: Somebody[] = [];
/** By the first word of a route's path: the id of something of another organisation. */
const foreign: Record<string, string> = {};

beforeAll(async () => {
  running = await runControl();
  agent = new FakeAgent(running.bus);
  agent.beat();
  beating = setInterval(() => agent.beat(), 1_000);
  agent.report(reportOf("device-1"));
  await until(async () => (await running.ask("/health")).body.devices === 1, "the device");
  const first = await Person.byLink(running);
  const anonymous = Person.byBearer(running, "nobody-at-all");
  everybody.push(somebody("anonymous", anonymous, { role: null, lab: null }));
  everybody.push(somebody("admin token", Person.byBearer(running, running.control.token), { role: "owner", lab: "owner" }));
  const acme = await newTenant(first, "acme");
  const theirs = await peopleOf(acme, "acme");
  for (const role of ROLES) members.push(somebody(`${role} of a tenant`, theirs[role], { role, lab: null }));
  everybody.push(...members);
  const lab = await peopleOf(first, LAB_TENANT);
  for (const role of ROLES) everybody.push(somebody(`${role} of the lab`, lab[role], { role, lab: labOf(role) }));
  for (const role of ROLES) everybody.push(...(await keysOf(acme, { role, lab: null })));
  for (const role of ROLES) everybody.push(...(await keysOf(first, { role, lab: labOf(role) })));
  await strangersThings(first);
}, 240_000);
afterAll(async () => {
  clearInterval(beating);
  agent.stop();
  await running.stop();
});

function labOf(role: Role): "owner" | "operator" | null {
  return role === "owner" || role === "operator" ? role : null;
}

function somebody(
  what: string,
  person: Person,
  is: { role: Role | null; lab: "owner" | "operator" | null; scopes?: readonly Scope[] },
): Somebody {
  return {
    what,
    role: is.role,
    lab: is.lab,
    scopes: is.scopes ?? null,
    ask: (route, id, body) =>
      person.ask(route.path.replace("{id}", id).replace("{seq}", "1").replace("{device}", "device-2"), {
        method: route.method as string,
        ...(route.method === "GET" ? {} : { body: body ?? {} }),
      }),
  };
}

async function newTenant(first: Person, id: string): Promise<Person> {
  const { body } = await first.ask("/tenants", { method: "POST", body: { id, name: id, owner: `boss@${id}.example` } });
  return Person.byInvitation(running, body.invitation.link, { name: `Boss of ${id}`, password: PASSWORD });
}

async function peopleOf(boss: Person, tenant: string): Promise<Record<Role, Person>> {
  const made = {} as Record<Role, Person>;
  for (const role of ROLES) {
    const { body } = await boss.ask("/invitations", { method: "POST", body: { email: `${role}@${tenant}.example`, role } });
    made[role] = await Person.byInvitation(running, body.link, { name: `${role} of ${tenant}`, password: PASSWORD });
  }
  return made;
}

/** One key with each scope alone, and one with all. */
async function keysOf(boss: Person, is: { role: Role; lab: "owner" | "operator" | null }): Promise<Somebody[]> {
  const keys: Somebody[] = [];
  for (const scopes of [...SCOPES.map((scope) => [scope]), SCOPES]) {
    const { body } = await boss.ask("/keys", { method: "POST", body: { name: scopes.join("+"), scopes, role: is.role } });
    const what = `key with ${scopes.join("+")}, ${is.role}${is.lab ? " of the lab" : ""}`;
    keys.push(somebody(what, Person.byBearer(running, body.key), { ...is, scopes }));
  }
  return keys;
}

/** Another organisation with one of everything that has an id. */
async function strangersThings(first: Person): Promise<void> {
  const boss = await newTenant(first, "strangers");
  const ask = async (path: string, body: unknown) => (await boss.ask(path, { method: "POST", body })).body;
  foreign.members = (await boss.ask("/session")).body.actor;
  foreign.keys = (await ask("/keys", { name: "theirs", scopes: ["read"] })).info.id;
  foreign.invitations = (await ask("/invitations", { email: "new@strangers.example", role: "viewer" })).id;
  foreign.session = (await boss.ask("/session/log-ins")).body.items[0].id;
  foreign.leases = (await ask("/leases", { devices: ["device-1"] })).id;
  foreign.devices = "device-1";
  foreign.groups = (await ask("/groups", { devices: ["device-1"], agreeToFence: true })).id;
  const job = { devices: ["device-1"], action: { type: "shell", command: "true" }, agreed: true };
  foreign.jobs = (await ask("/jobs", job)).id;
  foreign.flows = (await ask("/flows", { name: "theirs", yaml: "appId: org.example.app\n---\n- back\n" })).id;
  foreign.apps = (await uploadApk(running, { bearer: boss.headers })).body.id;
  const recorded = await boss.ask("/devices/device-1/recording", { method: "PUT", body: { record: true } });
  foreign.artifacts = recorded.body.running.artifact;
  foreign.tenants = "strangers";
  foreign.uploads = (await ask("/uploads", { name: "theirs.bin", size: 10 })).id;
  foreign.builds = (await boss.ask("/builds")).body.items[0].id;
  const { epoch } = (await boss.ask("/devices/device-1")).body.hold;
  running.bus.publish(subjects.crash("agent-1"), encodeMessage(CrashNews, crashOf("device-1", epoch)));
  foreign.crashes = await until(async () => (await boss.ask("/crashes")).body.items[0]?.id, "their crash");
  foreign["adb-keys"] = (await ask("/adb-keys", { key: Buffer.alloc(524, 64).fill("\x40\0\0\0", 0, 4).toString("base64") })).id;
  const adding = { package: "com.android.settings", activity: "com.android.settings.accounts.AddAccountSettings" };
  agent.report(reportOf("device-1", { foreground: adding }));
  foreign.flags = await until(async () => (await boss.ask("/flags")).body.items[0]?.id, "their flag");
  foreign["sign-on"] = "no-provider-of-theirs-here";
  for (const [kind, id] of Object.entries(foreign)) expect({ kind, id }).toEqual({ kind, id: expect.any(String) });
}

/** What the rule says; the words of the refusal, or undefined for who is let through. */
function refusalBy(rule: Rule, { what, role, lab, scopes }: Somebody): string | undefined {
  if (rule.who === "open") return undefined;
  if (what === "anonymous") return "unauthorised";
  const allowed = {
    "signed-in": true,
    "lab-owner": lab === "owner",
    "lab-operator": lab !== null,
  };
  const fits = rule.who in allowed ? allowed[rule.who as keyof typeof allowed] : role !== null && atLeast(role, rule.who as Role);
  if (!fits) return "forbidden";
  return scopes === null || scopes.includes(rule.scope) ? undefined : "scope_missing";
}

/** What became of it: a refusal by rule, or undefined for whatever else, a refusal for other reasons among them. */
function refusalIn({ status, body }: Answer): string | undefined {
  if (status === 401 && body.code === "unauthorised") return "unauthorised";
  if (body?.code === "scope_missing") return "scope_missing";
  return body?.code === "forbidden" && body.detail?.startsWith("this needs: ") ? "forbidden" : undefined;
}

/** Ends the very log-in that asks; its rule is that of its neighbours. */
const LAST = "session.end";

describe("every route lets in whom its rule names, and nobody else", () => {
  const routes = contractRoutes().sort((a, b) => Number(a.name === LAST) - Number(b.name === LAST));
  test.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))("%s", async (_name, route) => {
    expect(route.rule.who).toBeTruthy();
    for (const who of everybody) {
      // Bodies are empty and ids nobody's: who gets through is told so, and nothing happens.
      const answer = await who.ask(route, "no-such-thing-anywhere");
      expect({ who: who.what, refused: refusalIn(answer) }).toEqual({ who: who.what, refused: refusalBy(route.rule, who) });
      expect(answer.status, `${who.what} got ${JSON.stringify(answer.body)}`).not.toBe(500);
    }
  });
});

/** What a request must say to come as far as its id; routes that need nothing are not in it. */
const BODIES: Record<string, unknown> = {
  "members.setRole": { role: "viewer" },
  "leases.extend": { until: Date.now() + 7_200_000 },
  "leases.handOver": { to: "boss@acme.example" },
  "groups.step": { step: { type: "key", key: "HOME" } },
  "groups.member": { action: "retry" },
  "groups.replay": { yaml: "appId: org.example.app\n---\n- back\n" },
  "apps.prove": { nonce: "none", algorithm: "ecdsa", signature: "AAAA" },
  "flags.appeal": { reason: "it was nothing" },
  "devices.input": { actions: [{ type: "tap", x: 1, y: 1 }] },
};

describe("what is another organisation's is answered like what does not exist", () => {
  const tenantRoutes = contractRoutes().filter(
    ({ path, rule }) => path.includes("{id}") && rule.who !== "open" && !rule.who.startsWith("lab-"),
  );
  const made: Record<string, string> = {
    leases: "l-abcdefghij234567",
    devices: "device-2",
    apps: "a-abcdefghij234567",
    groups: "g-abcdefghij234567",
    flows: "f-abcdefghij234567",
    artifacts: "r-abcdefghij234567",
    tenants: "nobody-at-all",
  };
  test.each(tenantRoutes.map((route) => [`${route.method} ${route.path}`, route] as const))("%s", async (_name, route) => {
    const kind = route.path.split("/")[1] ?? "";
    const id = foreign[kind];
    if (id === undefined) throw new Error(`say above which id of '${kind}' is another organisation's`);
    const none = made[kind] ?? "no-such-thing-anywhere";
    for (const who of members) {
      const [theirs, nobodys] = [await who.ask(route, id, BODIES[route.name]), await who.ask(route, none, BODIES[route.name])];
      const told = { who: who.what, status: theirs.status, body: withoutId(theirs.body, id) };
      expect(told).toEqual({ who: who.what, status: nobodys.status, body: withoutId(nobodys.body, none) });
      expect(told.status, `${route.name}: give it a body above`).not.toBe(400);
    }
  });

  test("in lists nobody finds anything of another organisation", async () => {
    const lists = contractRoutes().filter(
      ({ method, path, rule }) => method === "GET" && !path.includes("{id}") && rule.who !== "open",
    );
    const secrets = Object.values(foreign).filter((id) => id !== foreign["sign-on"]);
    for (const route of lists) {
      for (const who of members) {
        const { body } = await who.ask(route, "");
        const text = JSON.stringify(body);
        for (const secret of [...secrets, "strangers"])
          expect({ route: route.name, who: who.what, text }).not.toEqual({
            route: route.name,
            who: who.what,
            text: expect.stringContaining(secret),
          });
      }
    }
  });
});

function withoutId(body: unknown, id: string): unknown {
  return JSON.parse(JSON.stringify(body).replaceAll(id, "ID"));
}

describe("forged", () => {
  const cookieName = () => `phonerack_${new URL(running.control.url).port}`;
  test.each([
    ["a cookie without a signature", () => ({ cookie: `${cookieName()}=abcdefghijklmnopqrstuvwxyz012345` })],
    [
      "a cookie with a wrong signature",
      () => ({ cookie: `${cookieName()}=abcdefghijklmnopqrstuvwxyz012345.${"A".repeat(43)}=` }),
    ],
    ["a cookie of nothing", () => ({ cookie: `${cookieName()}=` })],
    ["a cookie of bytes that are no text", () => ({ cookie: `${cookieName()}=%E0%A4%A` })],
    ["a key that never was", () => ({ authorization: `Bearer prk_${"a".repeat(64)}` })],
    ["a key's prefix alone", () => ({ authorization: "Bearer prk_" })],
    ["a token that never was", () => ({ authorization: `Bearer ${"a".repeat(32)}` })],
    ["a token that looks signed", () => ({ authorization: "Bearer a.b" })],
    ["a token of 8,000 characters", () => ({ authorization: `Bearer ${"a".repeat(8_000)}` })],
  ])("%s lets nobody in", async (_what, headers) => {
    const response = await running.knock("/api/v1/session", { headers: headers() as Record<string, string> });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ code: "unauthorised" });
  });

  test("a cookie of one log-in with the signature of another lets nobody in", async () => {
    const [a, b] = [await Person.byLink(running), await Person.byLink(running)];
    const valueIn = (person: Person) => decodeURIComponent((person.headers.cookie ?? "").split("=").slice(1).join("="));
    const mixed = `${valueIn(a).split(".")[0]}.${valueIn(b).split(".")[1]}`;
    const response = await running.knock("/api/v1/session", { headers: { cookie: `${cookieName()}=${mixed}` } });
    expect(response.status).toBe(401);
  });
});
