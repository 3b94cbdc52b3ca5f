/** Where full tiles and bundles of entries lie. What is put under a path is always the same, so it may be put again by anybody. */
import { randomBytes } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PhonerackError } from "@phonerack/contract/bus";
import { eq } from "drizzle-orm";
import type { Db } from "../database/database.js";
import { logTiles } from "../database/law-schema.js";
import type { ObjectStore } from "../storage/object-store.js";

export interface TileStore {
  put(path: string, bytes: Uint8Array): Promise<void>;
  /** Fails with `not_found`. */
  get(path: string): Promise<Uint8Array>;
}

const PREFIX = "log/";

/** In the lab's object store, which all its controls have. `folder`: where they are written before. */
export function objectTiles(objects: ObjectStore, folder: string): TileStore {
  return {
    async put(path, bytes) {
      const draft = join(folder, `tile-${randomBytes(8).toString("hex")}`);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      try {
        await writeFile(draft, bytes, { mode: 0o600 });
        await objects.put(`${PREFIX}${path}`, draft);
      } catch (error) {
        await rm(draft, { force: true });
        throw error;
      }
    },
    async get(path) {
      const parts: Uint8Array[] = [];
      for await (const part of await objects.get(`${PREFIX}${path}`)) parts.push(part as Uint8Array);
      return Buffer.concat(parts);
    },
  };
}

/** In the database: several controls whose objects lie in a folder of each would not find each other's. */
export function databaseTiles(db: Promise<Db>): TileStore {
  return {
    async put(path, bytes) {
      await (await db).insert(logTiles).values({ path, bytes }).onConflictDoNothing();
    },
    async get(path) {
      const [found] = await (await db).select().from(logTiles).where(eq(logTiles.path, path));
      if (!found) throw new PhonerackError("not_found", path);
      return Uint8Array.from(found.bytes);
    },
  };
}
