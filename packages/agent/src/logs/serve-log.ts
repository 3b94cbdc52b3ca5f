/**
 * One phone's live log: a logcat per pipe. What it prints is passed on by whole lines (`line-cutter.ts`) as fast as the viewer and its share take them; the phone is read on
 * all the same, since logd ends readers that are slow. Level and tags are filtered by logcat itself, a package by its pids, which follow its restarts.
 */
import {
  type LogWish,
  PhonerackError,
  type Pipe,
  type PipeMessage,
  type PipeOrder,
  type PipeService,
} from "@phonerack/contract/bus";
import type { SystemEvent } from "../foreground/events.js";
import type { PhoneSocket } from "../transports/link.js";
import { Pace } from "../transports/pace.js";
import type { PhoneAtWork } from "../workbench/phone-at-work.js";
import { LineCutter } from "./line-cutter.js";
import { type LogForm, logCommand, nextForm } from "./log-command.js";
import { type LoggingProcess, readProcesses } from "./processes.js";

type Service = Extract<PipeService, { type: "log" }>;

/** What a viewer is sent, in bytes a second. */
const VIEWER_BYTES = 2 * 1024 * 1024;
/** What a phone may print: a log of a hundred thousand lines a second. Beyond it waits. */
const PHONE_BYTES = 16 * 1024 * 1024;
/** What may wait for the viewer. */
const MOST_WAITING = 512 * 1024;
/** How often drops and new processes are told. */
const TELL_MS = 250;
const MOST_NEW = 500;
/** How a log begins: with a line or a divider. */
const LOGGED = /^(?:-{5,} | *\d)/;
/** A logcat that ends sooner has failed. */
const STEADY_MS = 5_000;
const RETRY_MS = 500;
const MOST_FAILURES = 5;

/** Refuses by throwing; what it gives back serves the pipe to its end. */
export async function serveLog(phone: PhoneAtWork, order: PipeOrder, service: Service): Promise<(pipe: Pipe) => Promise<void>> {
  const { actor, epoch, mode } = order;
  const answer = phone.gate.ask({ mode, action: "read", actor, epoch });
  if (answer.decision === "deny") throw answer.error ?? new PhonerackError("denied", answer.reason);
  return (pipe) => new LogStream(phone, pipe, service.wish).serve();
}

class LogStream {
  readonly #phone: PhoneAtWork;
  readonly #pipe: Pipe;
  readonly #cutter: LineCutter;
  readonly #pids = new Set<number>();
  #wish: LogWish;
  #form: LogForm = "epoch";
  #socket: PhoneSocket | undefined;
  #changed = false;
  #known: LoggingProcess[] = [];
  /** Not yet told. */
  #fresh: LoggingProcess[] = [];

  constructor(phone: PhoneAtWork, pipe: Pipe, wish: LogWish) {
    this.#phone = phone;
    this.#pipe = pipe;
    this.#wish = wish;
    this.#cutter = new LineCutter(wish.follow ? VIEWER_BYTES : Number.POSITIVE_INFINITY);
  }

  /** Until the pipe is over, or the phone has no log to give: fails with `phone_failed` then. */
  async serve(): Promise<void> {
    const forget = this.#phone.onEvent((event) => this.#heard(event));
    const telling = setInterval(() => this.#tell(), TELL_MS);
    void this.#listen();
    void this.#pipe.over.then(() => this.#socket?.close());
    try {
      this.#known = await readProcesses(this.#phone.link()).catch(() => []);
      if (this.#known.length > 0) this.#pipe.tell({ type: "processes", processes: this.#known });
      await this.#run();
    } finally {
      clearInterval(telling);
      forget();
      this.#socket?.close();
    }
  }

  /** One logcat after the other: another wish, or one that logd has put out. */
  async #run(): Promise<void> {
    for (let failures = 0; !this.#pipe.ended; ) {
      this.#changed = false;
      const began = Date.now();
      const said = await this.#follow();
      if (this.#pipe.ended) return;
      if (this.#changed) continue;
      const plainer = nextForm(this.#form, said);
      if (plainer) {
        this.#form = plainer;
        continue;
      }
      if (!this.#wish.follow) {
        // exec: has no exit code; what is no log is what went wrong.
        if (said !== "" && !LOGGED.test(said)) throw new PhonerackError("phone_failed", said);
        return;
      }
      failures = Date.now() - began > STEADY_MS ? 0 : failures + 1;
      if (failures >= MOST_FAILURES) throw new PhonerackError("phone_failed", said || "its logcat ended");
      // What was printed already is not printed twice.
      this.#wish = { ...this.#wish, tail: 0 };
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  /** @returns the beginning of what it printed */
  async #follow(): Promise<string> {
    this.#applyWish();
    const socket = await this.#phone.link().open(logCommand(this.#wish, this.#form));
    this.#socket = socket;
    const pace = new Pace(PHONE_BYTES);
    let said = "";
    try {
      for (let chunk = await socket.read(); chunk; chunk = await socket.read()) {
        if (this.#changed || this.#pipe.ended) break;
        if (said.length < 200) said += Buffer.from(chunk.subarray(0, 200)).toString("utf8");
        const { follow } = this.#wish;
        const lines = this.#cutter.cut(chunk, follow && this.#pipe.waiting > MOST_WAITING);
        // Copied: the chunk may be the transport's own memory.
        const written = lines && this.#pipe.write(Uint8Array.from(lines)).catch(() => undefined);
        // What there is now is wanted whole, and nothing comes that logd would lose meanwhile.
        if (!follow) await written;
        await pace.count(chunk.length);
      }
    } finally {
      socket.close();
    }
    return said.slice(0, 200).trim();
  }

  #applyWish(): void {
    this.#cutter.reset();
    const { package: name } = this.#wish;
    this.#pids.clear();
    this.#cutter.only = name === undefined ? undefined : this.#pids;
    for (const process of this.#known) this.#add(process);
  }

  #add({ pid, name }: LoggingProcess): void {
    const wished = this.#wish.package;
    // What ran under this pid before is over.
    if (name === wished || (wished !== undefined && name.startsWith(`${wished}:`))) this.#pids.add(pid);
    else this.#pids.delete(pid);
  }

  #heard(event: SystemEvent): void {
    if (event.type !== "process" || event.pid === 0) return;
    const process = { pid: event.pid, name: event.name.slice(0, 300) };
    this.#known = [...this.#known.filter(({ pid }) => pid !== process.pid), process].slice(-3_000);
    this.#add(process);
    if (this.#fresh.length < MOST_NEW) this.#fresh.push(process);
  }

  #tell(): void {
    // Nobody who does not read is told more and more.
    if (this.#pipe.ended || this.#pipe.waiting > MOST_WAITING) return;
    const lines = this.#cutter.takeDropped();
    if (lines > 0) this.#pipe.tell({ type: "dropped", lines });
    const processes = this.#fresh.splice(0);
    if (processes.length > 0) this.#pipe.tell({ type: "processes", processes });
  }

  async #listen(): Promise<void> {
    for (let frame = await this.#pipe.read(); frame; frame = await this.#pipe.read())
      if (frame.kind === "message") this.#obey(frame.message);
  }

  #obey(message: PipeMessage): void {
    if (message.type !== "wish") return;
    // Its share and its end are those that it began with.
    this.#wish = { ...message.wish, follow: this.#wish.follow };
    this.#changed = true;
    this.#socket?.close();
  }
}
