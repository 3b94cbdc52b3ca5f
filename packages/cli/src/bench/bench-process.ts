/** The bench's side of a role: starts its process, asks it, ends it. */
import { type ChildProcess, fork } from "node:child_process";
import { rmSync } from "node:fs";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { FromRole, Memory, ToRole, Usage } from "./role.js";
import type { Roles } from "./roles.js";

const CHILD = fileURLToPath(new URL("./role-child.js", import.meta.url));
const ANSWER_WITHIN_MS = 300_000;

export class BenchProcess<Name extends keyof Roles> {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>();
  readonly ready: Roles[Name]["ready"];
  #next = 1;

  /** `--expose-gc` lets a role collect before its memory is read: garbage is no one's cost per device. */
  static async start<Name extends keyof Roles>(name: Name, params: Roles[Name]["params"]): Promise<BenchProcess<Name>> {
    const folder = await mkdtemp(join(tmpdir(), "phonerack-bench-"));
    const child = fork(CHILD, [], {
      execArgv: ["--expose-gc"],
      env: { ...process.env, TMPDIR: folder },
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    // Roles are killed, so what they leave is for us to remove.
    child.once("exit", () => rmSync(folder, { recursive: true, force: true }));
    const ready = await new Promise<unknown>((resolve, reject) => {
      child.once("exit", (code) => reject(new Error(`the bench's ${name} ended with ${code}`)));
      child.once("message", (message: FromRole) => {
        if (message.type === "answer") resolve(message.answer);
        else reject(new Error(`${name}: ${message.message}`));
      });
      child.send({ type: "start", role: name, params } satisfies ToRole);
    });
    return new BenchProcess<Name>(child, ready as Roles[Name]["ready"]);
  }

  private constructor(child: ChildProcess, ready: Roles[Name]["ready"]) {
    this.#child = child;
    this.ready = ready;
    child.on("message", (message: FromRole) => {
      const waiting = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      if (message.type === "answer") waiting?.resolve(message.answer);
      else waiting?.reject(new Error(message.message));
    });
    child.once("exit", (code) => {
      for (const waiting of this.#waiting.values()) waiting.reject(new Error(`a process of the bench ended with ${code}`));
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  usage(): Promise<Usage> {
    return this.#ask("usage", undefined) as Promise<Usage>;
  }

  memory(): Promise<Memory> {
    return this.#ask("memory", undefined) as Promise<Memory>;
  }

  ask<Question extends keyof Roles[Name]["answers"] & string>(
    question: Question,
    parameter?: unknown,
  ): Promise<Roles[Name]["answers"][Question]> {
    return this.#ask(question, parameter) as Promise<Roles[Name]["answers"][Question]>;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = new Promise<void>((resolve) => this.#child.once("exit", () => resolve()));
    this.#child.kill("SIGKILL");
    await exited;
  }

  #ask(name: string, parameter: unknown): Promise<unknown> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      const slow = setTimeout(() => reject(new Error(`the bench's process did not answer '${name}'`)), ANSWER_WITHIN_MS);
      const settle = <T>(done: (value: T) => void) => {
        return (value: T) => {
          clearTimeout(slow);
          done(value);
        };
      };
      this.#waiting.set(id, { resolve: settle(resolve), reject: settle(reject) });
      this.#child.send({ type: "ask", id, name, parameter } satisfies ToRole);
    });
  }
}

/** Milliseconds of CPU that a process not ours has used, as Linux counts it (10 ms steps). */
export async function cpuMsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
