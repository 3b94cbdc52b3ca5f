/**
 * What the lab demands of a phone at all times: that it says it is a lab's (`labels.ts`), no way out where the register gives it none (`network.ts`), and nobody's
 * accessibility service or keyboard (`helpers.ts`). Looked at when the
 * phone is ready, when it changes hands, every hour, and while an isolated one is held every few seconds; what somebody changed is put back and counted.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type DeviceReport, PhonerackError } from "@phonerack/contract/bus";
import type { Logger } from "pino";
import { Freezer } from "../guard/freezer.js";
import type { Held } from "../hold/held.js";
import type { PhoneLink } from "../transports/link.js";
import { runShell } from "../transports/shell.js";
import { HELPERS_COMMAND, type Helpers, packageOf, readHelpers, switchedOff } from "./helpers.js";
import { LABELS, LABELS_COMMAND, setLabels, wrongLabels } from "./labels.js";
import { airplane, leadsOutWords, ROUTES_COMMAND, switchOff, switchOn, waysOut } from "./network.js";

const HOUR_MS = 3_600_000;
/** While somebody holds it: a shell may switch Wi-Fi on at any moment. */
const HELD_MS = 5_000;
const HELD_PUBLIC_MS = 30_000;
/** A process that starts may be what somebody has just switched on; many start, so not at each. */
const POKE_MS = 3_000;
/** A radio takes some seconds to let go of its network. */
const OFF_TRIES = 6;
const OFF_EVERY_MS = 500;
/** Tries with its switches alone; then its holder's processes are ended, and airplane mode is tried, which takes Bluetooth with it. */
const HARDER_AFTER = 2;
/** Whoever does it again after this is a program. */
const MOST_TIMES = 3;
const AGAIN_MS = 15_000;
const ANSWER_MS = 8_000;
const MARK = "@phonerack-routes";

export interface LabDeviceParts {
  readonly id: string;
  readonly log: Logger;
  held(): Held;
  report(): DeviceReport;
  show(change: Partial<DeviceReport>): void;
  /** Whether this app may act in others, in this way. */
  mayHelp(name: string, as: "accessibility" | "keyboard"): Promise<boolean>;
  /** What the phone is like is being taken for what it should be, or the phone is being cleaned: not now. */
  busy(): boolean;
}

