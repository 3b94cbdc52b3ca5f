/** The commands for places: the lab as a file, one device's slot, and which phone on the shelf it is. */
import { readFile, writeFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { type Device, type LabChanges, PlaceName } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import { type Command, InvalidArgumentError } from "commander";
import { client, command, example, type Flags, say } from "../api/command.js";
import { parseWhole } from "../flags.js";
import { describer, type LabFile, readLab, withLine, writeLab } from "./lab-file.js";

export function addLabCommands(program: Command): void {
  const lab = program
    .command("lab")
    .summary("the lab as a file: sites, racks, chassis, slots")
    .description("Write the lab to a file, or make it be like one.");
  addExport(lab);
  addImport(lab);
  addPlace(program);
  addIdentify(program);
}

function addExport(lab: Command): void {
  command(lab, "export", "write sites, racks, chassis and slots as YAML")
    .argument("[file]", "where to; - is stdout", "-")
    .addHelpText("after", example("lab export lab.yaml", "lab export --json | jq .sites[].name"))
    .action(async (file: string, flags: Flags) => {
      const api = await client(flags);
      const lab = await api.lab();
      const written = flags.json ? `${JSON.stringify(lab)}\n` : writeLab(lab, describer(await api.devices()));
      if (file === "-") return void process.stdout.write(written);
      await writeFile(file, written).catch((cause: Error) => {
        throw new PhonerackError("usage", `the file cannot be written: ${cause.message}`, { cause });
      });
      process.stderr.write(`${file}: ${lab.sites.length === 1 ? "1 site" : `${lab.sites.length} sites`}\n`);
    });
}

function addImport(lab: Command): void {
  command(lab, "import", "make the lab be like a file; nothing is changed unless all of it can be")
    .argument("<file>", "YAML or JSON as 'lab export' writes it; - is stdin")
    .option("--dry-run", "only say what would change")
    .addHelpText("after", example("lab import lab.yaml --dry-run", "lab import lab.yaml"))
    .action(async (name: string, flags: Flags & { dryRun?: boolean }) => {
      const file = readLab(await readText(name));
      const api = await client(flags);
      const changes = await api.putLab(file.lab, flags.dryRun ?? false).catch((error: unknown) => {
        throw withLine(file, error);
      });
      if (changes.unknown.length > 0) throw new PhonerackError("lab_invalid", unknownWords(file, changes.unknown));
      say(flags, changes, changeWords(changes, await api.devices(), flags.dryRun ?? false));
    });
}

async function readText(file: string): Promise<string> {
  if (file === "-") return text(process.stdin);
  return readFile(file, "utf8").catch((cause: Error) => {
    throw new PhonerackError("usage", `the file cannot be read: ${cause.message}`, { cause });
  });
}

/** Each on its line: they are in the file, only the lab does not know them. */
function unknownWords(file: LabFile, unknown: readonly string[]): string {
  const words: string[] = [];
  for (const [s, site] of file.lab.sites.entries())
    for (const [r, rack] of site.racks.entries())
      for (const [c, chassis] of rack.chassis.entries())
        for (const [slot, device] of Object.entries(chassis.devices)) {
          const path = ["sites", s, "racks", r, "chassis", c, "devices", slot];
          if (unknown.includes(device)) words.push(file.at(path, `the lab knows no device ${device}; take it out`));
        }
  return words.join("; ");
}

function changeWords(changes: LabChanges, devices: readonly Device[], dryRun: boolean): string {
  const names = new Map(devices.map(({ id, name }) => [id, name]));
  const lines = [
    ...changes.added.map((what) => `added    ${what}`),
    ...changes.removed.map((what) => `removed  ${what}`),
    ...changes.changed.map((what) => `changed  ${what}`),
    ...changes.moved.map(
      ({ device, from, to }) => `moved    ${names.get(device) ?? device} (${device}): ${from ?? "no slot"} to ${to ?? "no slot"}`,
    ),
  ];
  if (lines.length === 0) return dryRun ? "nothing would change" : "nothing changed";
  return [...lines, ...(dryRun ? ["(--dry-run: nothing was changed)"] : [])].join("\n");
}

function addPlace(program: Command): void {
  command(program, "place", "say in which slot a device stands")
    .argument("<device>", "its id or name")
    .argument("<slot>", "CHASSIS/SLOT, or none", parsePlace)
    .addHelpText("after", example("place V01-03 A2/7", "place d-abcd2345 none"))
    .action(async (device: string, place: ParsedPlace, flags: Flags) => {
      const api = await client(flags);
      const { id, name, chassis, slot } = await api.place(await api.idOf(device), place.place);
      say(flags, { id, chassis, slot }, chassis === null ? `${name}: in no slot` : `${name}: ${chassis}/${slot}`);
    });
}

/** In an object, because Commander takes a parser's null for "not given". */
interface ParsedPlace {
  readonly place: { readonly chassis: string; readonly slot: number } | null;
}

function parsePlace(words: string): ParsedPlace {
  if (words === "none") return { place: null };
  const [, chassis, slot] = /^([^/]+)\/([1-9]\d?|100)$/.exec(words) ?? [];
  const name = PlaceName.safeParse(chassis);
  if (!name.success) throw new InvalidArgumentError(`'${words}' is not CHASSIS/SLOT, e.g. A1/7.`);
  return { place: { chassis: name.data, slot: Number(slot) } };
}

function addIdentify(program: Command): void {
  command(program, "identify", "fill a device's screen with its slot number, to find it in the rack")
    .argument("<device>", "its id or name")
    .option(
      "--seconds <seconds>",
      "how long",
      (words) => parseWhole(words, { least: 1, most: 120, what: "a number of seconds" }),
      15,
    )
    .addHelpText("after", example("identify V01-03", "identify V01-03 --seconds 60"))
    .action(async (device: string, flags: Flags & { seconds: number }) => {
      const api = await client(flags);
      const id = await api.idOf(device);
      const shown = await api.identify(id, flags.seconds);
      say(flags, { id, shown }, `its screen shows ${shown} for ${flags.seconds} s`);
    });
}
