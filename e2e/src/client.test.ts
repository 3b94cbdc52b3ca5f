/** The client entry of contract as somebody else's program uses it: packed, installed beside its dependencies, compiled strictly, run against a lab. */
import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startUp, temporaryFolder, type Up, untilDevices } from "./phonerack.js";

const exec = promisify(execFile);
const ROOT = resolve(import.meta.dirname, "../..");

const PROGRAM = `
import { createClient, finishedJob, PhonerackError, type Device } from "@phonerack/contract/client";

const [url = "", token = ""] = process.argv.slice(2);
const client = createClient({ url, token });
const { items } = await client.devices.list({});
const device: Device | undefined = items[0];
if (!device) throw new Error("no device");
const refusal = await client.devices.input({ id: device.id, actions: [{ type: "key", key: "HOME" }] }).catch((error: unknown) => error);
const lease = await client.leases.create({ devices: [device.id] });
const { results } = await client.devices.input({ id: device.id, actions: [{ type: "key", key: "HOME" }] });
const job = await client.jobs.create({ devices: [device.id], action: { type: "clipboard", text: "hello" } });
const ended = await finishedJob(client, job.id);
const { text } = await client.devices.clipboard({ id: device.id });
await client.leases.release({ id: lease.id });
console.log(JSON.stringify({
  name: device.name,
  refused: refusal instanceof PhonerackError ? refusal.code : String(refusal),
  outcome: results[0]?.outcome,
  job: ended.counts,
  text,
}));
`;

let up: Up;
let folder: string;

beforeAll(async () => {
  up = await startUp({ virtual: 1 });
  await untilDevices(up, (all) => all[0]?.state === "ready");
  folder = await temporaryFolder();
});

afterAll(async () => {
  await up.stop();
  await rm(folder, { recursive: true, force: true });
});

test("a program installs the client, compiles strictly as does the page's example, and drives a phone with it", async () => {
  const installed = join(folder, "node_modules/@phonerack/contract");
  await mkdir(installed, { recursive: true });
  const { stdout } = await exec("npm", ["pack", "--json", "--pack-destination", folder], {
    cwd: join(ROOT, "packages/contract"),
  });
  const [packed] = JSON.parse(stdout) as { filename: string }[];
  await exec("tar", ["xzf", join(folder, packed?.filename ?? ""), "-C", installed, "--strip-components=1"]);
  // Its dependencies, as npm would install them; nothing else of this workspace is there.
  for (const name of await readdir(join(ROOT, "node_modules")))
    if (!name.startsWith(".") && name !== "@phonerack")
      await symlink(join(ROOT, "node_modules", name), join(folder, "node_modules", name));
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  await writeFile(join(folder, "program.ts"), PROGRAM);
  const [, example = ""] = /```ts\n([\s\S]*?)```/.exec(await readFile(join(ROOT, "docs/client.md"), "utf8")) ?? [];
  await writeFile(join(folder, "example.ts"), example);
  const strict = [
    "--strict",
    "--module",
    "nodenext",
    "--target",
    "es2022",
    "--types",
    "node",
    "--noUncheckedIndexedAccess",
    "--skipLibCheck",
  ];
  await exec(join(ROOT, "node_modules/.bin/tsc"), [...strict, "program.ts", "example.ts"], { cwd: folder });
  const ran = await exec(process.execPath, ["program.js", up.url, up.token], { cwd: folder });
  expect(JSON.parse(ran.stdout)).toMatchObject({
    name: "V01-01",
    refused: "lease_required",
    outcome: "delivered",
    job: { done: 1 },
    text: "hello",
  });
});
