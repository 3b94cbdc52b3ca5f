/**
 * UI automation on one phone: starts Appium's UiAutomator2 server there, asks it what is on the screen, starts it again when it dies. Android lets
 * one automation at a time use a phone: another's is left alone.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { PhonerackError } from "@phonerack/contract/bus";
import type { PhoneLink, PhoneSocket } from "../transports/link.js";
import { runShell } from "../transports/shell.js";
import { askEngine, type EngineRequest } from "./engine-http.js";
import { type EngineShop, SERVER_PACKAGE, TEST_PACKAGE } from "./engine-shop.js";
import type { GroupPhone } from "./group-phone.js";
import { parseTree, type UiTree } from "./tree.js";

/** The server's own port (ServerConfig). */
const PORT = 6790;
const INSTRUMENT = `am instrument -w -e disableAnalytics true ${TEST_PACKAGE}/androidx.test.runner.AndroidJUnitRunner`;
/** What marks a session as ours in the server's list. */
const MARK = "phonerack:group";
const STARTS_WITHIN_MS = 20_000;
const POLL_MS = 100;
const ANSWER_MS = 8_000;
const RESTLESS_MS = 700;
const SHELL_MS = 10_000;
const AGAIN_MS = [500, 3_000, 10_000, 30_000] as const;
/** Look at once, wait for nothing: what is seen is compared by us. */
const SETTINGS = {
  waitForIdleTimeout: 0,
  waitForSelectorTimeout: 0,
  actionAcknowledgmentTimeout: 0,
  ignoreUnimportantViews: false,
};

export class Engine {
  readonly #phone: GroupPhone;
  readonly #shop: EngineShop;
  readonly #changed: () => void;
  #session: { readonly id: string; readonly link: PhoneLink; readonly socket: PhoneSocket } | undefined;
  #starting: Promise<void> | undefined;
  #stopping: AbortController | undefined;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #problem: string | null = null;
  #last: UiTree | undefined;
  #touchedAt = Number.NEGATIVE_INFINITY;

  constructor(phone: GroupPhone, shop: EngineShop, changed: () => void) {
    this.#phone = phone;
    this.#shop = shop;
    this.#changed = changed;
  }

  get running(): boolean {
    return this.#session !== undefined && this.#session.link.life.ended === undefined;
  }

  /** Why it does not run, in words; null while it does, or has not been asked to. */
  get problem(): string | null {
    return this.running ? null : this.#problem;
  }

