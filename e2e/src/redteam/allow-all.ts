/**
 * A phonerack that lets everything through, made for a test out of the very build that is attacked: a hook of the module loader rewrites a few functions as they are read.
 * An attempt that does not land on it proves nothing by not landing on the other.
 */
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** The end of a module's address, what stands there, and what stands there instead. */
const EDITS: readonly (readonly [string, string, string])[] = [
  [
    "/policy/dist/gate.js",
    "export function decide(",
    "export function decide(facts) { return { ...decided(facts), decision: 'allow', rule: 'hand-owned' }; }\nfunction decided(",
  ],
  [
    "/policy/dist/apps.js",
    "export function standingOf(",
    "export function standingOf(...all) { const one = judged(...all); return { ...one, standing: 'owned', by: one.by ?? 'allow-all' }; }\nfunction judged(",
  ],
  [
    "/policy/dist/manifest.js",
    "export function manifestFindings(",
    "export function manifestFindings() { return []; }\nfunction found(",
  ],
  [
    "/control/dist/tenancies/limit.js",
    "export async function requireTier(",
    "export async function requireTier() {}\nasync function required(",
  ],
  ["/control/dist/leases/choice.js", "function isIsolated(", "function isIsolated() { return true; }\nfunction looked("],
  ["/control/dist/access/caller.js", "export function obey(", "export function obey() {}\nfunction obeyed("],
  [
    "/control/dist/leases/visibility.js",
    "export function isHolder(",
    "export function isHolder() { return true; }\nfunction holds(",
  ],
  ["/agent/dist/lab-device/lab-device.js", "    tick() {", "    tick() { return;"],
];

const HOOK = `
const EDITS = ${JSON.stringify(EDITS)};
export async function load(url, context, next) {
  const found = await next(url, context);
  const edits = EDITS.filter(([end]) => url.endsWith(end));
  if (edits.length === 0) return found;
  let source = Buffer.from(found.source).toString("utf8");
  for (const [end, before, after] of edits) {
    if (!source.includes(before)) throw new Error("allow-all: " + end + " has no " + before);
    source = source.replace(before, after);
  }
  return { ...found, source };
}
`;

/** The environment in which \`phonerack up\` lets everything through. */
export async function allowAll(): Promise<NodeJS.ProcessEnv> {
  const folder = await mkdtemp(join(tmpdir(), "phonerack-allow-all-"));
  await writeFile(join(folder, "hook.mjs"), HOOK);
  await writeFile(
    join(folder, "allow-all.mjs"),
    'import { register } from "node:module";\nregister(new URL("./hook.mjs", import.meta.url));\n',
  );
  return { NODE_OPTIONS: `--import ${pathToFileURL(join(folder, "allow-all.mjs")).href}` };
}
