/** A lab as it is run on several machines: NATS between control and agent, each a process of its own. */
import type { ChildProcess } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { freePort, spawnNats } from "./nats-server.js";
import { dataFolder, firstLine, launch, type Running, run, takeDevices, untilDevices } from "./phonerack.js";

// Each of these starts processes; on a busy machine that takes its time.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 });

let nats: ChildProcess;
let natsPort: number;
let data: string;
let control: Running;
let agent: Running;
let board: Running;
let at: { url: string; token: string };

async function startNats(): Promise<void> {
  nats = spawnNats(natsPort);
  await expect
    .poll(
      () =>
        new Promise((answer) => {
          const probe = connect(natsPort, "127.0.0.1");
          probe.once("connect", () => answer(true));
          probe.once("error", () => answer(false));
          probe.once("connect", () => probe.destroy());
        }),
      { timeout: 10_000 },
    )
    .toBe(true);
}

async function end(running: Running): Promise<void> {
  running.child.kill("SIGTERM");
  await running.exited;
}

beforeAll(async () => {
  natsPort = await freePort();
  data = await dataFolder();
});
afterAll(async () => {
  for (const running of [agent, control, board]) await end(running);
  nats.kill("SIGKILL");
  await rm(data, { recursive: true, force: true });
});

describe("a lab over NATS", () => {
  test("has the agent's phone on control: seen, tapped, photographed", async () => {
    await startNats();
    const url = `nats://127.0.0.1:${natsPort}`;
    board = launch(["virtual", "--port", "0", "--json"]);
    const { phones } = JSON.parse(await firstLine(board)) as { phones: { address: string }[] };
    control = launch(["control", "--bus", url, "--port", "0", "--data", data, "--json"]);
    agent = launch(["agent", "--bus", url, "--connect", phones[0]?.address ?? "", "--name", "lab", "--data", data, "--json"]);
    at = JSON.parse(await firstLine(control)) as { url: string; token: string };
    expect(JSON.parse(await firstLine(agent))).toEqual({ agent: "lab", control: url });
    const [device] = await untilDevices(at, (all) => all.length === 1 && all[0]?.state === "ready");
    const id = device?.id ?? "";
    await takeDevices(at, [id]);
    expect(await run("tap", id, "10", "10", "--data", data)).toMatchObject({ code: 0, stdout: "delivered\n", stderr: "" });
    expect(await run("screenshot", id, "-o", join(data, "a.png"), "--data", data)).toMatchObject({ code: 0, stderr: "" });
    expect((await readFile(join(data, "a.png"))).subarray(1, 4).toString()).toBe("PNG");
  }, 120_000);

  test("says so while NATS is away, and goes on by itself when it is back", async () => {
    nats.kill("SIGKILL");
    await untilDevices(at, (all) => all[0]?.state !== "ready", 20_000);
    const [device] = await untilDevices(at, () => true);
    const refused = await run("tap", device?.id ?? "", "10", "10", "--data", data);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toMatch(/^phonerack: .*\n$/);
    await startNats();
    await untilDevices(at, (all) => all[0]?.state === "ready", 30_000);
    await expect
      .poll(async () => (await run("tap", device?.id ?? "", "10", "10", "--data", data)).stdout, { timeout: 20_000 })
      .toBe("delivered\n");
  }, 120_000);

  test("control says in one sentence that there is no NATS server", async () => {
    const port = await freePort();
    const refused = await run("control", "--bus", `nats://127.0.0.1:${port}`, "--port", "0", "--data", join(data, "other"));
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toMatch(/^phonerack: No NATS server answers .*\n$/);
  });
});
