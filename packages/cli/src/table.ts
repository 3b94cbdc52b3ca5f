/** Rows as a table for a terminal: titles above, columns as wide as they need, no blanks at the ends. Ends with a line break. */
export function table<T>(columns: readonly (readonly [title: string, cell: (item: T) => string])[], items: readonly T[]): string {
  const rows = [columns.map(([title]) => title), ...items.map((item) => columns.map(([, cell]) => cell(item)))];
  const widths = columns.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join("");
}
