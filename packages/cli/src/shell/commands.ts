/** `phonerack shell`: a shell on a phone, on this terminal or in a pipe, with its exit code. */
import { PhonerackError } from "@phonerack/contract/bus";
import type { Command } from "commander";
import { ApiClient } from "../api/api-client.js";
import { command, example, type Flags } from "../api/command.js";
import { findControl } from "../api/find-control.js";
import { GroupApi } from "../api/groups.js";
import { agree } from "../group/starting.js";
import { runShell } from "./terminal.js";

interface ShellFlags extends Flags {
  readonly tty: boolean;
  readonly agree?: boolean;
}

export function addShell(program: Command): void {
  command(program, "shell", "open a shell on a phone that you hold, or run one command")
    .argument("<device>", "its id or name")
    .argument("[command...]", "after --: what to run; without it, an interactive shell")
    .option("--no-tty", "no terminal: input and output as they are, complaints apart")
    .option("--agree", "other apps may be disabled meanwhile on a phone that no operator has enrolled")
    .addHelpText(
      "after",
      `\nIts exit code is this command's. On many phones at once: phonerack run.\n${example(
        "shell V01-03",
        "shell V01-03 -- getprop ro.product.model",
        "shell V01-03 --no-tty -- 'cat > /sdcard/notes.txt' < notes.txt",
      )}`,
    )
    .action(async (name: string, words: string[], flags: ShellFlags) => {
      const control = await findControl(flags);
      const api = new ApiClient(control);
      const device = await api.deviceOf(name);
      const groups = new GroupApi(api);
      const [preview] = await groups.preview([device.id]);
      const asks = preview?.ask === true;
      if (asks && !flags.agree) await agree(groups, [device], { flags, refused: new PhonerackError("fence_unagreed") });
      const line = words.length > 0 ? words.join(" ") : null;
      const terminal = flags.tty && line === null && process.stdin.isTTY && process.stdout.isTTY;
      process.exitCode = await runShell({ control, deviceId: device.id, agreed: asks, command: line, terminal });
    });
}
