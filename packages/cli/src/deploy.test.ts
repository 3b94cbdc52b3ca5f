/** The files in deploy/ against the commands they start: every word must be one that the command takes. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { createProgram } from "./program.js";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

/** What is wrong with a command line and its environment; empty when the command would start its work. */
function faultsOf(words: readonly string[], env: Readonly<Record<string, string>> = {}): string[] {
  const [name, ...rest] = words;
  const command = createProgram().commands.find((each) => each.name() === name);
  if (!command) return [`there is no command ${name}`];
  try {
    const { operands, unknown } = command.parseOptions(rest);
    const missing = command.options.filter(
      (option) =>
        option.mandatory &&
        command.getOptionValue(option.attributeName()) === undefined &&
        !(option.envVar && env[option.envVar]),
    );
    const known = new Set(command.options.map((option) => option.envVar));
    return [
      ...unknown.map((word) => `${name} does not take ${word}`),
      ...(operands.length > command.registeredArguments.length ? [`${name} takes no ${operands.at(-1)}`] : []),
      ...missing.map(({ long }) => `${name} needs ${long}`),
      // The token's variable is read by `control` itself.
      ...Object.keys(env)
        .filter((variable) => variable.startsWith("PHONERACK_") && variable !== "PHONERACK_TOKEN" && !known.has(variable))
        .map((variable) => `${name} does not read ${variable}`),
    ];
  } catch (error) {
    return [(error as Error).message];
  }
}

/** As docker compose fills it in. */
function filledIn(text: string): string {
  const values: Record<string, string> = {
    LAB_HOST: "lab.example",
    POSTGRES_PASSWORD: "secret",
    PHONERACK_TOKEN: "t".repeat(32),
  };
  return text.replaceAll(/\$\{(\w+)(:\?[^}]*)?\}/g, (_whole, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`${name} is not in .env.example`);
    return value;
  });
}

interface Service {
  readonly image?: string;
  readonly command?: string | string[];
  readonly environment?: Record<string, string>;
  readonly volumes?: string[];
  readonly networks?: string[];
  readonly depends_on?: string[] | Record<string, unknown>;
}

interface Compose {
  readonly services: Record<string, Service>;
  readonly volumes: Record<string, unknown>;
  readonly networks: Record<string, unknown>;
}

describe("a command line that is checked here", () => {
  test("is refused for a word, a value, a variable or a need that it has wrong", () => {
    const bus = { PHONERACK_BUS: "nats://nats:4222" };
    expect(faultsOf(["control"], bus)).toEqual([]);
    expect(faultsOf(["control"])).toEqual(["control needs --bus"]);
    expect(faultsOf(["control", "--nats", "x"], bus)).not.toEqual([]);
    expect(faultsOf(["control", "--port=many"], bus)).not.toEqual([]);
    expect(faultsOf(["control"], { ...bus, PHONERACK_DB: "x" })).toEqual(["control does not read PHONERACK_DB"]);
    expect(faultsOf(["controls"])).not.toEqual([]);
  });
});

