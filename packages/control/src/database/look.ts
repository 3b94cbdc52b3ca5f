/** Looks at a PostgreSQL server without changing anything: for `phonerack doctor`. */
import { PhonerackError } from "@phonerack/contract/bus";
import pg from "pg";

export interface DatabaseLook {
  /** `15.8`. */
  readonly version: string;
  /** The extension that leases are excluded with; available: control installs it if its role may create here. */
  readonly btreeGist: "installed" | "available" | "missing";
  readonly mayCreate: boolean;
  /** Milliseconds by which its clock is ahead of ours, give or take half the time that asking took. */
  readonly ahead: number;
  readonly within: number;
}

/** Fails with `database_unreachable`. */
export async function lookAtDatabase(url: string): Promise<DatabaseLook> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, query_timeout: 5_000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ version: string; installed: boolean; available: boolean; may: boolean }>(
      `SELECT current_setting('server_version') AS version,
        EXISTS (SELECT FROM pg_extension WHERE extname = 'btree_gist') AS installed,
        EXISTS (SELECT FROM pg_available_extensions WHERE name = 'btree_gist') AS available,
        has_database_privilege(current_database(), 'CREATE') AS may`,
    );
    const asked = Date.now();
    const clock = await client.query<{ now: string }>("SELECT extract(epoch FROM clock_timestamp()) * 1000 AS now");
    const answered = Date.now();
    const [server] = rows;
    if (!server) throw new Error("the server gave no answer");
    const { version, installed, available, may } = server;
    return {
      version: version.split(" ")[0] ?? version,
      btreeGist: installed ? "installed" : available ? "available" : "missing",
      mayCreate: may,
      ahead: Number(clock.rows[0]?.now) - (asked + answered) / 2,
      within: (answered - asked) / 2,
    };
  } catch (cause) {
    throw new PhonerackError("database_unreachable", (cause as Error).message, { cause });
  } finally {
    await client.end().catch(() => undefined);
  }
}
