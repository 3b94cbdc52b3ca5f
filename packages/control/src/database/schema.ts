/** The tables, for PGlite and PostgreSQL alike. After a change: `npx drizzle-kit generate --name WHAT` in packages/control. */
import type { DeviceReport } from "@phonerack/contract/bus";
import { index, integer, jsonb, pgTable, text, timestamp } from "drizzle-orm/pg-core";

const time = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: "date" });

export const devices = pgTable("devices", {
  id: text("id").primaryKey(),
  /** Given by a person; null while the device goes by its default name. */
  name: text("name"),
  chassis: text("chassis"),
  slot: integer("slot"),
  agent: text("agent").notNull(),
  /** The last report, so that a restarted control knows its devices before their agents speak. */
  report: jsonb("report").$type<DeviceReport>().notNull(),
  firstSeen: time("first_seen").notNull(),
  lastSeen: time("last_seen").notNull(),
});

/** Browsers that are logged in. Only hashes: a stolen database opens no console. */
export const sessions = pgTable(
  "sessions",
  {
    /** SHA-256 of the cookie, hex. */
    hash: text("hash").primaryKey(),
    actor: text("actor").notNull(),
    createdAt: time("created_at").notNull(),
    expiresAt: time("expires_at").notNull(),
  },
  (table) => [index("sessions_expires_at").on(table.expiresAt)],
);

/** One-time codes of console links; deleted by the first use. */
export const loginCodes = pgTable("login_codes", {
  /** SHA-256 of the code, hex. */
  hash: text("hash").primaryKey(),
  expiresAt: time("expires_at").notNull(),
});
