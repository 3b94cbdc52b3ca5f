import { cp, mkdir, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { reportOf } from "../../test/fake-agent.js";
import { hasPostgres, type PostgresServer, startPostgres } from "../../test/postgres-server.js";
import { silent, temporaryFolder } from "../../test/running-control.js";
import { Accounts } from "../access/accounts.js";
import { AccessStore } from "../access/store.js";
import { hashToken } from "../access/token-hashes.js";
import { DeviceStore } from "../devices/store.js";
import { type Database, type DatabaseChoice, openDatabase } from "./database.js";

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});
async function newFolder(): Promise<string> {
  const folder = await temporaryFolder();
  folders.push(folder);
  return folder;
}

/** What both engines must do alike; `open` opens the same database each time. */
function storesKeepTheirWord(open: () => Promise<Database>): void {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.stop());
  const devices = () => new DeviceStore(Promise.resolve(database.db));
  const access = () => new AccessStore(Promise.resolve(database.db));
  const seen = new Date("2026-01-02T03:04:05.678Z");

  test("devices survive a restart as they were saved, report and times included", async () => {
    const row = {
      id: "abcd-1",
      name: null,
      report: reportOf("abcd-1", { reason: 'it\'s 100 % \\ "quoted" 你好' }),
      firstSeen: seen,
      lastSeen: seen,
    };
    const saved = { ...row, state: "ready", isolated: false } as const;
    await devices().saveReports([saved]);
    await devices().rename("abcd-1", "Rosa");
    await devices().saveReports([{ ...saved, lastSeen: new Date(seen.getTime() + 1_000) }]);
    await database.stop();
    database = await open();
    expect(await devices().all()).toEqual([{ ...row, name: "Rosa", lastSeen: new Date(seen.getTime() + 1_000) }]);
    await devices().remove("abcd-1");
    expect(await devices().all()).toEqual([]);
  });

  test("a thousand devices are saved at once", async () => {
    const rows = Array.from({ length: 1_000 }, (_, n) => ({
      id: `many-${n}`,
      name: null,
      report: reportOf(`many-${n}`),
      firstSeen: seen,
      lastSeen: seen,
      state: "ready" as const,
      isolated: false,
    }));
    await devices().saveReports(rows);
    expect(await devices().all()).toHaveLength(1_000);
  });

  test("a one-time code is taken by one of many who bring it at once, and by nobody when it has expired", async () => {
    const now = new Date();
    const later = (ms: number) => new Date(now.getTime() + ms);
    await access().addCode("c0de", later(1_000), now);
    const taken = await Promise.all(Array.from({ length: 8 }, () => access().takeCode("c0de", now)));
    expect(taken.filter(Boolean)).toHaveLength(1);
    await access().addCode("01d", later(1_000), now);
    expect(await access().takeCode("01d", later(1_001))).toBe(false);
  });

  test("a log-in is there until it expires or is ended, and only the hash of its token is kept", async () => {
    const accounts = new Accounts({ db: Promise.resolve(database.db), store: access(), log: silent });
    const others = new Accounts({ db: Promise.resolve(database.db), store: access(), log: silent });
    await Promise.all([accounts.start(), others.start()]);
    const { id, token, expiresAt } = await accounts.openFirstOwner({ ip: "127.0.0.1", userAgent: "a test" });
    expect(await others.unsigned(await accounts.signed(token))).toBe(token);
    expect(await access().sessionByToken(token, new Date())).toBeUndefined();
    const row = { id, userId: "owner", tenant: "lab", tenantName: "Lab", role: "owner", labRole: "owner" };
    expect(await access().sessionByToken(hashToken(token), new Date())).toMatchObject(row);
    expect(await access().sessionByToken(hashToken(token), new Date(expiresAt))).toBeUndefined();
    expect([await access().endSession(id), await access().endSession(id)]).toEqual([true, false]);
  });

  test("a transaction that fails leaves nothing behind, and what others asked meanwhile is done", async () => {
    const { db } = database;
    const failed = db.transaction(async (tx) => {
      await new AccessStore(Promise.resolve(tx)).addCode("lost", new Date(Date.now() + 60_000), new Date());
      throw new Error("changed my mind");
    });
    const other = access().addCode("kept", new Date(Date.now() + 60_000), new Date());
    await expect(failed).rejects.toThrow("changed my mind");
    await other;
    expect([await access().takeCode("lost", new Date()), await access().takeCode("kept", new Date())]).toEqual([false, true]);
  });
}

