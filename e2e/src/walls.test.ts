/**
 * Plants one fault for every import wall and sees the linter refuse it: a wall that silently stopped working looks like a green one.
 * The faults are planted in a copy of the workspace's outline (package.json's and lint settings), never in the tree itself.
 */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const run = promisify(execFile);

const refused: [file: string, source: string, rule: string][] = [
  ["packages/contract/src/a.ts", 'export * from "node:fs";', "noNodejsModules"],
  ["packages/contract/src/b.ts", 'export * from "@phonerack/policy";', "noRestrictedImports"],
  ["packages/policy/src/a.ts", 'export * from "node:fs";', "noNodejsModules"],
  ["packages/policy/src/b.ts", 'export * from "@phonerack/contract/api";', "noRestrictedImports"],
  ["packages/android-wire/src/a.ts", 'export * from "node:net";', "noNodejsModules"],
  ["packages/android-wire/src/b.ts", 'export * from "@phonerack/contract/api";', "noRestrictedImports"],
  ["packages/apk/src/a.ts", 'export * from "@phonerack/contract/api";', "noRestrictedImports"],
  ["packages/virtual-phone/src/a.ts", 'export * from "@phonerack/contract/bus";', "noRestrictedImports"],
  ["packages/virtual-phone/src/b.ts", 'export * from "@phonerack/agent";', "noUndeclaredDependencies"],
  ["packages/agent/src/a.ts", 'export * from "@phonerack/contract/api";', "noRestrictedImports"],
  ["packages/agent/src/b.ts", 'export * from "@phonerack/control";', "noUndeclaredDependencies"],
  ["packages/agent/src/c.ts", 'export * from "@phonerack/virtual-phone";', "noRestrictedImports"],
  ["packages/agent/src/d/e.ts", 'export * from "../../../control/src/index.js";', "noRestrictedImports"],
  ["packages/control/src/a.ts", 'export * from "@phonerack/agent";', "noUndeclaredDependencies"],
  ["packages/control/src/b.ts", 'export * from "@phonerack/android-wire/adb";', "noRestrictedImports"],
  ["packages/web/src/a.ts", 'export * from "node:path";', "noNodejsModules"],
  ["packages/web/src/b.ts", 'export * from "@phonerack/contract/bus";', "noRestrictedImports"],
  ["packages/web/src/c.ts", 'export * from "@phonerack/android-wire/adb";', "noRestrictedImports"],
  ["packages/web/src/d.ts", 'export * from "@phonerack/policy/node";', "noRestrictedImports"],
  ["packages/cli/src/a.ts", 'export * from "@phonerack/android-wire/adb";', "noRestrictedImports"],
  ["packages/cli/src/b.ts", 'export * from "fastify";', "noUndeclaredDependencies"],
];

const allowed: [file: string, source: string][] = [
  ["packages/agent/src/a.ts", 'export * from "@phonerack/contract/bus";'],
  ["packages/agent/src/a.test.ts", 'export * from "@phonerack/virtual-phone";'],
  ["packages/web/src/a.ts", 'export * from "@phonerack/contract/api";'],
  ["packages/control/src/a.ts", 'export * from "@phonerack/contract/api";'],
  ["packages/control/src/b.ts", 'export * from "@phonerack/policy/node";'],
];

describe("import walls", () => {
  let copy: string;

  beforeAll(async () => {
    copy = await mkdtemp(join(tmpdir(), "phonerack-walls-"));
    await cp(join(root, "biome.json"), join(copy, "biome.json"));
    await cp(join(root, "package.json"), join(copy, "package.json"));
    for (const name of await readdir(join(root, "packages"))) {
      await cp(join(root, "packages", name, "package.json"), join(copy, "packages", name, "package.json"));
    }
  });

  afterAll(() => rm(copy, { recursive: true, force: true }));

  async function lint(file: string, source: string): Promise<string> {
    const path = join(copy, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `${source}\n`);
    const result = await run(join(root, "node_modules/.bin/biome"), ["lint", "--colors=off", "--vcs-enabled=false", file], {
      cwd: copy,
    }).catch((failed: { stdout: string; stderr: string }) => failed);
    await rm(path);
    return result.stdout + result.stderr;
  }

  test.each(refused)("%s may not say %s", async (file, source, rule) => {
    expect(await lint(file, source)).toContain(rule);
  });

  test.each(allowed)("%s may say %s", async (file, source) => {
    expect(await lint(file, source)).not.toMatch(/noRestrictedImports|noUndeclaredDependencies|noNodejsModules/);
  });
});
