import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createProgram } from "./program.js";
import { cliReference } from "./reference.js";

test("docs/cli.md says what the commands say of themselves; node scripts/reference.mjs writes it", () => {
  const page = readFileSync(new URL("../../../docs/cli.md", import.meta.url), "utf8");
  expect(page).toBe(cliReference(createProgram()));
});

test("every command has a summary, and every argument and option its words", () => {
  const bare: string[] = [];
  const walk = (command: ReturnType<typeof createProgram>) => {
    for (const one of command.commands) {
      if (one.summary() === "" && one.description() === "") bare.push(one.name());
      for (const argument of one.registeredArguments)
        if (argument.description === "") bare.push(`${one.name()} ${argument.name()}`);
      for (const option of one.options) if (option.description === "") bare.push(`${one.name()} ${option.flags}`);
      walk(one);
    }
  };
  walk(createProgram());
  expect(bare).toEqual([]);
});
