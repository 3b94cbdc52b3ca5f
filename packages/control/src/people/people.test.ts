import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Person } from "../../test/person.js";
import { type RunningControl, runControl, Tab, until } from "../../test/running-control.js";

let running: RunningControl;
let owner: Person;
beforeAll(async () => {
  running = await runControl();
  owner = await Person.byLink(running);
});
afterAll(() => running.stop());

const PASSWORD = "correct horse battery";

/** Makes an organisation whose owner has accepted. */
async function newTenant(id: string): Promise<Person> {
  const made = await owner.ask("/tenants", { method: "POST", body: { id, name: `The ${id}`, owner: `boss@${id}.example` } });
  expect(made.status).toBe(201);
  return Person.byInvitation(running, made.body.invitation.link, { name: `Boss of ${id}`, password: PASSWORD });
}

async function invited(by: Person, email: string, role: string): Promise<Person> {
  const { body } = await by.ask("/invitations", { method: "POST", body: { email, role } });
  return Person.byInvitation(running, body.link, { name: email.split("@")[0] ?? "", password: PASSWORD });
}

describe("the first owner", () => {
  test("comes in by the link, incomplete, and sets what to log in with", async () => {
    expect((await owner.ask("/session")).body).toMatchObject({
      actor: "owner",
      kind: "person",
      email: null,
      tenant: "lab",
      tenantName: "Lab",
      role: "owner",
      lab: "owner",
      scopes: null,
      tenants: [{ id: "lab", name: "Lab", role: "owner" }],
      complete: false,
      twoFactor: false,
    });
    const set = { name: "Erika", email: "Erika@Lab.example", password: PASSWORD };
    const { body } = await owner.ask("/session/credentials", { method: "PUT", body: set });
    expect(body).toMatchObject({ name: "Erika", email: "erika@lab.example", complete: true });
    const again = await owner.ask("/session/credentials", { method: "PUT", body: set });
    expect(again).toMatchObject({ status: 403, body: { code: "forbidden" } });
    const person = await Person.byPassword(running, "erika@lab.example", PASSWORD);
    expect((await person.ask("/session")).body).toMatchObject({ actor: "owner", name: "Erika" });
  });

  test("cannot be demoted or removed: whoever has the machine is owner", async () => {
    const demoted = await owner.ask("/members/owner", { method: "PATCH", body: { role: "viewer" } });
    expect(demoted).toMatchObject({ status: 403, body: { code: "forbidden" } });
    expect((await owner.ask("/members/owner", { method: "DELETE" })).status).toBe(403);
  });
});

describe("log-in", () => {
  test("refuses in the same words whether the account or the password is wrong", async () => {
    const attempts = await Promise.all(
      ["erika@lab.example", "nobody@lab.example"].map((email) =>
        Person.tryPassword(running, { email, password: "not the password" }),
      ),
    );
    for (const { status, body } of attempts) {
      expect(status).toBe(401);
      expect(body).toEqual({ code: "log_in_failed", message: expect.any(String) });
    }
  });

  test("gives a cookie that no script and no other site can use, and takes it back", async () => {
    const person = await Person.byPassword(running, "erika@lab.example", PASSWORD);
    expect(person.setCookie).toMatch(/^phonerack_\d+=[^;]+; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Strict$/);
    await person.post("/api/auth/sign-out", {});
    expect((await person.ask("/session")).status).toBe(401);
  });

  test.each(["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"])(
    "sends nobody to %s afterwards",
    async (callbackURL) => {
      const { status, body } = await Person.tryPassword(running, { email: "erika@lab.example", password: PASSWORD, callbackURL });
      expect({ status, code: body.code }).toEqual({ status: 400, code: "bad_request" });
    },
  );

  test.each([
    ["POST", "/sign-up/email"],
    ["POST", "/organization/create"],
    ["POST", "/organization/invite-member"],
    ["POST", "/api-key/create"],
    ["POST", "/sso/register"],
    ["GET", "/list-sessions"],
    ["POST", "/delete-user"],
    ["POST", "/request-password-reset"],
  ])("%s /api/auth%s is not there", async (method, path) => {
    const response = await owner.knock(`/api/auth${path}`, { method, ...(method === "POST" ? { json: {} } : {}) });
    expect(response.status).toBe(404);
  });
});

