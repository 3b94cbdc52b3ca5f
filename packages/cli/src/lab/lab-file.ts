/**
 * The lab as a file that people edit: YAML with each device's name beside its id, read back with errors that name the line. JSON is YAML too.
 */
import { type Device, Lab, labProblem } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import { Document, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from "yaml";

type Path = readonly (string | number)[];

/** What stands beside a device's id for people: it is not read back. */
export type Describe = (id: string) => string | undefined;

export function describer(devices: readonly Device[]): Describe {
  const words = new Map(devices.map(({ id, name, model }) => [id, [name, model].filter(Boolean).join(", ")]));
  return (id) => words.get(id);
}

/** YAML, ending in a line break; what is as usual (no tenant, no labels) is left out. */
export function writeLab(lab: Lab, describe: Describe): string {
  const file = new Document({
    version: lab.version,
    sites: lab.sites.map((site) => ({
      name: site.name,
      ...(site.country === undefined ? {} : { country: site.country }),
      racks: site.racks.map((rack) => ({ name: rack.name, chassis: rack.chassis.map(writable) })),
    })),
  });
  file.commentBefore = " The lab as it stands; edit it and run 'phonerack lab import FILE --dry-run'.";
  for (const site of lab.sites.keys())
    for (const [rack, { chassis }] of lab.sites[site]?.racks.entries() ?? [])
      for (const at of chassis.keys()) {
        const devices = file.getIn(["sites", site, "racks", rack, "chassis", at, "devices"], true);
        if (isMap(devices)) for (const { value } of devices.items) comment(value, describe);
      }
  return file.toString({ lineWidth: 0 });
}

function writable({ name, slots, tenant, labels, devices }: Lab["sites"][number]["racks"][number]["chassis"][number]) {
  return {
    name,
    slots,
    ...(tenant === null ? {} : { tenant }),
    ...(labels.length === 0 ? {} : { labels }),
    // Numbers, not the texts that an object's keys are: those would be written in quotes.
    devices: new Map(Object.entries(devices).map(([slot, id]) => [Number(slot), id])),
  };
}

function comment(node: unknown, describe: Describe): void {
  if (!isScalar(node)) return;
  const words = describe(String(node.value));
  if (words !== undefined) node.comment = ` ${words.replaceAll(/\s+/g, " ")}`;
}

/** A lab that was read, and where its parts stand in the text. */
export interface LabFile {
  readonly lab: Lab;
  /** `line 7: …` for a problem at that path of the document. */
  at(path: Path, message: string): string;
}

/** Fails with `lab_invalid`; the detail names the line and what to mend. */
export function readLab(text: string): LabFile {
  const lines = new LineCounter();
  const file = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [broken] = file.errors;
  if (broken) throw invalid(`line ${lines.linePos(broken.pos[0]).line}: ${broken.message}`);
  const at = (path: Path, message: string) => `line ${lines.linePos(offsetOf(file.contents, path)).line}: ${message}`;
  const parsed = Lab.safeParse(file.toJS());
  if (!parsed.success) throw invalid(issueWords(parsed.error.issues[0], at));
  const problem = labProblem(parsed.data);
  if (problem) throw invalid(at(problem.path, problem.message));
  return { lab: parsed.data, at };
}

/** What control says of the lab begins with the path; people have a file with lines. */
export function withLine(file: LabFile, error: unknown): unknown {
  if (!(error instanceof PhonerackError) || error.code !== "lab_invalid") return error;
  const [, path, message] = /^(sites[\w.]*): (.*)$/s.exec(error.detail ?? "") ?? [];
  return path === undefined || message === undefined ? error : invalid(file.at(path.split("."), message));
}

function invalid(detail: string): PhonerackError {
  return new PhonerackError("lab_invalid", detail);
}

type Issue = NonNullable<ReturnType<typeof Lab.safeParse>["error"]>["issues"][number];

function issueWords(issue: Issue | undefined, at: LabFile["at"]): string {
  if (!issue) return "the file holds no lab";
  const path = issue.path.map((part) => (typeof part === "symbol" ? String(part) : part));
  if (issue.code === "unrecognized_keys") {
    return at([...path, issue.keys[0] ?? ""], `there is no '${issue.keys[0]}' here; take it out or mend its spelling`);
  }
  if (issue.code === "invalid_key") return at(path, `'${String(path.at(-1))}' is no slot; slots are numbers from 1`);
  const last = path.filter((part) => typeof part === "string").at(-1);
  const quote = issue.code === "invalid_type" && issue.expected === "string" ? "; put what looks like a number in quotes" : "";
  return at(path, `${last ?? "the file"}: ${issue.message}${quote}`);
}

/** Where in the text the deepest node on the path begins; a key, rather than the value behind it. */
function offsetOf(root: unknown, path: Path): number {
  let node = root;
  let offset = 0;
  for (const part of path) {
    if (isMap(node)) {
      const pair: Pair | undefined = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
      if (!pair) break;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      const item = node.items[Number(part)] as Node | undefined;
      if (!item) break;
      offset = item.range?.[0] ?? offset;
      node = item;
    } else break;
  }
  return offset;
}
