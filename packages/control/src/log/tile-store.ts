/**
 * Where full tiles and bundles of entries lie. What is put under a path is always the same, so it may be put again by anybody. Entries are alike: packed they are a tenth
 * and less, and a bundle that lost its end is noticed when it is unpacked.
 */
import { promisify } from "node:util";
import { constants, gunzip, gzip } from "node:zlib";
import { PhonerackError } from "@phonerack/contract/bus";
import { LONGEST_ENTRY, TILE_WIDTH } from "@phonerack/policy";
import { eq } from "drizzle-orm";
import type { Db } from "../database/database.js";
import { logTiles } from "../database/law-schema.js";
import type { ObjectStore } from "../storage/object-store.js";

export interface Tile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

export interface TileStore {
  /** When it fails some of them may be there, each whole. */
  put(tiles: readonly Tile[]): Promise<void>;
  /** Fails with `not_found`. */
  get(path: string): Promise<Uint8Array>;
}

const PREFIX = "log/";
const ENTRIES = "tile/entries/";
/** Two bytes before each of 256 entries. */
const LARGEST_BUNDLE = TILE_WIDTH * (LONGEST_ENTRY + 2);
const zip = promisify(gzip) as (bytes: Uint8Array, options: { level: number }) => Promise<Uint8Array>;
const unzip = promisify(gunzip) as (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Uint8Array>;

/** In the lab's object store, which all its controls have. */
export function objectTiles(objects: ObjectStore): TileStore {
  return {
    put: async (tiles) => {
      const all = await Promise.all(tiles.map(packed));
      await objects.putAll(all.map(({ path, bytes }) => ({ key: `${PREFIX}${path}`, bytes })));
    },
    async get(path) {
      const parts: Uint8Array[] = [];
      for await (const part of await objects.get(`${PREFIX}${path}`)) parts.push(part as Uint8Array);
      return unpacked(path, Buffer.concat(parts));
    },
  };
}

/** In the database: several controls whose objects lie in a folder of each would not find each other's. */
export function databaseTiles(db: Promise<Db>): TileStore {
  return {
    put: async (tiles) => {
      const all = await Promise.all(tiles.map(packed));
      if (all.length > 0) await (await db).insert(logTiles).values(all).onConflictDoNothing();
    },
    async get(path) {
      const [found] = await (await db).select().from(logTiles).where(eq(logTiles.path, path));
      if (!found) throw new PhonerackError("not_found", path);
      return unpacked(path, Uint8Array.from(found.bytes));
    },
  };
}

async function packed({ path, bytes }: Tile): Promise<Tile> {
  return { path, bytes: path.startsWith(ENTRIES) ? await zip(bytes, { level: constants.Z_BEST_SPEED }) : bytes };
}

/** Fails with `log_broken`. */
async function unpacked(path: string, bytes: Uint8Array): Promise<Uint8Array> {
  if (!path.startsWith(ENTRIES) || !isZipped(bytes)) return bytes;
  try {
    return await unzip(bytes, { maxOutputLength: LARGEST_BUNDLE });
  } catch (cause) {
    throw new PhonerackError("log_broken", `${path} is not whole`, { cause });
  }
}

/** A bundle begins with the length of an entry, and that with a brace: never like this. Before they were packed they lay here as they are. */
function isZipped([first, second, third]: Uint8Array): boolean {
  return first === 0x1f && second === 0x8b && third === 8;
}
