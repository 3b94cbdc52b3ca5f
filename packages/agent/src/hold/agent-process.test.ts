/** An agent in a process of its own: stopped (SIGSTOP) and woken again, as an overloaded host does, and killed. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import {
  DeviceReport,
  FrameKind,
  type InputReply,
  STREAM_CREDIT,
  subjects,
  type Term,
  type TermsReply,
} from "@phonerack/contract/bus";
import { startVirtualPhones, type VirtualPhones } from "@phonerack/virtual-phone";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

/** Processes start, and a machine may have others to run. */
vi.setConfig({ testTimeout: 60_000 });

const AGENT = "agent-1";
const PACKAGE = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** The built agent, with its bus on stdin and stdout: what is sent to it while it is frozen waits there, as it would in a socket. */
const CHILD = `
  import { createInterface } from "node:readline";
  import { createInProcessBus } from "@phonerack/contract/bus";
  import { pino } from "pino";
  import { startAgent } from "./dist/index.js";
  const [dataDir, port] = process.argv.slice(1);
  const say = (line) => process.stdout.write(JSON.stringify(line) + "\\n");
  const text = (bytes) => JSON.parse(new TextDecoder().decode(bytes));
  const bytes = (message) => new TextEncoder().encode(JSON.stringify(message));
  const bus = createInProcessBus();
  bus.subscribe("agent.${AGENT}.report.*", ({ payload }) => void say({ report: text(payload) }));
  bus.subscribe("media.*.*.*.*", ({ payload }) => void say({ frame: payload[0] }));
  await startAgent({
    agentId: "${AGENT}", bus, dataDir, log: pino({ level: "silent" }), adb: { enabled: false }, version: "0",
    connect: [{ host: "127.0.0.1", port: Number(port), reach: "virtual" }],
  });
  createInterface({ input: process.stdin }).on("line", (line) => {
    const { n, subject, message } = JSON.parse(line);
    if (n === undefined) return bus.publish(subject, bytes(message));
    bus.request(subject, bytes(message), { timeoutMs: 30_000 }).then((reply) => say({ n, reply: text(reply) }));
  });`;

class AgentProcess {
  report: DeviceReport | undefined;
  readonly frames: number[] = [];
  readonly #child: ChildProcess;
  readonly #gone: Promise<unknown>;
  readonly #answers = new Map<number, (reply: unknown) => void>();
  #count = 0;

  constructor(dataDir: string, port: number) {
    this.#child = spawn(process.execPath, ["--input-type=module", "-e", CHILD, dataDir, String(port)], {
      cwd: PACKAGE,
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#gone = new Promise((resolve) => this.#child.once("close", resolve));
    const { stdout } = this.#child;
    if (!stdout) throw new Error("no stdout");
    createInterface({ input: stdout }).on("line", (line) => {
      const said = JSON.parse(line);
      if (said.report) this.report = DeviceReport.parse(said.report);
      if (said.frame) this.frames.push(said.frame);
      if (said.n) this.#answers.get(said.n)?.(said.reply);
    });
  }

  get phone(): { agentId: string; id: string } {
    return { agentId: AGENT, id: this.report?.id ?? "" };
  }

  publish(subject: string, message: unknown): void {
    this.#child.stdin?.write(`${JSON.stringify({ subject, message })}\n`);
  }

  ask<T>(subject: string, message: unknown): Promise<T> {
    const n = ++this.#count;
    this.#child.stdin?.write(`${JSON.stringify({ n, subject, message })}\n`);
    return new Promise((resolve) => this.#answers.set(n, (reply) => resolve(reply as T)));
  }

  tap(epoch: number): Promise<InputReply> {
    const inputs = [{ type: "tap", x: 500, y: 500 }];
    const order = { actor: "u-1", mode: "unicast", epoch, notAfter: Date.now() + 2_000, inputs };
    return this.ask(subjects.input(this.phone), order);
  }

  term(change: Partial<Term>): Promise<TermsReply> {
    const term = { deviceId: this.phone.id, epoch: 0, phase: "free", actor: "", until: 0, reboot: false, ...change };
    return this.ask(subjects.terms(AGENT), { terms: [term] });
  }

  lease(epoch: number, lastsMs: number): Promise<TermsReply> {
    return this.term({ epoch, phase: "leased", actor: "u-1", until: Date.now() + lastsMs });
  }

  async freezeFor(ms: number): Promise<void> {
    this.#child.kill("SIGSTOP");
    await sleep(ms);
  }

  wake(): void {
    this.#child.kill("SIGCONT");
  }

  async end(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#gone;
  }
}

/** The agent with the data of the one before, when there was one. */
async function startAgentProcess(): Promise<void> {
  agent = new AgentProcess(folder, virtual.phones[0]?.port ?? 0);
  await expect.poll(() => agent.report?.state, { timeout: 30_000 }).toBe("ready");
}

let folder: string;
let virtual: VirtualPhones;
let agent: AgentProcess;
let touched: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "phonerack-agent-"));
  virtual = await startVirtualPhones({ count: 1, models: ["v1"] });
  const [phone] = virtual.phones;
  if (!phone) throw new Error("no phone");
  touched = [];
  const { input } = phone.phone;
  const touch = input.touch.bind(input);
  input.touch = (phase, ...rest) => {
    touched.push(phase);
    return touch(phase, ...rest);
  };
  await startAgentProcess();
});
afterEach(async () => {
  agent.wake();
  await agent.end();
  await virtual.stop();
  await rm(folder, { recursive: true });
});