export class LabDevice {
  readonly #parts: LabDeviceParts;
  #link: PhoneLink | undefined;
  /** By `performance.now`: the wall's clock may go back by hours, and nothing would be looked at meanwhile. */
  #due = Number.POSITIVE_INFINITY;
  #running = false;
  /** Of which lease things were counted. */
  #epoch = -1;
  /** Ends what its holder has running, where that lets it out again and again. */
  readonly #freezer: Freezer;
  /** It had no way out when that was last looked at: if it has one now, somebody has seen to it. */
  #cutOff = false;
  /** It was isolated when it was last looked at. */
  #wasIsolated: boolean | undefined;
  /** What was switched on when the lease began; undefined: not looked at yet in this lease. */
  #helpers: Helpers | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(parts: LabDeviceParts) {
    this.#parts = parts;
    this.#freezer = new Freezer({
      link: () => this.#linkNow(),
      onProblem: (err) => parts.log.info({ device: parts.id, err }, "what lets it out could not be ended"),
    });
    this.changed();
  }

  prepared(link: PhoneLink): void {
    this.#link = link;
    this.#due = 0;
  }

  lost(): void {
    this.#link = undefined;
    this.#freezer.lost();
    this.#unverified();
  }

  /** It changed hands, or its class. */
  changed(): void {
    const { epoch, isolated, phase } = this.#parts.held();
    if (epoch !== this.#epoch && phase === "leased") this.#parts.show({ putBack: undefined });
    if (epoch !== this.#epoch) this.#helpers = undefined;
    if (epoch !== this.#epoch || isolated !== this.#wasIsolated) this.#due = 0;
    this.#epoch = epoch;
    if (isolated && !this.#parts.report().isolation) this.#unverified();
  }

  /** A process of an app began on it. */
  poke(): void {
    if (this.#parts.held().phase === "leased") this.#due = Math.min(this.#due, this.#lookedAt + POKE_MS);
  }

  /** Called every second. */
  tick(): void {
    const now = performance.now();
    const link = this.#link;
    if (!link || this.#running || now < this.#due || this.#parts.busy()) return;
    this.#running = true;
    this.#lookedAt = now;
    this.#look(link)
      .then(
        (well) => {
          const { phase, isolated } = this.#parts.held();
          const calm = phase === "leased" ? (isolated ? HELD_MS : HELD_PUBLIC_MS) : HOUR_MS;
          this.#again(well ? calm : Math.min(calm, AGAIN_MS));
        },
        (error: unknown) => {
          this.#again(AGAIN_MS);
          if (!link.life.ended)
            this.#parts.log.info({ device: this.#parts.id, err: error }, "what the lab demands of it could not be looked at");
          this.#unverified();
        },
      )
      .finally(() => {
        this.#running = false;
      });
    // What changes while it is looked at makes it due again, at once.
    this.#due = Number.POSITIVE_INFINITY;
  }

  #again(inMs: number): void {
    this.#due = Math.min(this.#due, performance.now() + inMs);
  }

  /** @returns whether all is as it should be */
  async #look(link: PhoneLink): Promise<boolean> {
    const { isolated } = this.#parts.held();
    const before = this.#wasIsolated;
    this.#wasIsolated = isolated;
    const { labels, helpers, routes } = await this.#ask(link, isolated);
    const wrong = wrongLabels(labels);
    if (wrong && wrong.length > 0) {
      await runShell(link, setLabels(wrong), { timeoutMs: ANSWER_MS });
      this.#count("labels");
    }
    if (helpers) await this.#withoutHelpers(link, helpers);
    if (isolated) return this.#isolate(link, routes, before === true);
    if (before === true || this.#parts.report().isolation) await this.#release(link);
    return wrong !== undefined;
  }

  async #ask(link: PhoneLink, isolated: boolean): Promise<{ labels: string[]; helpers: Helpers | undefined; routes: string }> {
    const command = `${LABELS_COMMAND}; ${HELPERS_COMMAND}; echo ${MARK}${isolated ? `; ${ROUTES_COMMAND}` : ""}`;
    const { stdout } = await runShell(link, command, { timeoutMs: ANSWER_MS, maxBytes: 256 * 1024 });
    const [settings = "", routes = ""] = stdout.split(`${MARK}\n`);
    const lines = settings.split("\n");
    const helpers = readHelpers(lines.slice(LABELS.length, -1));
    return { labels: lines.slice(0, LABELS.length), helpers, routes };
  }

  /** Only while somebody holds it: in between the phone is the lab's own, and cleaned. */
  async #withoutHelpers(link: PhoneLink, now: Helpers): Promise<void> {
    if (this.#parts.held().phase !== "leased") return;
    this.#helpers ??= now;
    const { services, keyboard } = this.#helpers;
    const fresh = [...now.services, now.keyboard].filter((one) => one !== "" && one !== keyboard && !services.includes(one));
    const as = (one: string) => (now.services.includes(one) ? "accessibility" : "keyboard");
    const allowed = await Promise.all(fresh.map((one) => this.#parts.mayHelp(packageOf(one), as(one))));
    const strange = fresh.filter((_, at) => !allowed[at]);
    if (strange.length === 0) return;
    await runShell(link, switchedOff(now, { strange, keyboard }), { timeoutMs: ANSWER_MS });
    this.#count("helpers");
  }

  async #isolate(link: PhoneLink, routes: string, again: boolean): Promise<boolean> {
    const report = this.#parts.report();
    let ways = waysOut(routes);
    if (ways?.length === 0) return this.#verified();
    this.#parts.show({ isolation: { verified: null, leadsOut: leadsOutWords(ways, report) } });
    if (again && this.#cutOff) this.#count("network");
    this.#cutOff = false;
    if (this.#timesOut > MOST_TIMES) await this.#freezer.end();
    await runShell(link, switchOff(report), { timeoutMs: ANSWER_MS });
    for (let attempt = 0, clear = 0; attempt < OFF_TRIES; attempt++) {
      const { stdout } = await runShell(link, ROUTES_COMMAND, { timeoutMs: ANSWER_MS, maxBytes: 256 * 1024 });
      ways = waysOut(stdout);
      // One look may fall between two throws of the switch.
      clear = ways?.length === 0 ? clear + 1 : 0;
      if (clear === 2) return this.#verified();
      if (attempt >= HARDER_AFTER && clear === 0) await this.#switchOffHarder(link);
      await sleep(OFF_EVERY_MS);
      if (link.life.ended) throw link.life.ended;
    }
    this.#parts.show({ isolation: { verified: null, leadsOut: leadsOutWords(ways, report) } });
    return false;
  }

  /** Its switch does nothing, or something on the phone throws it again and again. */
  async #switchOffHarder(link: PhoneLink): Promise<void> {
    const report = this.#parts.report();
    if (this.#timesOut > 0 && report.reach !== "network") await this.#freezer.end();
    await runShell(link, `${switchOff(report)}; ${airplane(report, true)}`, { timeoutMs: ANSWER_MS });
  }

  /** How often its holder gave it a way out. */
  get #timesOut(): number {
    return this.#parts.report().putBack?.network ?? 0;
  }

  #linkNow(): PhoneLink {
    if (!this.#link) throw new PhonerackError("device_not_ready", "it is not connected");
    return this.#link;
  }

  #verified(): true {
    this.#cutOff = true;
    this.#parts.show({ isolation: { verified: Date.now(), leadsOut: null } });
    return true;
  }

  async #release(link: PhoneLink): Promise<void> {
    await runShell(link, switchOn(this.#parts.report()), { timeoutMs: ANSWER_MS });
    this.#parts.show({ isolation: undefined });
  }

  #unverified(): void {
    if (!this.#parts.held().isolated) return;
    const leadsOut = this.#parts.report().isolation?.leadsOut ?? null;
    this.#parts.show({ isolation: { verified: null, leadsOut } });
  }

  /** What somebody changed while they held it; what a phone was like when it came is nobody's doing. */
  #count(what: keyof NonNullable<DeviceReport["putBack"]>): void {
    if (this.#parts.held().phase !== "leased") return;
    const before = this.#parts.report().putBack ?? { labels: 0, network: 0, helpers: 0 };
    this.#parts.show({ putBack: { ...before, [what]: before[what] + 1 } });
  }
}
