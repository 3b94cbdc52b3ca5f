/** `phonerack lease take`: by name or by what the phones must be; now, later, or in the queue. */
import { LEASE_DEFAULT_MS, LEASE_MAX_DEVICES, type LeaseRequest } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import { type Command, Option } from "commander";
import type { ApiClient } from "../api/api-client.js";
import { client, command, example, type Flags, say } from "../api/command.js";
import { LeaseApi } from "../api/leases.js";
import { collect, parseWhole } from "../flags.js";
import { leaseLine } from "./lease-table.js";
import { parseDuration, parseIdle, parseTime } from "./times.js";
import { waitUntilGranted } from "./waiting.js";
import { readWhere, WHERE_KEYS } from "./where.js";

interface TakeFlags extends Flags {
  readonly where?: readonly string[];
  readonly count?: number;
  readonly chassis?: string;
  readonly wholeChassis?: boolean;
  readonly for?: number;
  readonly until?: number;
  readonly from?: number;
  readonly wait?: boolean;
  readonly purpose?: string;
  readonly idle?: { readonly minutes: number | null };
}

export function addTake(lease: Command): void {
  command(lease, "take", "take phones: all that you ask for, or none")
    .argument("[device...]", "by id or name; without any, those that --where, --count and --chassis ask for")
    .option("--where <key=value>", `what they must be, of ${WHERE_KEYS}; repeatable`, collect)
    .option("--count <number>", "how many", parseCount)
    .option("--chassis <name>", "of this chassis")
    .option("--whole-chassis", "every phone of one chassis")
    .option("--for <time>", "how long, e.g. 2h or 90m; default: an hour", parseDuration)
    .addOption(new Option("--until <time>", "until when, e.g. 18:30").argParser((text) => parseTime(text)).conflicts("for"))
    .option("--from <time>", "later, e.g. 14:00 or '2026-12-01 09:00'", (text) => parseTime(text))
    .addOption(new Option("--wait", "wait in the queue until they are free; Ctrl-C leaves it").conflicts("from"))
    .option("--purpose <words>", "what for; others see it")
    .option("--idle <time>", "give them back after so long without input, e.g. 30m, or never", parseIdle)
    .addHelpText(
      "after",
      example(
        "lease take V01-03",
        "lease take --where sdk>=30 --where model=Pixel --count 5 --for 2h --purpose 'login test'",
        "lease take --whole-chassis --chassis A1 --from 14:00 --until 18:00",
        "lease take --count 20 --wait",
      ),
    )
    .action(take);
}

function parseCount(text: string): number {
  return parseWhole(text, { least: 1, most: LEASE_MAX_DEVICES, what: "a number of phones" });
}

async function take(devices: readonly string[], flags: TakeFlags): Promise<void> {
  const api = await client(flags);
  const leases = new LeaseApi(api);
  const asked = await leases.create(await requestOf(api, devices, flags));
  const lease = asked.phase === "queued" ? await waitUntilGranted(leases, asked) : asked;
  say(flags, lease, leaseLine(lease));
}

async function requestOf(api: ApiClient, devices: readonly string[], flags: TakeFlags): Promise<Partial<LeaseRequest>> {
  const words = [...(flags.where ?? []), ...(flags.chassis === undefined ? [] : [`chassis=${flags.chassis}`])];
  const where = readWhere(words);
  if (devices.length === 0 && where === undefined && flags.count === undefined && !flags.wholeChassis)
    throw new PhonerackError("usage", "say which: devices by name, or --where, --count, --chassis, --whole-chassis");
  if (devices.length > 0 && (where !== undefined || flags.count !== undefined || flags.wholeChassis))
    throw new PhonerackError("usage", "devices by name, or what they must be, not both");
  const ids: string[] = [];
  for (const device of devices) ids.push(await api.idOf(device));
  const { from, count } = flags;
  const until = flags.until ?? (flags.for === undefined && from === undefined ? undefined : untilOf(flags));
  return {
    ...(ids.length > 0 ? { devices: ids } : {}),
    ...(where ? { where } : {}),
    ...(count === undefined ? {} : { count }),
    ...(flags.wholeChassis ? { wholeChassis: true } : {}),
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
    ...(flags.purpose === undefined ? {} : { purpose: flags.purpose }),
    ...(flags.wait ? { wait: true } : {}),
    ...(flags.idle === undefined ? {} : { idleMinutes: flags.idle.minutes }),
  };
}

function untilOf(flags: TakeFlags): number {
  return (flags.from ?? Date.now()) + (flags.for ?? LEASE_DEFAULT_MS);
}
