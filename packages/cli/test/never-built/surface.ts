/** Everything by which somebody could ask phonerack for something, as names: the API, the bus, the commands, what settings and tables are called, what the agent says to a phone. */
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import * as api from "@phonerack/contract/api";
import * as bus from "@phonerack/contract/bus";
import type { Command } from "commander";
import { z } from "zod";

/** `asks`: it can be asked for or set, not only read. */
export interface Named {
  readonly where: string;
  readonly name: string;
  readonly asks: boolean;
}

interface Procedure {
  readonly route: { readonly method?: string; readonly path?: string };
  readonly inputSchema?: unknown;
  readonly outputSchema?: unknown;
}

/** Each route's method and path, and every property, choice and constant of what goes in and out. */
export function routesOf(tree: object, at: readonly string[] = []): Named[] {
  return Object.entries(tree).flatMap(([name, part]: [string, unknown]) => {
    if (typeof part !== "object" || part === null) return [];
    const where = [...at, name];
    if (!("~orpc" in part)) return [{ where: where.join("."), name, asks: true }, ...routesOf(part, where)];
    const { route, inputSchema, outputSchema } = part["~orpc"] as Procedure;
    const place = `api ${where.join(".")}`;
    const asks = route.method !== "GET";
    const words = [
      { where: place, name, asks: true },
      { where: place, name: route.path ?? "", asks },
    ];
    return [...words, ...schemaNames(inputSchema, `${place} in`, asks), ...schemaNames(outputSchema, `${place} out`, false)];
  });
}

/** All schemas that a module exports: what the bus carries, and what the API's parts are called. */
export function schemasOf(module: object, where: string): Named[] {
  return Object.entries(module).flatMap(([name, schema]: [string, unknown]) => [
    { where, name, asks: false },
    ...schemaNames(schema, `${where} ${name}`, /Order|Action|Settings|Step|Request|Input|Term/.test(name)),
  ]);
}

function schemaNames(schema: unknown, where: string, asks: boolean): Named[] {
  if (!(schema instanceof z.ZodType)) return [];
  const names = new Set<string>();
  collect(z.toJSONSchema(schema, { unrepresentable: "any", io: "input", cycles: "ref", reused: "inline" }), names);
  return Array.from(names, (name) => ({ where, name, asks }));
}

function collect(part: unknown, names: Set<string>): void {
  if (typeof part !== "object" || part === null) return;
  if (Array.isArray(part)) {
    for (const one of part) collect(one, names);
    return;
  }
  for (const [key, value] of Object.entries(part)) {
    if (key === "properties" && typeof value === "object" && value !== null)
      for (const name of Object.keys(value)) names.add(name);
    if (key === "const" && typeof value === "string") names.add(value);
    if (key === "enum" && Array.isArray(value)) for (const choice of value) names.add(String(choice));
    // Patterns and defaults are values; names stand in the keys above.
    if (key !== "default" && key !== "examples" && key !== "pattern") collect(value, names);
  }
}

export function commandsOf(command: Command, at = ""): Named[] {
  const where = `${at} ${command.name()}`.trim();
  const options = command.options.flatMap(({ long, short, envVar, argChoices }) => [
    ...[long, short, envVar].flatMap((name) => name ?? []),
    ...(argChoices ?? []),
  ]);
  const own = [
    command.name(),
    ...command.aliases(),
    ...command.registeredArguments.flatMap((arg) => [arg.name(), ...(arg.argChoices ?? [])]),
  ];
  const named = [...own, ...options].map((name) => ({ where: `cli ${where}`, name, asks: true }));
  return [...named, ...command.commands.flatMap((one) => commandsOf(one, at === "" ? ":" : where))];
}

/** What the sources say of tables and columns, and of the environment; and in words to phones. */
export async function sourceNames(root: string): Promise<{ names: Named[]; said: Named[] }> {
  const names: Named[] = [];
  const said: Named[] = [];
  for (const file of await sources(join(root, "packages"))) {
    const text = await readFile(file, "utf8");
    const where = relative(root, file);
    const found = [
      ...text.matchAll(/\b(?:pgTable|text|integer|bigint|boolean|jsonb|timestamp|serial|bytea)\(\s*"([a-z0-9_]+)"/g),
      ...text.matchAll(/\bprocess\.env\.([A-Z0-9_]+)/g),
    ];
    for (const [, name] of found) if (name) names.push({ where, name, asks: true });
    if (/^packages\/(agent|android-wire)\//.test(where))
      for (const [literal] of text.matchAll(/"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|'(?:[^'\\\n]|\\.)*'/g))
        said.push({ where, name: literal, asks: true });
  }
  return { names, said };
}

/** Libraries that we ask for ourselves. */
export async function librariesOf(root: string): Promise<Named[]> {
  const folders = ["", ...(await readdir(join(root, "packages"))).map((name) => join("packages", name)), "e2e"];
  const found = await Promise.all(
    folders.map(async (folder) => {
      const outline = JSON.parse(await readFile(join(root, folder, "package.json"), "utf8"));
      const all = { ...outline.dependencies, ...outline.devDependencies, ...outline.optionalDependencies };
      return Object.keys(all).map((name) => ({ where: join(folder, "package.json"), name, asks: true }));
    }),
  );
  return found.flat();
}

export async function wholeSurface(root: string, program: Command): Promise<{ names: Named[]; said: Named[] }> {
  const { names, said } = await sourceNames(root);
  const all = [
    ...routesOf(api.contract),
    ...schemasOf(api, "contract/api"),
    ...schemasOf(bus, "contract/bus"),
    ...commandsOf(program),
    ...names,
    ...(await librariesOf(root)),
  ];
  return { names: all, said };
}

async function sources(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && /\/src(\/|$)/.test(entry.parentPath) && /(?<!\.test|\.d)\.tsx?$/.test(entry.name))
    .filter(({ parentPath }) => !/\/(dist|node_modules)(\/|$)/.test(parentPath))
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
}
