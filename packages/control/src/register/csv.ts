/** Tables of text as spreadsheets write them (RFC 4180): quotes, line breaks within them, a byte order mark, and a separator that is `,`, `;` or a tab. */

export interface CsvRow {
  /** Where it begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** The text ends within quotes, or goes on behind them. */
export class BadCsv extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

const SEPARATORS = [",", ";", "\t"] as const;

export function readCsv(text: string): CsvRow[] {
  const plain = withoutMark(text);
  return [...rowsOf(plain, separatorOf(plain))].filter(({ cells }) => cells.some((cell) => cell.trim() !== ""));
}

export function withoutMark(text: string): string {
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}

/** The one that the first line has most of. */
export function separatorOf(text: string): string {
  const [first = ""] = withoutMark(text).split(/\r?\n/, 1);
  const counts = SEPARATORS.map((separator) => first.split(separator).length);
  return SEPARATORS[counts.indexOf(Math.max(...counts))] ?? ",";
}

function* rowsOf(text: string, separator: string): Generator<CsvRow> {
  let cells: string[] = [];
  let [line, begins, at] = [1, 1, 0];
  while (at < text.length) {
    const cell = cellAt(text, at, { separator, line });
    cells.push(cell.text);
    line += cell.lines;
    at = cell.end;
    if (text[at] === separator) {
      at++;
      // A separator at the very end has an empty cell behind it.
      if (at < text.length) continue;
      cells.push("");
    }
    if (text.startsWith("\r\n", at)) at += 2;
    else if (at < text.length) at++;
    yield { line: begins, cells };
    cells = [];
    begins = ++line;
  }
}

function cellAt(
  text: string,
  start: number,
  { separator, line }: { separator: string; line: number },
): { text: string; end: number; lines: number } {
  if (text[start] !== '"') {
    let end = start;
    while (end < text.length && text[end] !== separator && text[end] !== "\n" && !text.startsWith("\r\n", end)) end++;
    return { text: text.slice(start, end), end, lines: 0 };
  }
  let found = "";
  for (let at = start + 1; ; ) {
    const quote = text.indexOf('"', at);
    if (quote === -1) throw new BadCsv(line, "a quote is opened here and never closed");
    found += text.slice(at, quote);
    at = quote + 1;
    if (text[at] === '"') {
      found += '"';
      at++;
      continue;
    }
    const lines = found.split("\n").length - 1;
    const ends = at >= text.length || text[at] === separator || text[at] === "\n" || text.startsWith("\r\n", at);
    if (!ends) throw new BadCsv(line + lines, "something stands behind a closing quote");
    return { text: found, end: at, lines };
  }
}
