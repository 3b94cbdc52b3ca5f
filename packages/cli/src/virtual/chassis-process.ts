/** Virtual phones in a process of their own, kept alive: a crashed one is started again on the same ports, so the agent finds them again. */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { PhonerackError } from "@phonerack/contract/bus";
import type { Logger } from "pino";
import type { ChassisOrder, FromChassis, PhonePlace, ToChassis } from "./messages.js";

export interface ChassisProcess {
  readonly phones: readonly PhonePlace[];
  readonly controlUrl: string | undefined;
  /** Of the process that holds the phones now. */
  readonly pid: number;
  stop(): Promise<void>;
}

export type ChassisProcessOptions = Omit<ChassisOrder, "port"> & {
  /** 0: any free range. */
  readonly port: number;
  readonly log: Logger;
};

const CHILD = fileURLToPath(new URL("./child.js", import.meta.url));
const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 1_500;
const RESTART_MS = { first: 300, most: 10_000 };
/** Below Linux's ephemeral ports, so that outgoing connections do not sit on them; far from adb's own 5555-5585. */
const RANGE = { from: 12_000, to: 30_000 };
const RANGE_TRIES = 20;

/** Resolves when all phones listen. Fails with `port_taken` or with what was wrong with the order. */
export async function startChassisProcess(options: ChassisProcessOptions): Promise<ChassisProcess> {
  const tries = options.port === 0 ? RANGE_TRIES : 1;
  for (let attempt = 1; ; attempt++) {
    const port = options.port === 0 ? randomBase(options.count) : options.port;
    try {
      const { log, ...order } = options;
      return await Chassis.start({ ...order, port }, log);
    } catch (error) {
      if (!(error instanceof PhonerackError) || error.code !== "port_taken" || attempt === tries) throw error;
    }
  }
}

function randomBase(count: number): number {
  return RANGE.from + Math.floor(Math.random() * (RANGE.to - RANGE.from - count));
}

class Chassis implements ChassisProcess {
  readonly #order: ChassisOrder;
  readonly #log: Logger;
  #child: ChildProcess;
  #ready: Extract<FromChassis, { type: "ready" }>;
  #stopping: Promise<void> | undefined;
  #restart: NodeJS.Timeout | undefined;
  #restartMs = RESTART_MS.first;

  static async start(order: ChassisOrder, log: Logger): Promise<Chassis> {
    return new Chassis({ order, log, ...(await launch(order)) });
  }

  private constructor(parts: { order: ChassisOrder; log: Logger } & Launched) {
    this.#order = parts.order;
    this.#log = parts.log;
    this.#child = parts.child;
    this.#ready = parts.ready;
    this.#guard(parts.child);
  }

  get phones(): readonly PhonePlace[] {
    return this.#ready.phones;
  }

  get controlUrl(): string | undefined {
    return this.#ready.controlUrl;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    clearTimeout(this.#restart);
    await end(this.#child);
  }

  #guard(child: ChildProcess): void {
    const startedAt = Date.now();
    const lost = () => {
      if (this.#stopping) return;
      if (Date.now() - startedAt > RESTART_MS.most) this.#restartMs = RESTART_MS.first;
      this.#log.error({ pid: child.pid, again: this.#restartMs }, "the virtual phones' process ended; starting it again");
      this.#restart = setTimeout(() => void this.#again(), this.#restartMs);
      this.#restartMs = Math.min(this.#restartMs * 2, RESTART_MS.most);
    };
    if (child.exitCode !== null || child.signalCode !== null) lost();
    else child.once("exit", lost);
  }

  async #again(): Promise<void> {
    try {
      const { child, ready } = await launch(this.#order);
      if (this.#stopping) {
        await end(child);
        return;
      }
      this.#child = child;
      this.#ready = ready;
      this.#guard(child);
    } catch (error) {
      if (this.#stopping) return;
      this.#log.error({ err: error, again: this.#restartMs }, "the virtual phones could not be started again");
      this.#restart = setTimeout(() => void this.#again(), this.#restartMs);
      this.#restartMs = Math.min(this.#restartMs * 2, RESTART_MS.most);
    }
  }
}

interface Launched {
  readonly child: ChildProcess;
  readonly ready: Extract<FromChassis, { type: "ready" }>;
}

async function launch(order: ChassisOrder): Promise<Launched> {
  const child = fork(CHILD, [], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  try {
    return { child, ready: await readiness(child, order) };
  } catch (error) {
    await end(child);
    throw error;
  }
}

function readiness(child: ChildProcess, order: ChassisOrder): Promise<Launched["ready"]> {
  return new Promise((resolve, reject) => {
    const slow = setTimeout(
      () => reject(new PhonerackError("internal", "the virtual phones did not start in time")),
      READY_WITHIN_MS,
    );
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      clearTimeout(slow);
      reject(new PhonerackError("internal", `the virtual phones' process ended with ${code ?? signal}`));
    });
    child.on("message", (message: FromChassis) => {
      clearTimeout(slow);
      if (message.type === "ready") resolve(message);
      else reject(failure(message));
    });
    child.send({ type: "start", order } satisfies ToChassis);
  });
}

export function failure({ code, message }: { code: string; message: string }): PhonerackError {
  if (code === "port-taken" || code === "EADDRINUSE") return new PhonerackError("port_taken", message);
  if (code === "bad-fault" || code === "bad-option") return new PhonerackError("usage", message);
  if (code === "data-dir") return new PhonerackError("data_unwritable", message);
  return new PhonerackError("internal", message);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const hard = setTimeout(() => child.kill("SIGKILL"), STOP_WITHIN_MS);
  if (child.connected) child.send({ type: "stop" } satisfies ToChassis, () => {});
  else child.kill("SIGKILL");
  await exited;
  clearTimeout(hard);
}
