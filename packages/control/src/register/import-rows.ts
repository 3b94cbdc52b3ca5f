/** An import's file, CSV or YAML (JSON is YAML, too), as rows of named cells. What the cells mean is not asked here. */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import { BadCsv, readCsv, separatorOf, withoutMark } from "./csv.js";

export interface ImportRow {
  /** `line 3`. */
  readonly at: string;
  /** By field, e.g. `nal.number`; an empty text clears the field. */
  readonly cells: ReadonlyMap<string, string>;
}

export interface ImportProblem {
  readonly at: string;
  readonly device: string | null;
  readonly field: string | null;
  readonly message: string;
}

export interface ImportFile {
  readonly rows: readonly ImportRow[];
  readonly problems: readonly ImportProblem[];
}

const MOST_ROWS = 5_000;

export function readImport(text: string): ImportFile {
  const file = isCsv(text) ? fromCsv(text) : fromYaml(withoutMark(text));
  if (file.rows.length > MOST_ROWS)
    return { rows: [], problems: [problem("the file", `it has more than ${MOST_ROWS} devices; import it in parts`)] };
  if (file.rows.length === 0 && file.problems.length === 0)
    return { rows: [], problems: [problem("line 1", "there is no device in it")] };
  return file;
}

export function problem(at: string, message: string, of: { device?: string; field?: string } = {}): ImportProblem {
  return { at, device: of.device ?? null, field: of.field ?? null, message };
}

/** Its first line names the columns, `device` among them. */
function isCsv(text: string): boolean {
  const [first = ""] = withoutMark(text).split(/\r?\n/, 1);
  return first.split(separatorOf(text)).some((cell) => nameOf(cell.replaceAll('"', "")) === "device");
}

/** As people write them: case and spaces around them do not count. */
function nameOf(cell: string): string {
  return cell.trim().toLowerCase();
}

function fromCsv(text: string): ImportFile {
  try {
    const [head, ...body] = readCsv(text);
    const names = (head?.cells ?? []).map(nameOf);
    const twice = names.find((name, at) => name !== "" && names.indexOf(name) !== at);
    if (twice !== undefined) return { rows: [], problems: [problem("line 1", `the column ${twice} is there twice`)] };
    const problems: ImportProblem[] = [];
    const rows = body.map(({ line, cells }) => {
      const at = `line ${line}`;
      if (cells.slice(names.length).some((cell) => cell.trim() !== ""))
        problems.push(
          problem(at, `it has ${cells.length} cells, and there are ${names.length} columns; a comma within a cell needs quotes`),
        );
      const named = names.flatMap((name, column) => (name === "" ? [] : [[name, (cells[column] ?? "").trim()] as const]));
      return { at, cells: new Map(named) };
    });
    return { rows, problems };
  } catch (error) {
    if (error instanceof BadCsv) return { rows: [], problems: [problem(`line ${error.line}`, error.message)] };
    throw error;
  }
}

function fromYaml(text: string): ImportFile {
  const lines = new LineCounter();
  // Failsafe: every value is text. An IMEI that were a number would lose its zeros.
  const file = parseDocument(text, { lineCounter: lines, schema: "failsafe", prettyErrors: false });
  const lineOf = (node: unknown) => `line ${lines.linePos((node as Node | null)?.range?.[0] ?? 0).line}`;
  const [broken] = file.errors;
  if (broken) return { rows: [], problems: [problem(`line ${lines.linePos(broken.pos[0]).line}`, broken.message)] };
  const list = isMap(file.contents) ? file.contents.get("devices", true) : file.contents;
  if (!isSeq(list)) return { rows: [], problems: [problem("line 1", "it has neither a column nor a list of devices")] };
  const problems: ImportProblem[] = [];
  const rows = list.items.flatMap((item) => {
    const at = lineOf(item);
    const cells = new Map<string, string>();
    const wrong = isMap(item) ? flatten(item, "", cells) : item;
    if (wrong === undefined) return [{ at, cells }];
    problems.push(problem(lineOf(wrong) === "line 1" ? at : lineOf(wrong), "here is something else than a text"));
    return [];
  });
  return { rows, problems };
}

/** Into the names that CSV's columns have; gives the node that fits nowhere. */
function flatten(map: Node, prefix: string, cells: Map<string, string>): unknown {
  if (!isMap(map)) return map;
  for (const { key, value } of map.items) {
    if (!isScalar(key)) return key ?? map;
    const name = prefix + nameOf(textOf(key));
    if (isMap(value)) {
      // Licences are named by their schemes alone.
      const wrong = flatten(value, name === "licences" ? "" : `${name}.`, cells);
      if (wrong !== undefined) return wrong;
    } else if (isSeq(value)) {
      if (!value.items.every(isScalar)) return value;
      cells.set(name, value.items.map(textOf).join(" "));
    } else if (isScalar(value) || value === null) {
      const words = textOf(value);
      cells.set(name, words === "null" || words === "~" ? "" : words);
    } else return isAlias(value) ? value : map;
  }
  return undefined;
}

/** The failsafe schema makes text of every scalar. */
function textOf(node: unknown): string {
  return isScalar(node) && typeof node.value === "string" ? node.value.trim() : "";
}