describe("an invitation", () => {
  test("makes an organisation's first owner, who sees nothing of others", async () => {
    const boss = await newTenant("acme");
    expect((await boss.ask("/session")).body).toMatchObject({ tenant: "acme", role: "owner", lab: null });
    const { body } = await boss.ask("/members");
    expect(body.items).toEqual([expect.objectContaining({ email: "boss@acme.example", role: "owner" })]);
    expect((await owner.ask("/tenants")).body.items).toEqual([
      expect.objectContaining({ id: "lab", members: 1 }),
      expect.objectContaining({ id: "acme", name: "The acme", members: 1, quota: { devicesAtOnce: null, hoursPerMonth: null } }),
    ]);
    const { items } = (await boss.ask("/events")).body;
    expect(items.map(({ kind, tenant }: { kind: string; tenant: string }) => [kind, tenant])).toEqual([
      ["invitation.accepted", "acme"],
      ["invitation.made", "acme"],
      ["tenant.made", "acme"],
    ]);
    expect((await owner.ask("/events?kind=log-in.link")).body.items[0]).toMatchObject({ actor: "owner", subject: "owner" });
    const twice = await owner.ask("/tenants", { method: "POST", body: { id: "acme", name: "Again", owner: "a@b.example" } });
    expect(twice).toMatchObject({ status: 409, body: { code: "tenant_exists" } });
  });

  test("is told only to who makes it, works once, and not after it is withdrawn", async () => {
    const boss = await newTenant("once");
    const make = async (email: string) =>
      (await boss.ask("/invitations", { method: "POST", body: { email, role: "member" } })).body;
    const first = await make("one@once.example");
    const secret = first.link.split("/").at(-1);
    const listed = (await boss.ask("/invitations")).body.items;
    expect(listed).toEqual([{ ...first, link: null }]);
    expect(JSON.stringify(listed)).not.toContain(secret);
    const shown = await running.knock(`/api/v1/invitations/${secret}`);
    expect(await shown.json()).toEqual({ email: "one@once.example", tenantName: "The once", role: "member", hasAccount: false });
    // Its id in the list is no invitation.
    expect((await running.knock(`/api/v1/invitations/${first.id}`)).status).toBe(404);
    const both = await Promise.all([1, 2].map(() => Person.tryAccept(running, first.link, { name: "One", password: PASSWORD })));
    expect(both.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 404]);

    const second = await make("two@once.example");
    await boss.ask(`/invitations/${second.id}`, { method: "DELETE" });
    const late = await Person.tryAccept(running, second.link, { name: "Two", password: PASSWORD });
    expect(late).toMatchObject({ status: 404, body: { code: "invitation_invalid" } });
  });

  test("to somebody who has an account is theirs alone to accept, logged in", async () => {
    const [one, two] = [await newTenant("one-a"), await newTenant("two-b")];
    const { body } = await two.ask("/invitations", { method: "POST", body: { email: "boss@one-a.example", role: "viewer" } });
    expect((await Person.tryAccept(running, body.link, { name: "Thief", password: PASSWORD })).status).toBe(401);
    expect((await two.accept(body.link)).status).toBe(403);
    expect((await one.accept(body.link)).body).toEqual({ tenant: "two-b" });
    const { body: session } = await one.ask("/session");
    expect(session).toMatchObject({ tenant: "two-b", role: "viewer" });
    expect(session.tenants.map(({ id }: { id: string }) => id)).toEqual(["one-a", "two-b"]);
    const back = await one.ask("/session/tenant", { method: "PUT", body: { tenant: "one-a" } });
    expect(back.body).toMatchObject({ tenant: "one-a", role: "owner" });
    const foreign = await one.ask("/session/tenant", { method: "PUT", body: { tenant: "lab" } });
    expect(foreign).toMatchObject({ status: 404, body: { code: "tenant_not_found" } });
    const made_up = await one.ask("/session/tenant", { method: "PUT", body: { tenant: "nowhere" } });
    expect(made_up.body).toEqual(foreign.body);
  });
});

