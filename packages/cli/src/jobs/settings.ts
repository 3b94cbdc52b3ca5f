/** `phonerack settings`, `set` and `clipboard`: what of a phone's own settings people change while they test. */
import { contract, DeviceAction, type DeviceSettings, type DeviceSettingsNow } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import { type Command, InvalidArgumentError, Option } from "commander";
import { client, command, example, type Flags, say } from "../api/command.js";
import { doJob, fits, type JobFlags, jobCommand } from "./do.js";

interface SetFlags extends JobFlags {
  readonly rotation?: DeviceSettings["rotation"];
  readonly locale?: string;
  readonly timeZone?: string;
  readonly fontScale?: number;
  readonly night?: DeviceSettings["night"];
  readonly airplane?: boolean;
  readonly stayAwake?: boolean;
  readonly location?: DeviceSettings["location"];
}

export function addSettings(program: Command): void {
  addShow(program);
  addSet(program);
  addClipboard(program);
}

function addShow(program: Command): void {
  command(program, "settings", "show a phone's rotation, language, time zone and others, as they are")
    .argument("<device>", "its id or name")
    .addHelpText("after", example("settings V01-03"))
    .action(async (device: string, flags: Flags) => {
      const api = await client(flags);
      const id = await api.idOf(device);
      const settings: DeviceSettingsNow = await api.ask(contract.devices.settings, `/devices/${id}/settings`);
      say(flags, settings, wordsOf(settings));
    });
}

function addSet(program: Command): void {
  jobCommand(program, "set", "change phones' own settings; all of it is undone when the lease ends")
    .option("--rotation <turns>", "auto, or 0 to 3 quarter turns", parseRotation)
    .option("--locale <language>", "e.g. de-DE, zh-Hans-CN")
    .option("--time-zone <zone>", "e.g. Europe/Paris")
    .option("--font-scale <number>", "0.5 to 2", parseNumber)
    .addOption(new Option("--night <mode>", "dark mode").choices(["on", "off", "auto"]))
    .option("--airplane <on|off>", "airplane mode", parseSwitch)
    .option("--stay-awake <on|off>", "the screen stays on", parseSwitch)
    .option("--location <place>", "LATITUDE,LONGITUDE for your own apps; none: as the phone itself knows", parsePlace)
    .addHelpText(
      "after",
      example(
        "set --devices V01-03 --night on --font-scale 1.3",
        "set --lease l-abcdefghij --locale de-DE --time-zone Europe/Berlin",
      ),
    )
    .action(async (flags: SetFlags) => {
      const { rotation, locale, timeZone, fontScale, night, airplane, stayAwake, location } = flags;
      const all = { rotation, locale, timeZone, fontScale, night, airplane, stayAwake, location };
      const settings = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
      if (Object.keys(settings).length === 0) throw new PhonerackError("usage", "say what to set; --help lists it");
      await doJob(flags, fits(DeviceAction, { type: "settings", settings }));
    });
}

function addClipboard(program: Command): void {
  const clipboard = program
    .command("clipboard")
    .summary("read a phone's clipboard, or set it on many")
    .description("What was copied on a phone, and what is pasted there.");
  command(clipboard, "get", "print what is in a phone's clipboard")
    .argument("<device>", "its id or name")
    .addHelpText("after", example("clipboard get V01-03"))
    .action(async (device: string, flags: Flags) => {
      const api = await client(flags);
      const id = await api.idOf(device);
      const found: { text: string } = await api.ask(contract.devices.clipboard, `/devices/${id}/clipboard`);
      say(flags, found, found.text);
    });
  jobCommand(clipboard, "set", "put a text into the clipboard of phones")
    .argument("<text>", "any script")
    .addHelpText("after", example('clipboard set "hello, 世界" --devices V01-03'))
    .action(async (text: string, flags: JobFlags) => doJob(flags, fits(DeviceAction, { type: "clipboard", text })));
}

function wordsOf({ unsupported, location, ...settings }: DeviceSettingsNow): string {
  const shown = (value: string | number | boolean | null) =>
    typeof value === "boolean" ? (value ? "on" : "off") : String(value ?? "–");
  const rows = Object.entries(settings).map(([name, value]) => `${name.padEnd(10)}  ${shown(value)}`);
  const place = location === null ? "as the phone knows" : `${location.latitude},${location.longitude}`;
  const cannot = unsupported.length > 0 ? [`this phone cannot be told: ${unsupported.join(", ")}`] : [];
  return [...rows, `${"location".padEnd(10)}  ${place}`, ...cannot].join("\n");
}

function parseRotation(text: string): DeviceSettings["rotation"] {
  if (text === "auto") return "auto";
  if (!/^[0-3]$/.test(text)) throw new InvalidArgumentError(`'${text}' is not auto, 0, 1, 2 or 3.`);
  return Number(text);
}

function parseNumber(text: string): number {
  if (!/^\d(\.\d{1,3})?$/.test(text)) throw new InvalidArgumentError(`'${text}' is not a number like 1.3.`);
  return Number(text);
}

function parseSwitch(text: string): boolean {
  if (text !== "on" && text !== "off") throw new InvalidArgumentError(`'${text}' is not on or off.`);
  return text === "on";
}

function parsePlace(text: string): DeviceSettings["location"] {
  if (text === "none") return null;
  const [, latitude, longitude] = /^(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)$/.exec(text) ?? [];
  if (latitude === undefined || longitude === undefined)
    throw new InvalidArgumentError(`'${text}' is not LATITUDE,LONGITUDE like 48.8584,2.2945.`);
  return { latitude: Number(latitude), longitude: Number(longitude) };
}