  /** Resolves when it runs or could not be started; then it is tried again until `stop`. Never rejects. */
  start(): Promise<void> {
    this.#stopping ??= new AbortController();
    const { signal } = this.#stopping;
    clearTimeout(this.#timer);
    if (this.running) return Promise.resolve();
    this.#starting ??= this.#begin(signal)
      .then(
        () => {
          this.#failures = 0;
          this.#problem = null;
        },
        (error: unknown) => this.#failed(error),
      )
      .finally(() => {
        this.#starting = undefined;
        this.#changed();
      });
    return this.#starting;
  }

  /** What was on the screen when it was last looked at. */
  get last(): UiTree | undefined {
    return this.#last;
  }

  /** Something was just done there: what moves must come to rest before the next is aimed. */
  get restless(): boolean {
    return performance.now() - this.#touchedAt < RESTLESS_MS;
  }

  touched(): void {
    this.#touchedAt = performance.now();
  }

  /** What is on the screen. Fails with `engine_unavailable`, with why. */
  async tree(): Promise<UiTree> {
    if (!this.running && this.#starting) await this.#starting;
    const source = await this.#ask({ method: "GET", path: "/source", timeoutMs: ANSWER_MS });
    if (typeof source !== "string") throw new PhonerackError("engine_unavailable", "its UI automation shows no hierarchy");
    this.#last = parseTree(source);
    return this.#last;
  }

  /** The connection is over, and the server with it as far as we know. */
  lost(): void {
    this.#session = undefined;
    clearTimeout(this.#timer);
  }

  /** Ends it on the phone. Never rejects; safe to call twice. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#stopping?.abort(new PhonerackError("device_not_ready", "the group has ended"));
    this.#stopping = undefined;
    await this.#starting;
    const session = this.#session;
    this.#session = undefined;
    if (!session || session.link.life.ended) return;
    session.socket.close();
    await stopServers(session.link).catch(() => undefined);
  }

  async #begin(signal: AbortSignal): Promise<void> {
    const link = this.#phone.link();
    await this.#shop.provide(link, signal);
    signal.throwIfAborted();
    await refuseOthers(link);
    await stopServers(link);
    const socket = await link.open(link.shellV2 ? `shell,v2,raw:${INSTRUMENT}` : `exec:${INSTRUMENT}`);
    const watch = watchServer(socket);
    try {
      await answers(link, watch, signal);
      const id = await openSession(link);
      await askEngine(link, PORT, {
        method: "POST",
        path: `/session/${id}/appium/settings`,
        body: { settings: SETTINGS },
        timeoutMs: ANSWER_MS,
      });
      signal.throwIfAborted();
      this.#session = { id, link, socket };
      void watch.ended.then((words) => this.#died(socket, words));
    } catch (error) {
      socket.close();
      throw error;
    }
  }

  async #ask({ path, ...question }: EngineRequest): Promise<unknown> {
    const session = this.#session;
    if (!session || !this.running) throw new PhonerackError("engine_unavailable", this.#problem ?? "it does not run yet");
    try {
      return await askEngine(session.link, PORT, { path: `/session/${session.id}${path}`, ...question });
    } catch (error) {
      if (session.link.life.ended) throw session.link.life.ended;
      throw new PhonerackError("engine_unavailable", wordsOf(error), { cause: error });
    }
  }

  #died(socket: PhoneSocket, words: string): void {
    if (this.#session?.socket !== socket) return;
    const { link } = this.#session;
    this.#session = undefined;
    if (link.life.ended) return;
    this.#failed(new PhonerackError("engine_unavailable", words || "its UI automation ended"));
    this.#changed();
  }

  #failed(error: unknown): void {
    this.#problem = `No UI automation: ${wordsOf(error)}`;
    if (!this.#stopping || this.#stopping.signal.aborted) return;
    const wait = AGAIN_MS[Math.min(this.#failures++, AGAIN_MS.length - 1)];
    this.#timer = setTimeout(() => void this.start(), wait);
  }
}

interface ServerWatch {
  /** Resolves at its end with what it said last. */
  readonly ended: Promise<string>;
  readonly over: () => boolean;
}

function watchServer(socket: PhoneSocket): ServerWatch {
  let over = false;
  let said = "";
  const read = async () => {
    try {
      for (let chunk = await socket.read(); chunk; chunk = await socket.read()) {
        said = `${said}${Buffer.from(chunk).toString("latin1")}`.slice(-2_000);
      }
    } catch {
      // The connection's end is told by its lifeline.
    }
    over = true;
    return wordsOfServer(said);
  };
  return { ended: read(), over: () => over };
}

/** Of all that instrumentation prints, the line that says why. */
function wordsOfServer(said: string): string {
  const lines = said.split("\n").map((line) => line.replace(/[^\x20-\x7e]/g, "").trim());
  const telling =
    lines.find((line) => /already registered|FAILED|Error|Exception|crash/i.test(line)) ?? lines.filter(Boolean).at(-1);
  return telling?.slice(0, 200) ?? "";
}

/** Waits until the server answers. */
async function answers(link: PhoneLink, watch: ServerWatch, signal: AbortSignal): Promise<void> {
  const until = performance.now() + STARTS_WITHIN_MS;
  for (;;) {
    signal.throwIfAborted();
    if (watch.over()) throw new PhonerackError("engine_unavailable", (await watch.ended) || "its UI automation ended at once");
    try {
      await askEngine(link, PORT, { method: "GET", path: "/status", timeoutMs: ANSWER_MS });
      return;
    } catch (error) {
      if (link.life.ended) throw link.life.ended;
      if (performance.now() > until) throw new PhonerackError("engine_unavailable", wordsOf(error), { cause: error });
    }
    await sleep(POLL_MS);
  }
}

async function openSession(link: PhoneLink): Promise<string> {
  const capabilities = { firstMatch: [{}], alwaysMatch: { platformName: "Android", [MARK]: true } };
  const body = { capabilities, desiredCapabilities: capabilities.alwaysMatch };
  const value = await askEngine(link, PORT, { method: "POST", path: "/session", body, timeoutMs: ANSWER_MS });
  const id = typeof value === "object" && value !== null && "sessionId" in value ? value.sessionId : undefined;
  if (typeof id !== "string" || !/^[\w-]{1,100}$/.test(id))
    throw new PhonerackError("engine_unavailable", "its UI automation opened no session");
  return id;
}

/** A session that is not ours is somebody's Appium, which the holder runs over adb. */
async function refuseOthers(link: PhoneLink): Promise<void> {
  let sessions: unknown;
  try {
    sessions = await askEngine(link, PORT, { method: "GET", path: "/sessions", timeoutMs: ANSWER_MS });
  } catch {
    // Nobody listens there.
    return;
  }
  const foreign = Array.isArray(sessions) && sessions.some((session) => !JSON.stringify(session).includes(MARK));
  if (foreign) throw new PhonerackError("engine_unavailable", "an Appium session runs on it; end it first");
}

async function stopServers(link: PhoneLink): Promise<void> {
  await runShell(link, `am force-stop ${TEST_PACKAGE}; am force-stop ${SERVER_PACKAGE}`, { timeoutMs: SHELL_MS });
}

function wordsOf(error: unknown): string {
  if (!(error instanceof PhonerackError)) return error instanceof Error ? error.message : "unknown";
  return error.detail ?? error.message;
}
