/** `phonerack witness`: signs the checkpoints of others' logs, so that they cannot be rewritten unseen. */
import { PhonerackError } from "@phonerack/contract/bus";
import { ED25519, parseVkey } from "@phonerack/policy";
import { sha256 } from "@phonerack/policy/node";
import type { Command } from "commander";
import { collect, parseFolder, parsePort } from "../flags.js";
import { foreground } from "../foreground.js";
import { startWitness } from "./witness.js";

interface WitnessFlags {
  readonly data: string;
  readonly name: string;
  readonly log: readonly string[];
  readonly host: string;
  readonly port: number;
  readonly json?: boolean;
}

export function addWitness(program: Command): void {
  program
    .command("witness")
    .summary("sign the checkpoints of labs' logs, so that none can be rewritten unseen")
    .description(
      "Signs a checkpoint only when the log goes on from what was seen before (c2sp.org/tlog-witness). Anybody can run one: a customer, a platform, an inspector.",
    )
    .requiredOption("-d, --data <folder>", "where its key lies, and what it has seen", parseFolder)
    .requiredOption("--log <vkey>", "a log's key, as 'phonerack audit status' prints it; repeatable", collect)
    .option("--name <name>", "as others call it", "phonerack.witness")
    .option("--host <host>", "address to listen on", "127.0.0.1")
    .option("-p, --port <port>", "port to listen on; 0 takes a free one", parsePort, 7070)
    .option("--json", "where it is reached and its key as one JSON line")
    .addHelpText("after", "\nExample:\n  phonerack witness --data ./witness --log lab.example/1a2b3c4d+5e6f7a8b+AQID…")
    .action(async (flags: WitnessFlags) => {
      const running = foreground();
      const logs = flags.log.map((text) => {
        const key = parseVkey(sha256, text);
        if (key?.type !== ED25519) throw new PhonerackError("usage", `'${text.slice(0, 80)}' is no key of a log`);
        return key;
      });
      const witness = await startWitness({ folder: flags.data, name: flags.name, logs, host: flags.host, port: flags.port });
      const { url, vkey } = witness;
      process.stdout.write(flags.json ? `${JSON.stringify({ url, vkey })}\n` : `witness at ${url}\n  ${url}=${vkey}\n`);
      await running.end(() => witness.stop());
    });
}
