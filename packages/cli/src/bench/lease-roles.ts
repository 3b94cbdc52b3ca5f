/** The processes of the leases bench: a whole control with an agent of a thousand devices, the actors who ask, and bare transactions. */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createInProcessBus } from "@phonerack/contract/bus";
import { startControl } from "@phonerack/control";
import pg from "pg";
import pino from "pino";
import { Latencies, type Percentiles } from "./latencies.js";
import { LeaseAgent } from "./lease-agent.js";
import type { StartRole } from "./role.js";
import { deviceId } from "./stand-in-agent.js";

export interface LeaseLabRole {
  /** `database`: a PostgreSQL server's address; null for PGlite. */
  readonly params: { readonly devices: number; readonly database: string | null };
  readonly ready: { readonly url: string; readonly token: string };
  readonly answers: { readonly agent: { readonly granted: number; readonly regressions: number } };
}

export interface Asked {
  readonly grants: Percentiles;
  readonly releases: Percentiles;
  /** Asked for what was not free: refused, as it must be. */
  readonly refused: number;
  /** Devices that two actors were told to hold at the same time. */
  readonly doubles: number;
  readonly errors: readonly string[];
}

export interface LeaseActorsRole {
  readonly params: { readonly url: string; readonly token: string; readonly actors: number; readonly devices: number };
  readonly ready: Record<string, never>;
  /** Asks at random for so many seconds, after as many of warming up as WARM_UP_S says. */
  readonly answers: { readonly run: Asked };
}

export interface BareLeasesRole {
  readonly params: { readonly database: string; readonly devices: number };
  readonly ready: Record<string, never>;
  /** The same rows written by hand, at that many grants a second. */
  readonly answers: { readonly run: Percentiles };
}

export const startLeaseLab: StartRole<LeaseLabRole> = async ({ devices, database }) => {
  const bus = createInProcessBus();
  const control = await startControl({
    bus,
    replica: "bench",
    dataDir: await mkdtemp(join(tmpdir(), "phonerack-bench-")),
    database: database === null ? { kind: "pglite" } : { kind: "postgres", url: database },
    host: "127.0.0.1",
    port: 0,
    version: "0",
    log: pino({ level: "error" }, process.stderr),
  });
  const agent = new LeaseAgent(bus, devices);
  const { url, token } = control;
  return { ready: { url, token }, answers: { agent: () => ({ granted: agent.granted, regressions: agent.regressions }) } };
};

/** Holds for 1 to 4 s, then rests as long: 200 of them keep some hundred devices busy. */
const PAUSE_MS = { least: 1_000, most: 4_000 };
/** A control that has just started compiles what it runs for the first time, and so do its database's connections. */
export const WARM_UP_S = 10;

export const startLeaseActors: StartRole<LeaseActorsRole> = async ({ url, token, actors, devices }) => {
  const keys = await Promise.all(Array.from({ length: actors }, (_, n) => newKey(url, token, n)));
  return {
    ready: {},
    answers: {
      run: async (seconds) => {
        const crowd = new Crowd(url, devices);
        const end = performance.now() + (WARM_UP_S + Number(seconds)) * 1_000;
        const warm = setTimeout(() => crowd.startCounting(), WARM_UP_S * 1_000);
        await Promise.all(keys.map((key) => crowd.act(key, end)));
        clearTimeout(warm);
        return crowd.result();
      },
    },
  };
};

async function newKey(url: string, token: string, n: number): Promise<string> {
  const { status, body } = await call(`${url}/api/v1/keys`, token, { name: `actor ${n}`, scopes: ["read", "drive"] });
  if (status !== 201) throw new Error(`no key: ${JSON.stringify(body)}`);
  return (body as { key: string }).key;
}

/** All actors of the bench: what each was told to hold, so that a double grant is seen by those whom it would hurt. */
class Crowd {
  readonly #url: string;
  readonly #devices: number;
  readonly #held = new Set<string>();
  readonly #grants = new Latencies();
  readonly #releases = new Latencies();
  #refused = 0;
  #doubles = 0;
  readonly #errors = new Set<string>();

  constructor(url: string, devices: number) {
    this.#url = url;
    this.#devices = devices;
  }