describe("PGlite in the data folder", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await newFolder();
  });
  storesKeepTheirWord(() => openDatabase({ kind: "pglite" }, { dataDir: folder, log: silent }));

  test("is given up in the middle of making it, and nothing half made takes its place", async () => {
    const dataDir = await newFolder();
    const givenUp = new AbortController();
    const opening = openDatabase({ kind: "pglite" }, { dataDir, log: silent, signal: givenUp.signal });
    const refused = expect(opening).rejects.toThrow("not now");
    await new Promise((resolve) => setTimeout(resolve, 200));
    givenUp.abort(new Error("not now"));
    await refused;
    expect(await readdir(dataDir)).not.toContain("database");
  });

  test("leaves no half-made database behind", async () => {
    expect(await readdir(folder)).toEqual(["database"]);
  });

  test("that lost the end of a file is named", async () => {
    const dataDir = await newFolder();
    await cp(join(folder, "database"), join(dataDir, "database"), { recursive: true });
    await truncate(join(dataDir, "database", "global", "pg_control"), 100);
    await expect(openDatabase({ kind: "pglite" }, { dataDir, log: silent })).rejects.toMatchObject({ code: "database_corrupt" });
  });

  test("that another version made is named, with its place", async () => {
    const dataDir = await newFolder();
    await mkdir(join(dataDir, "database"));
    await writeFile(join(dataDir, "database", "PG_VERSION"), "99\n");
    await expect(openDatabase({ kind: "pglite" }, { dataDir, log: silent })).rejects.toMatchObject({
      code: "database_corrupt",
      detail: expect.stringContaining(join(dataDir, "database")),
    });
  });
});

describe.runIf(hasPostgres)("a PostgreSQL server", () => {
  let server: PostgresServer;
  const choice = (): DatabaseChoice => ({ kind: "postgres", url: server.url });
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  test("is migrated once by several controls that start together", async () => {
    const opened = await Promise.all(Array.from({ length: 4 }, () => openDatabase(choice(), { dataDir: "", log: silent })));
    for (const database of opened) await database.stop();
    expect(opened).toHaveLength(4);
  });

  describe("as the database", () => storesKeepTheirWord(() => openDatabase(choice(), { dataDir: "", log: silent })));

  test("lets one be alone, and those that wait ask again without a new connection each time", async () => {
    const [one, other] = await Promise.all(Array.from({ length: 2 }, () => openDatabase(choice(), { dataDir: "", log: silent })));
    if (!one || !other) return expect.unreachable();
    /** By its own connection: the server's number of it. */
    const numbers = async () => {
      const { rows } = (await other.db.execute("SELECT pg_backend_pid() AS pid")) as unknown as { rows: { pid: number }[] };
      return rows.map(({ pid }) => pid);
    };
    const alone = await one.alone("log");
    expect(alone?.holds).toBe(true);
    const before = await numbers();
    for (let asked = 0; asked < 20; asked++) expect(await other.alone("log")).toBeUndefined();
    expect(await numbers()).toEqual(before);
    // The server ends whoever holds the lock: it knows, and the next one gets it.
    await other.db.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'");
    await expect.poll(() => alone?.holds).toBe(false);
    const next = await other.alone("log");
    expect(next?.holds).toBe(true);
    await next?.release();
    await alone?.release();
    const last = await one.alone("log");
    expect(last?.holds).toBe(true);
    await last?.release();
    for (const database of [one, other]) await database.stop();
  });

  test("that is not there is named without its password", async () => {
    const refused = openDatabase(
      { kind: "postgres", url: "postgres://me:hunter2@127.0.0.1:1/lab" },
      { dataDir: "", log: silent },
    );
    const error = await refused.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "database_unreachable" });
    expect(JSON.stringify(error)).not.toContain("hunter2");
  });
});
