import type { Command } from "commander";
import { parseFolder } from "../flags.js";

export function addBusKeys(program: Command): void {
  program
    .command("bus-keys")
    .summary("keys for a lab's NATS server")
    .description(
      "Makes what a lab's NATS server and its controls need, so that each agent speaks only for itself there. Never changes a folder that holds keys.",
    )
    .argument("<folder>", "where they are kept; made when missing", parseFolder)
    .addHelpText("after", "\nExample:\n  phonerack bus-keys /etc/phonerack/bus")
    .action(busKeys);
}

async function busKeys(folder: string): Promise<void> {
  const { writeBusKeys } = await import("@phonerack/control");
  const config = await writeBusKeys(folder);
  process.stdout.write(`Made keys in ${folder}. Keep a copy: other keys mean that all hosts join anew. Next:
  nats-server -c ${config}
  phonerack control --bus nats://127.0.0.1:4222 --bus-keys ${folder} --agents-bus nats://THIS-HOST:4222
`);
}