  result(): Asked {
    const { grants, releases } = { grants: this.#grants.percentiles(), releases: this.#releases.percentiles() };
    return { grants, releases, refused: this.#refused, doubles: this.#doubles, errors: [...this.#errors].slice(0, 5) };
  }

  /** Forgets the times so far; what was granted twice counts from the beginning. */
  startCounting(): void {
    this.#grants.clear();
    this.#releases.clear();
  }

  async act(key: string, end: number): Promise<void> {
    await sleep(Math.random() * PAUSE_MS.most);
    while (performance.now() < end) {
      const lease = await this.#take(key);
      await pause();
      if (lease) await this.#giveBack(key, lease);
      await pause();
    }
  }

  async #take(key: string): Promise<{ id: string; devices: string[] } | undefined> {
    const count = 1 + Math.floor(Math.random() * 5);
    const first = Math.floor(Math.random() * (this.#devices - count));
    // Half by name, which often is taken; half by what they must be, which replicas choose.
    const wish =
      Math.random() < 0.5 ? { devices: Array.from({ length: count }, (_, n) => deviceId(first + n)) } : { where: {}, count };
    const began = performance.now();
    const { status, body } = await call(`${this.#url}/api/v1/leases`, key, wish);
    if (status === 409) {
      this.#refused++;
      return undefined;
    }
    if (status !== 201) {
      this.#errors.add(JSON.stringify(body));
      return undefined;
    }
    this.#grants.add(performance.now() - began);
    const lease = body as { id: string; devices: { id: string }[] };
    const devices = lease.devices.map(({ id }) => id);
    for (const id of devices) {
      if (this.#held.has(id)) this.#doubles++;
      this.#held.add(id);
    }
    return { id: lease.id, devices };
  }

  async #giveBack(key: string, { id, devices }: { id: string; devices: string[] }): Promise<void> {
    for (const device of devices) this.#held.delete(device);
    const began = performance.now();
    const { status, body } = await call(`${this.#url}/api/v1/leases/${id}/release`, key, {});
    if (status === 200) this.#releases.add(performance.now() - began);
    else this.#errors.add(JSON.stringify(body));
  }
}

function pause(): Promise<void> {
  return sleep(PAUSE_MS.least + Math.random() * (PAUSE_MS.most - PAUSE_MS.least));
}

async function call(url: string, token: string, body: object): Promise<{ status: number; body: unknown }> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
}

/** The least that a grant must do: a row per lease and device under the same constraint, and the epochs, in one transaction. */
export const startBareLeases: StartRole<BareLeasesRole> = async ({ database, devices }) => {
  const pool = new pg.Pool({ connectionString: database, max: 8 });
  await pool.query(`CREATE EXTENSION IF NOT EXISTS btree_gist; CREATE SCHEMA bare;
    CREATE TABLE bare.leases (id text PRIMARY KEY);
    CREATE TABLE bare.lease_devices (lease_id text, device_id text, period tstzrange, EXCLUDE USING gist (device_id WITH =, period WITH &&));
    CREATE TABLE bare.holds (device_id text PRIMARY KEY, epoch integer)`);
  return {
    ready: {},
    answers: {
      run: async (parameter) => {
        const { perSecond, seconds } = parameter as { perSecond: number; seconds: number };
        const times = new Latencies();
        const under = new Set<Promise<void>>();
        for (let n = 0; n < perSecond * seconds; n++) {
          const one: Promise<void> = bareGrant(pool, n, devices)
            .then((ms) => times.add(ms))
            .finally(() => under.delete(one));
          under.add(one);
          await sleep(1_000 / perSecond);
        }
        await Promise.all(under);
        return times.percentiles();
      },
    },
  };
};

async function bareGrant(pool: pg.Pool, n: number, devices: number): Promise<number> {
  const began = performance.now();
  const client = await pool.connect();
  const ids = [0, 1, 2].map((at) => deviceId((n * 3 + at) % devices)).sort();
  try {
    await client.query("BEGIN");
    await client.query("INSERT INTO bare.leases VALUES ($1)", [`l-${n}`]);
    await client.query(
      "INSERT INTO bare.lease_devices SELECT $1, id, tstzrange(now() + $3 * interval '1 hour', now() + $3 * interval '1 hour' + interval '1 minute') FROM unnest($2::text[]) AS id",
      [`l-${n}`, ids, n],
    );
    await client.query(
      "INSERT INTO bare.holds SELECT id, 1 FROM unnest($1::text[]) AS id ON CONFLICT (device_id) DO UPDATE SET epoch = bare.holds.epoch + 1",
      [ids],
    );
    await client.query("COMMIT");
  } finally {
    client.release();
  }
  return performance.now() - began;
}
