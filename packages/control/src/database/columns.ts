/** Columns that many tables have. */
import { timestamp } from "drizzle-orm/pg-core";

/** To the millisecond, as JavaScript's dates are. */
export const time = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: "date" });
