/**
 * Rows as a table for a terminal: titles above, columns as wide as they need, no blanks at the ends. What phones, apps and people wrote can neither drive the terminal nor
 * break out of its cell.
 */
import { readable } from "@phonerack/contract/bus";
import stringWidth from "string-width";

/** Ends with a line break. */
export function table<T>(columns: readonly (readonly [title: string, cell: (item: T) => string])[], items: readonly T[]): string {
  const cells = items.map((item) => columns.map(([, cell]) => readable(cell(item)).replaceAll(/[\n\t]+/g, " ")));
  const rows = [columns.map(([title]) => title), ...cells];
  const widths = columns.map((_, at) => Math.max(...rows.map((row) => stringWidth(row[at] ?? ""))));
  return rows
    .map((row) =>
      row
        .map((cell, at) => cell + " ".repeat((widths[at] ?? 0) - stringWidth(cell)))
        .join("  ")
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join("");
}