describe("members", () => {
  test("of another organisation are answered like ids that do not exist", async () => {
    const [mine, theirs] = [await newTenant("mine"), await newTenant("theirs")];
    const { actor } = (await theirs.ask("/session")).body;
    for (const [method, body] of [
      ["PATCH", { role: "viewer" }],
      ["DELETE", undefined],
    ] as const) {
      const foreign = await mine.ask(`/members/${actor}`, { method, body });
      const unknown = await mine.ask("/members/nobody", { method, body });
      expect({ status: foreign.status, body: foreign.body }).toEqual({ status: unknown.status, body: unknown.body });
      expect(foreign.body.code).toBe("member_not_found");
    }
    expect((await theirs.ask("/session")).body.role).toBe("owner");
  });

  test("keep at least one owner, also when two take each other's role at once", async () => {
    const boss = await newTenant("pair");
    const other = await invited(boss, "other@pair.example", "owner");
    const [a, b] = [(await boss.ask("/session")).body.actor, (await other.ask("/session")).body.actor];
    const outcomes = await Promise.all([
      boss.ask(`/members/${b}`, { method: "PATCH", body: { role: "member" } }),
      other.ask(`/members/${a}`, { method: "PATCH", body: { role: "member" } }),
    ]);
    const codes = outcomes.map(({ status, body }) => (status === 200 ? "done" : body.code));
    expect(codes).toContain("done");
    expect(codes.some((code) => code === "last_owner" || code === "forbidden")).toBe(true);
    const roles = (await boss.ask("/members")).body.items.map(({ role }: { role: string }) => role);
    expect(roles.filter((role: string) => role === "owner")).toHaveLength(1);
  });

  test.each([
    [
      "a role is changed",
      (boss: Person, id: string) => boss.ask(`/members/${id}`, { method: "PATCH", body: { role: "viewer" } }),
    ],
    ["somebody is removed", (boss: Person, id: string) => boss.ask(`/members/${id}`, { method: "DELETE" })],
  ])("are cut off the live socket within a second when %s", async (_what, change) => {
    const boss = await newTenant(`cut-${Math.random().toString(36).slice(2, 8)}`);
    const member = await invited(boss, `m-${Date.now()}@cut.example`, "member");
    const stranger = await Tab.open(running.control.url, boss.headers);
    const tab = await Tab.open(running.control.url, member.headers);
    const at = Date.now();
    await change(boss, (await member.ask("/session")).body.actor);
    await until(() => tab.closed, "the cut");
    expect(tab.closed?.code).toBe(4401);
    expect(Date.now() - at).toBeLessThan(1_500);
    expect(stranger.closed).toBeUndefined();
    stranger.close();
  });
});

describe("log-ins", () => {
  test("are listed for their person and ended one by one, with what they hold open", async () => {
    const here = await Person.byPassword(running, "erika@lab.example", PASSWORD);
    const there = await Person.byPassword(running, "erika@lab.example", PASSWORD);
    const { items } = (await here.ask("/session/log-ins")).body;
    const current = items.filter(({ current }: { current: boolean }) => current);
    expect(current).toHaveLength(1);
    const own = (await there.ask("/session/log-ins")).body.items.find((item: { current: boolean }) => item.current);
    const tab = await Tab.open(running.control.url, there.headers);
    const boss = await newTenant("nosy");
    expect((await boss.ask(`/session/log-ins/${own.id}`, { method: "DELETE" })).body).toEqual({ ended: false });
    expect((await here.ask(`/session/log-ins/${own.id}`, { method: "DELETE" })).body).toEqual({ ended: true });
    await until(() => tab.closed, "the cut");
    expect((await there.ask("/session")).status).toBe(401);
    expect((await here.ask("/session")).status).toBe(200);
  });
});

describe("names", () => {
  test("have nothing in them that nobody sees, by whichever door they come", async () => {
    const boss = await newTenant("plain");
    const unseen = { status: 400, body: { code: "bad_request", detail: expect.stringMatching(/nobody sees/) } };
    const put = (path: string, body: object, method = "POST") => boss.ask(path, { method, body });
    expect(await put("/keys", { name: "C\u202eI", scopes: ["read"], role: "member" })).toMatchObject(unseen);
    expect(await put("/leases", { count: 1, purpose: "\u001b[2J" })).toMatchObject(unseen);
    expect(
      await owner.ask("/tenants", { method: "POST", body: { id: "l4b", name: "La\u200bb", owner: "a@b.example" } }),
    ).toMatchObject(unseen);
    const renamed = await boss.knock("/api/auth/update-user", {
      method: "POST",
      json: { name: " Boss\u202e\u001b[31m  of all " },
    });
    expect(renamed.status).toBe(200);
    await until(async () => (await boss.ask("/session")).body.name === "Boss��[31m of all", "the name");
  });
});