test("delivers nothing that was meant for the time before it was frozen", async () => {
  await agent.lease(1, 60_000);
  expect((await agent.tap(1)).results).toEqual([{ outcome: "delivered" }]);
  expect(touched).toEqual(["down", "up"]);
  const freezing = agent.freezeFor(2_600);
  await sleep(200);
  const waiting = [agent.tap(1), agent.tap(1)];
  await freezing;
  agent.wake();
  for (const { results } of await Promise.all(waiting)) expect(results).toMatchObject([{ outcome: "late" }]);
  expect(touched).toEqual(["down", "up"]);
  expect((await agent.tap(1)).results).toEqual([{ outcome: "delivered" }]);
});

test("wakes after the end of a lease and lets nothing of it through", async () => {
  await agent.lease(1, 60_000);
  agent.publish(subjects.stream(agent.phone), { order: "watch", replica: "c-1", tier: "full", epoch: 1, credit: STREAM_CREDIT });
  await expect.poll(() => agent.frames, { timeout: 30_000 }).toContain(FrameKind.key);
  await agent.lease(1, 1_000);
  const freezing = agent.freezeFor(2_000);
  await sleep(500);
  const before = agent.frames.length;
  // The phone goes on meanwhile: its pictures wait in the agent's socket.
  virtual.phones[0]?.phone.activities.start({ component: "com.android.settings/.Settings" }, 2000);
  await sleep(1_000);
  const waiting = agent.tap(1);
  await freezing;
  agent.wake();
  expect((await waiting).results).toMatchObject([{ outcome: "denied", error: { code: "lease_required" } }]);
  await expect.poll(() => agent.frames.at(-1), { timeout: 5_000 }).toBe(FrameKind.end);
  expect(agent.frames.slice(before)).toEqual([FrameKind.end]);
  expect(touched).toEqual([]);
  expect((await agent.lease(1, 60_000)).holds).not.toMatchObject([{ phase: "leased" }]);
});

test("goes on with the present lease after a kill, and knows that the one before is over", async () => {
  await agent.lease(1, 60_000);
  expect((await agent.lease(3, 60_000)).holds).toMatchObject([{ epoch: 3, phase: "leased" }]);
  const { id } = agent.phone;
  await agent.end();
  await startAgentProcess();
  expect(agent.report).toMatchObject({ id, hold: { epoch: 3, phase: "leased" } });
  expect((await agent.lease(1, 60_000)).holds).toMatchObject([{ epoch: 3 }]);
  expect((await agent.tap(1)).results).toMatchObject([{ error: { code: "epoch_stale" } }]);
  expect((await agent.tap(3)).results).toEqual([{ outcome: "delivered" }]);
});

test("cleans a phone to its end though it is killed in the middle of it", async () => {
  await agent.lease(1, 60_000);
  expect((await agent.tap(1)).results).toEqual([{ outcome: "delivered" }]);
  await agent.term({ epoch: 2, phase: "clean" });
  await agent.end();
  await startAgentProcess();
  await expect.poll(() => agent.report?.hold, { timeout: 30_000 }).toMatchObject({ epoch: 2, phase: "free" });
  expect(await agent.ask(subjects.record(agent.phone), { epoch: 2 })).toMatchObject({ epoch: 2, clean: true });
});

test.each(["closing", "opening"])(
  "enables what its fence had disabled though it is killed in the middle of %s it",
  async (moment) => {
    const { packages } = virtual.phones[0]?.phone ?? expect.unreachable();
    const disabled = () => packages.list().filter((info) => !packages.isEnabled(info)).length;
    await agent.lease(1, 60_000);
    const group = "g-abcdefghij";
    const members = [{ deviceId: agent.phone.id, epoch: 1 }];
    const start = { order: "start", group, actor: "u-1", mode: "group", aim: "point", agreed: false, members };
    const halfWay = () =>
      new Promise<number>((resolve) => {
        const forget = packages.changes.add(() => {
          forget();
          resolve(disabled());
          void agent.end();
        });
      });
    if (moment === "closing") {
      const seen = halfWay();
      void agent.ask(subjects.group(AGENT), start);
      expect(await seen).toBe(1);
    } else {
      void agent.ask(subjects.group(AGENT), start);
      await expect.poll(() => agent.report?.fence?.state, { timeout: 30_000 }).toBe("closed");
      const all = disabled();
      const seen = halfWay();
      void agent.ask(subjects.group(AGENT), { order: "end", group });
      expect(await seen).toBe(all - 1);
    }
    await agent.end();
    await startAgentProcess();
    await expect.poll(disabled, { timeout: 30_000 }).toBe(0);
    await expect.poll(() => agent.report?.fence, { timeout: 10_000 }).toBeUndefined();
  },
);
