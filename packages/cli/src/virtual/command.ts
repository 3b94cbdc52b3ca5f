import { type Command, Option } from "commander";
import { collect, parseCount, parseFolder, parsePort } from "../flags.js";
import { foreground } from "../foreground.js";
import { failure } from "./chassis-process.js";

interface VirtualFlags {
  readonly count: number;
  readonly port: number;
  readonly host: string;
  readonly latency: "none" | "real";
  readonly fault?: readonly string[];
  readonly model?: readonly string[];
  readonly auth?: boolean;
  readonly data?: string;
  readonly controlPort?: number;
  readonly json?: boolean;
}

const DEFAULT_PORT = 7300;

export function addVirtual(program: Command): void {
  program
    .command("virtual")
    .summary("virtual phones alone, for adb and other clients")
    .description("Starts virtual phones that answer real ADB and scrcpy clients on the ports P, P+1, … Runs until Ctrl-C.")
    .option("-n, --count <count>", "how many", parseCount, 1)
    .option("-p, --port <port>", "port of the first phone; 0 takes free ones", parsePort, DEFAULT_PORT)
    .option("--host <host>", "address to listen on", "127.0.0.1")
    .addOption(new Option("--latency <kind>", "as slow as real phones, or not").choices(["none", "real"]).default("none"))
    .option("--fault <slot:fault>", "a phone's fault, e.g. 3:drop, 3-7:locked or *:asleep; repeatable", collect)
    .option("--model <id>", "v1 to v6, repeated over the phones; repeatable", collect)
    .option("--auth", "ask for the computer's key, as a real phone does at first")
    .option("-d, --data <folder>", "keep what is installed and allowed in this folder", parseFolder)
    .option("--control-port <port>", "a local HTTP API that switches faults; 0 takes a free port", parsePort)
    .option("--json", "one JSON line when they listen")
    .addHelpText(
      "after",
      `
Examples:
  phonerack virtual --count 3 && adb connect 127.0.0.1:${DEFAULT_PORT}
  phonerack virtual --count 20 --latency real --fault 3:drop --control-port 7299`,
    )
    .action(virtual);
}

async function virtual(flags: VirtualFlags): Promise<void> {
  const running = foreground();
  const { count, port, host, latency, auth = false, fault, model, data, controlPort } = flags;
  const { startVirtualPhones, VirtualPhonesError } = await import("@phonerack/virtual-phone");
  const started = await startVirtualPhones({
    count,
    port,
    host,
    latency,
    auth,
    faults: fault ?? [],
    ...(model ? { models: model } : {}),
    ...(data ? { dataDir: data } : {}),
    ...(controlPort === undefined ? {} : { controlPort }),
  }).catch((error: unknown) => {
    throw error instanceof VirtualPhonesError ? failure(error) : error;
  });
  const phones = started.phones.map(({ slot, host: at, port: on, serial, model: { id } }) => ({
    slot,
    address: `${at}:${on}`,
    serial,
    model: id,
  }));
  if (flags.json) process.stdout.write(`${JSON.stringify({ phones, control: started.controlUrl ?? null })}\n`);
  else {
    for (const phone of phones) process.stdout.write(`${phone.address}  slot ${phone.slot}  ${phone.model}  ${phone.serial}\n`);
    if (started.controlUrl) process.stdout.write(`faults: ${started.controlUrl}\n`);
  }
  await running.end(() => started.stop());
}