describe("API keys", () => {
  test("do what their scopes and role allow, in their organisation, and nothing when they are gone", async () => {
    const boss = await newTenant("keyed");
    const made = await boss.ask("/keys", { method: "POST", body: { name: "CI", scopes: ["read"], role: "member", days: 1 } });
    expect(made.status).toBe(201);
    expect(made.body.key).toMatch(/^prk_/);
    expect(made.body.info).toMatchObject({ name: "CI", scopes: ["read"], role: "member" });
    expect(made.body.key.startsWith(made.body.info.start)).toBe(true);
    const key = Person.byBearer(running, made.body.key);
    expect((await key.ask("/session")).body).toMatchObject({
      actor: `key:${made.body.info.id}`,
      name: "CI",
      kind: "key",
      tenant: "keyed",
      role: "member",
      lab: null,
      scopes: ["read"],
      tenants: [{ id: "keyed", name: "The keyed", role: "member" }],
    });
    expect((await key.ask("/keys")).body.code).toBe("scope_missing");
    expect((await key.ask("/members/x", { method: "DELETE" })).body.code).toBe("forbidden");
    for (const path of ["/api/auth/update-user", "/api/auth/change-password"]) {
      const refused = await key.knock(path, {
        method: "POST",
        json: { name: "Mallory", currentPassword: "x", newPassword: PASSWORD },
      });
      expect(refused.status).toBe(401);
    }
    const tab = await Tab.open(running.control.url, key.headers);
    await boss.ask(`/keys/${made.body.info.id}`, { method: "DELETE" });
    await until(() => tab.closed, "the cut");
    expect((await key.ask("/session")).status).toBe(401);
  });

  test("never do more than their maker may by now", async () => {
    const boss = await newTenant("shrunk");
    const helper = await invited(boss, "helper@shrunk.example", "owner");
    const made = await helper.ask("/keys", { method: "POST", body: { name: "all", scopes: ["read", "manage"], days: null } });
    const key = Person.byBearer(running, made.body.key);
    expect((await key.ask("/session")).body).toMatchObject({ role: "owner", expiresAt: null });
    const { actor } = (await helper.ask("/session")).body;
    await boss.ask(`/members/${actor}`, { method: "PATCH", body: { role: "viewer" } });
    expect((await key.ask("/session")).body.role).toBe("viewer");
    await boss.ask(`/members/${actor}`, { method: "DELETE" });
    expect((await key.ask("/session")).status).toBe(401);
  });

  test("are not made beyond one's role, nor by a key, and others' are like those that do not exist", async () => {
    const boss = await newTenant("strict");
    const member = await invited(boss, "member@strict.example", "member");
    const body = { name: "more", scopes: ["read", "manage"], role: "owner" };
    expect((await member.ask("/keys", { method: "POST", body })).body.code).toBe("forbidden");
    const made = (await boss.ask("/keys", { method: "POST", body })).body;
    const key = Person.byBearer(running, made.key);
    expect((await key.ask("/keys", { method: "POST", body })).body.code).toBe("forbidden");
    expect((await member.ask("/keys")).body.items).toEqual([]);
    expect((await member.ask(`/keys/${made.info.id}`, { method: "DELETE" })).body.code).toBe("key_not_found");
    const other = await newTenant("stranger");
    const foreign = await other.ask(`/keys/${made.info.id}`, { method: "DELETE" });
    const unknown = await other.ask("/keys/none", { method: "DELETE" });
    expect(foreign.body).toEqual(unknown.body);
    expect((await key.ask("/session")).status).toBe(200);
  });
});

// The last one: it uses up what one address may try in a minute.
describe("log-in once more", () => {
  test("is bounded for one account, wherever the tries come from", async () => {
    const tries = await Promise.all(
      Array.from({ length: 12 }, () => Person.tryPassword(running, { email: "guessed@lab.example", password: "x".repeat(12) })),
    );
    expect(tries.map(({ status }) => status)).toContain(429);
  });
});
