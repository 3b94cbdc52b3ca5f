/** docs/cli.md: every command as its own help tells it. Written by scripts/reference.mjs; a test compares the page with the commands. */
import type { Argument, Command, Option } from "commander";

/** Of this command, what all that talk to a control have: said once, on top. */
const LIKE_ALL = "devices";
const COMMON = ["--control", "--token", "--ca", "--data", "--json"];

export function cliReference(program: Command): string {
  const commands = leaves(program);
  const common = (commands.find((one) => one.name() === LIKE_ALL)?.options ?? []).filter(({ long }) =>
    COMMON.includes(long ?? ""),
  );
  const said = new Set(common.map(optionLine));
  return `${[
    "# The command line",
    "Made by `node scripts/reference.mjs` from the commands themselves; change those. Each also has `--help`.",
    "Those that talk to a running phonerack also take:",
    common.map(optionLine).join("\n"),
    "Exit codes: 0 done, 1 failed, 2 the command's words are off. A failure prints one sentence of the [error table](errors.md); with `--json` it is one JSON line on stderr.",
    ...sections(commands, said),
  ].join("\n\n")}\n`;
}

function sections(commands: readonly Command[], said: ReadonlySet<string>): string[] {
  let group = "";
  return commands.flatMap((command) => {
    const [, first = ""] = pathOf(command);
    const heading = first === group || pathOf(command).length < 3 ? [] : [`## ${first}`, ...describe(groupOf(command))];
    group = first;
    return [...heading, section(command, said)];
  });
}

/** @param said options that stand on top already */
function section(command: Command, said: ReadonlySet<string>): string {
  const path = pathOf(command);
  const options = command.options.filter(({ hidden }) => !hidden).map(optionLine);
  const lines = [...command.registeredArguments.map(argumentLine), ...options.filter((line) => !said.has(line))];
  return [
    `${path.length < 3 ? "##" : "###"} ${path.slice(1).join(" ")}`,
    ...describe(command),
    `\`\`\`sh\n${[`${path.join(" ")} ${command.usage()}`.trim(), ...examplesOf(command)].join("\n")}\n\`\`\``,
    ...(lines.length > 0 ? [lines.join("\n")] : []),
  ].join("\n\n");
}

function describe(command: Command): string[] {
  // What all of them work on stands on top.
  const words = command.description().replace(/ Works on the phonerack that runs with .*$/, "");
  return words === "" ? [] : [escaped(words)];
}

function argumentLine(argument: Argument): string {
  return `- \`${argument.name()}\`: ${escaped(argument.description)}`;
}

function optionLine(option: Option): string {
  const choices = option.argChoices ? ` (${option.argChoices.join(", ")})` : "";
  const env = option.envVar ? ` (or ${option.envVar})` : "";
  return `- \`${option.flags}\`: ${escaped(option.description)}${choices}${env}`;
}

/** What the command's own help shows below "Examples:". */
function examplesOf(command: Command): string[] {
  let help = "";
  command.configureOutput({ writeOut: (text) => (help += text) });
  command.outputHelp();
  const [, after = ""] = help.split("\nExamples:\n");
  return after
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => `# ${line}`);
}

function leaves(command: Command): Command[] {
  const below = command.commands.filter((one) => one.name() !== "help");
  return below.length === 0 ? [command] : below.flatMap(leaves);
}

function pathOf(command: Command): string[] {
  return command.parent ? [...pathOf(command.parent), command.name()] : [command.name()];
}

function groupOf(command: Command): Command {
  return command.parent?.parent ? groupOf(command.parent) : command;
}

/** Angle brackets and stars are words here, not markup. */
function escaped(text: string): string {
  return text.replace(/[<*]/g, "\\$&");
}
