import { type Command, Option } from "commander";
import { parseSeconds, parseWhole } from "../flags.js";
import { BENCHES, type BenchName } from "./benches.js";

interface BenchFlags {
  readonly count?: number;
  readonly seconds?: number;
  readonly json?: boolean;
}

export function addBench(program: Command): void {
  const names = Object.keys(BENCHES) as BenchName[];
  program
    .command("bench")
    .summary("measure phonerack beside its limit, in the same run")
    .description(
      `Measures one of phonerack's budgets beside the limit it is held against, in the same run, on this machine. The exit code is 0 whether or not the budget is met.\n\n${names.map((name) => `  ${name.padEnd(8)} ${BENCHES[name].about}`).join("\n")}`,
    )
    .argument("<name>", names.join(", "), (text: string) => text)
    .addOption(
      new Option("--count <n>", "phones or streams instead of the budget's number").argParser((text) =>
        parseWhole(text, { least: 1, most: 2_000, what: "a number" }),
      ),
    )
    .addOption(new Option("--seconds <s>", "how long to measure").argParser(parseSeconds))
    .option("--json", "one JSON object on one line")
    .addHelpText("after", "\nExamples:\n  phonerack bench relay --json\n  phonerack bench idle --seconds 20 --count 100")
    .action(async (name: string, flags: BenchFlags) => {
      const { runBench } = await import("./run-bench.js");
      const result = await runBench(name, flags);
      process.stdout.write(flags.json ? `${JSON.stringify(result)}\n` : `${JSON.stringify(result, null, 2)}\n`);
      // Connections of a thousand phones need not be taken down one by one.
      process.exit(0);
    });
}