describe("deploy/compose.yaml", () => {
  const compose = parse(filledIn(read("deploy/compose.yaml")), { merge: true }) as Compose;
  const ours = Object.entries(compose.services).filter(([, { image }]) => image === "phonerack");

  test("starts two controls, the bus, the database and what speaks https in front", () => {
    expect(Object.keys(compose.services).sort()).toEqual([
      "agent",
      "bus-keys",
      "caddy",
      "control-1",
      "control-2",
      "nats",
      "postgres",
    ]);
    expect(ours.map(([name]) => name).sort()).toEqual(["agent", "bus-keys", "control-1", "control-2"]);
  });

  test.each(ours)("starts %s with words that phonerack takes", (_name, { command, environment }) => {
    expect(Array.isArray(command)).toBe(true);
    expect(faultsOf(command as string[], environment)).toEqual([]);
  });

  test("names no volume, network or service that it does not have", () => {
    for (const [name, { volumes = [], networks = [], depends_on = [] }] of Object.entries(compose.services)) {
      const named = volumes.map((volume) => volume.split(":")[0] ?? "").filter((volume) => !volume.startsWith("."));
      for (const volume of named) expect(Object.keys(compose.volumes), `${name}: ${volume}`).toContain(volume);
      for (const network of networks) expect(Object.keys(compose.networks), name).toContain(network);
      const needed = Array.isArray(depends_on) ? depends_on : Object.keys(depends_on);
      for (const service of needed) expect(Object.keys(compose.services), name).toContain(service);
    }
    expect(read("deploy/Caddyfile")).toContain("reverse_proxy control-1:7171 control-2:7171");
  });

  test("has each of its variables explained in .env.example", () => {
    const explained = [...read("deploy/.env.example").matchAll(/^(\w+)=/gm)].map(([, name]) => name);
    for (const [, name] of read("deploy/compose.yaml").matchAll(/\$\{(\w+)/g)) expect(explained).toContain(name);
  });

  test("is built by a Dockerfile whose files are there", () => {
    const docker = read("deploy/Dockerfile");
    for (const path of ["scripts/build.mjs", "packages/cli/bin/phonerack.js"]) {
      expect(docker).toContain(path);
      expect(read(path)).not.toBe("");
    }
  });
});

describe("deploy/systemd", () => {
  const units = readdirSync(join(ROOT, "deploy/systemd"));

  test.each(units)("%s starts phonerack with words that it takes", (unit) => {
    const [, line = ""] = /^ExecStart=(.+)$/m.exec(read(`deploy/systemd/${unit}`)) ?? [];
    const [node, program, ...words] = line.replaceAll("%i", "chassis-a1").split(" ");
    expect([node, program]).toEqual(["/usr/bin/node", "/opt/phonerack/packages/cli/bin/phonerack.js"]);
    expect(faultsOf(words, words[0] === "control" ? { PHONERACK_BUS: "nats://localhost" } : {})).toEqual([]);
  });

  const hasSystemd = spawnSync("systemd-analyze", ["--version"]).status === 0;
  test.skipIf(!hasSystemd).each(units)("%s is understood by systemd", (unit) => {
    const folder = mkdtempSync(join(tmpdir(), "phonerack-units-"));
    const verified = (text: string) => {
      const path = join(folder, unit.replace("@.", "@chassis-a1."));
      // The program need not be where it will be.
      writeFileSync(path, text.replace("/usr/bin/node", process.execPath));
      const { stdout, stderr } = spawnSync("systemd-analyze", ["verify", path], { encoding: "utf8" });
      return (stdout + stderr)
        .split("\n")
        .filter((line) => line.includes(unit.split(/[@.]/)[0] ?? unit))
        .join("\n");
    };
    try {
      const text = read(`deploy/systemd/${unit}`);
      expect(verified(text)).toBe("");
      expect(verified(text.replace("ProtectHome=", "ProtectHouse="))).toContain("ProtectHouse");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe("docs/deploy.md", () => {
  test("shows commands that phonerack takes", () => {
    const shown = [
      ...read("docs/deploy.md").matchAll(
        /(?:^|[\s`])(?:npx )?phonerack ((?:control|agent|bus-keys|doctor|login|link)\b[^\n`|]*)/g,
      ),
    ];
    expect(shown.length).toBeGreaterThan(5);
    for (const [, line = ""] of shown) {
      const words = line.trim().replaceAll(/ #.*$/g, "").split(/\s+/);
      expect(
        faultsOf(words, { PHONERACK_BUS: "nats://localhost" }).filter((fault) => !fault.includes("PHONERACK_BUS")),
        line,
      ).toEqual([]);
    }
  });

  test("names files that are there", () => {
    for (const [, path = ""] of read("docs/deploy.md").matchAll(/\]\(\.\.\/([^)]+)\)/g))
      expect(execFileSync("ls", [join(ROOT, path)], { encoding: "utf8" }), path).not.toBe("");
  });
});
