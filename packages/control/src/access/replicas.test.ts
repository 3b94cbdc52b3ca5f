/** Two controls on one PostgreSQL: a log-in of one is one of the other, and ends on both. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Person } from "../../test/person.js";
import { hasPostgres, type PostgresServer, startPostgres } from "../../test/postgres-server.js";
import { type RunningControl, runControl, Tab, until } from "../../test/running-control.js";

describe.skipIf(!hasPostgres)("two replicas", () => {
  let postgres: PostgresServer;
  let first: RunningControl;
  let second: RunningControl;
  beforeAll(async () => {
    postgres = await startPostgres();
    const database = { kind: "postgres", url: postgres.url } as const;
    // Both at once, on an empty database: one migrates, and the lab is made once.
    [first, second] = await Promise.all([
      runControl({ database, replica: "control-1" }),
      runControl({ database, replica: "control-2" }),
    ]);
  }, 120_000);
  afterAll(async () => {
    await first?.stop();
    await second?.stop();
    await postgres?.stop();
  });

  /** Behind one address both are called by the same port; here each has its own, which is in the cookie's name. */
  function cookieAt(running: RunningControl, person: Person): Record<string, string> {
    const { port } = new URL(running.control.url);
    return { cookie: (person.headers.cookie ?? "").replace(/^phonerack_\d+/, `phonerack_${port}`), origin: running.control.url };
  }

  test("know each other's log-ins and links, and cut what the other ended within a second", async () => {
    const link = new URL(await second.control.consoleLink());
    expect((await first.knock(link.pathname + link.search)).status).toBe(303);
    expect((await second.knock(link.pathname + link.search)).status).toBe(401);

    const person = await Person.byLink(first);
    const headers = cookieAt(second, person);
    const session = await second.knock("/api/v1/session", { headers });
    expect(await session.json()).toMatchObject({ actor: "owner", tenant: "lab", role: "owner" });
    const tab = await Tab.open(second.control.url, headers);
    const other = await Tab.open(second.control.url, cookieAt(second, await Person.byLink(first)));
    const at = Date.now();
    expect((await person.ask("/session", { method: "DELETE" })).body).toEqual({ ended: true });
    await until(() => tab.closed, "the cut at the other replica");
    expect(tab.closed?.code).toBe(4401);
    expect(Date.now() - at).toBeLessThan(1_500);
    // Who was let in a moment ago is believed for half a second.
    await until(
      async () => (await second.knock("/api/v1/session", { headers })).status === 401,
      "the refusal at the other replica",
    );
    expect(Date.now() - at).toBeLessThan(1_500);
    expect(other.closed).toBeUndefined();
    other.close();
  });

  test("know each other's keys", async () => {
    const person = await Person.byLink(first);
    const { body } = await person.ask("/keys", { method: "POST", body: { name: "both", scopes: ["read"] } });
    const key = Person.byBearer(second, body.key);
    expect((await key.ask("/session")).body).toMatchObject({ kind: "key", role: "owner", lab: "owner", scopes: ["read"] });
    await person.ask(`/keys/${body.info.id}`, { method: "DELETE" });
    await until(async () => (await key.ask("/session")).status === 401, "the key's end at the other replica");
  });
});
