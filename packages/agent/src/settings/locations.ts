/**
 * Made-up locations: a phone's test provider says the place as long as an app of the tenant's own, or the system, is in front. When another comes in front
 * it is removed at once, and set again when that is gone; it ends with the lease. Phones on which one was set are on disk, so that an agent that was
 * killed takes it away when it is back: nobody watches the front then.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type DeviceReport, type DeviceSettings, PhonerackError } from "@phonerack/contract/bus";
import type { Logger } from "pino";
import { KeptFile, readKept } from "../kept-file.js";
import type { Doing } from "../tasks/doing.js";
import { runShell } from "../transports/shell.js";
import type { PhoneAtWork } from "../workbench/phone-at-work.js";

export type Place = NonNullable<DeviceSettings["location"]>;

const COMMAND_MS = 10_000;
/** A place that is not said again grows old, and apps ask for fresh ones. */
const AGAIN_MS = 5_000;
/** What comes in front is read and judged within this; a front that stays unknown is nobody's. */
const JUDGED_MS = 500;
const RETRY_MS = 1_000;
const PROVIDERS = ["gps", "network"] as const;
/** The shell is the app that makes the place up. */
const MAY = "appops set com.android.shell android:mock_location";

/** Why this phone cannot be told where it is; undefined: it can. */
export function cannotLocate({ sdk }: Pick<DeviceReport, "sdk">): string | undefined {
  return (sdk ?? 0) < 31 ? "a shell can make up a location since Android 12" : undefined;
}

export interface LocationsParts {
  readonly path: string;
  readonly log: Logger;
  phone(id: string): PhoneAtWork | undefined;
}

export class Locations {
  readonly #parts: LocationsParts;
  readonly #file: KeptFile;
  readonly #kept = new Map<string, Kept>();
  /** Phones that an earlier run of this agent left with one. */
  readonly #left: Set<string>;
  readonly #timer: NodeJS.Timeout;
  #tidying = false;

  private constructor(parts: LocationsParts, left: readonly string[]) {
    this.#parts = parts;
    this.#left = new Set(left);
    this.#file = new KeptFile({
      path: parts.path,
      text: () => JSON.stringify([...new Set([...this.#kept.keys(), ...this.#left])]),
      onProblem: (error) => parts.log.error({ err: error }, "made-up locations could not be written down"),
    });
    this.#timer = setInterval(() => void this.#tidy(), RETRY_MS);
  }

  static async load(parts: LocationsParts): Promise<Locations> {
    const left = await readKept(parts.path, idsIn, (error) =>
      parts.log.error({ err: error }, "the file of made-up locations is damaged"),
    );
    return new Locations(parts, left ?? []);
  }

  /** The place that it is told, also while another app in front is not; null: as it knows itself. */
  of(id: string): Place | null {
    return this.#kept.get(id)?.place ?? null;
  }

  /** Fails with `denied`, `setting_unsupported`, `data_unwritable`, or the connection's errors; then none is set. null takes it away. */
  async set(doing: Doing, place: Place | null): Promise<void> {
    const { phone } = doing;
    await this.#end(phone.id);
    if (place === null) return;
    const kept = new Kept(doing, place, () => this.#forget(phone.id, kept));
    this.#kept.set(phone.id, kept);
    this.#file.change();
    try {
      await this.#file.saved();
      await kept.begin();
    } catch (error) {
      await this.#end(phone.id);
      throw error;
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#kept.keys()].map((id) => this.#end(id)));
    await this.#file.stop();
  }

  async #end(id: string): Promise<void> {
    const kept = this.#kept.get(id);
    if (!kept) return;
    this.#kept.delete(id);
    this.#left.add(id);
    await kept.end().then(
      () => this.#left.delete(id),
      // Tried again until the phone is back.
      () => undefined,
    );
    this.#file.change();
    this.#file.saveSoon();
  }

  /** Its lease is over: cleaning takes it away, and looks. */
  #forget(id: string, kept: Kept): void {
    if (this.#kept.get(id) !== kept) return;
    this.#kept.delete(id);
    this.#file.change();
    this.#file.saveSoon();
  }

  async #tidy(): Promise<void> {
    if (this.#tidying || this.#left.size === 0) return;
    this.#tidying = true;
    for (const id of this.#left) {
      const phone = this.#parts.phone(id);
      if (phone?.report.state !== "ready") continue;
      await remove(phone).then(
        () => {
          this.#left.delete(id);
          this.#file.change();
          this.#file.saveSoon();
        },
        (error: unknown) => this.#parts.log.debug({ err: error, device: id }, "a made-up location could not be taken away"),
      );
    }
    this.#tidying = false;
  }
}

/** One phone's. */
class Kept {
  readonly #doing: Doing;
  readonly place: Place;
  readonly #forget: (() => void)[];
  readonly #timer: NodeJS.Timeout;
  #over = false;
  /** The providers stand on the phone, or may. */
  #standing = false;
  #working: Promise<void> | undefined;
  #again = false;

  constructor(doing: Doing, place: Place, onCut: () => void) {
    this.#doing = doing;
    this.place = place;
    const { phone } = doing;
    const cut = () => {
      this.#stop();
      onCut();
    };
    this.#forget = [
      phone.gate.onFront(() => this.#look()),
      phone.watch({ cut, lost: () => undefined, ready: () => this.#look() }),
    ];
    this.#timer = setInterval(() => this.#look(), AGAIN_MS);
  }

  /** Sets it up for the first time, and sees whether the phone took it. */
  async begin(): Promise<void> {
    await this.#say();
    const { stdout } = await shell(this.#doing.phone, "dumpsys location");
    if (!/\bgps provider \[mock\]/.test(stdout))
      throw new PhonerackError("setting_unsupported", "location: it takes no test provider");
  }

  /** Fails as `runShell` does. */
  async end(): Promise<void> {
    this.#stop();
    await this.#working;
    await remove(this.#doing.phone);
  }

  #stop(): void {
    this.#over = true;
    clearInterval(this.#timer);
    for (const forget of this.#forget) forget();
  }

  #look(): void {
    this.#again = true;
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  /** One step at a time, each for the front as it is by then. Never rejects. */
  async #work(): Promise<void> {
    while (this.#again && !this.#over) {
      this.#again = false;
      const { phone } = this.#doing;
      try {
        if (phone.gate.front().front === null) await sleep(JUDGED_MS);
        if (this.#over || phone.report.state !== "ready") return;
        if (this.#mayStand()) await this.#say();
        else if (this.#standing) {
          await remove(phone);
          this.#standing = false;
        }
      } catch {
        // A phone that is gone, or does not answer: again with the next look.
      }
    }
  }

  #mayStand(): boolean {
    const standing = this.#doing.phone.gate.front().front?.standing;
    return standing === "owned" || standing === "system";
  }

  async #say(): Promise<void> {
    const { phone, actor, epoch } = this.#doing;
    if (!this.#standing) {
      // Whether many may be told at once was asked before; from then on it is about the app in front alone.
      const answer = phone.gate.ask({ mode: "unicast", action: "location", actor, epoch });
      if (answer.decision === "deny") throw answer.error ?? new PhonerackError("denied", answer.reason);
    }
    const at = `--location ${this.place.latitude},${this.place.longitude} --accuracy 5`;
    const say = PROVIDERS.map((name) => `cmd location providers set-test-provider-location ${name} ${at}`);
    const add = PROVIDERS.flatMap((name) => [
      `cmd location providers add-test-provider ${name}`,
      `cmd location providers set-test-provider-enabled ${name} true`,
    ]);
    const setUp = this.#standing ? [] : [`${MAY} allow`, "cmd location set-location-enabled true", ...add];
    this.#standing = true;
    await shell(phone, [...setUp, ...say].join("; "));
    // Another may have come in front meanwhile.
    if (!this.#over && !this.#mayStand()) this.#again = true;
  }
}

async function remove(phone: PhoneAtWork): Promise<void> {
  await shell(
    phone,
    [...PROVIDERS.map((name) => `cmd location providers remove-test-provider ${name}`), `${MAY} default`].join("; "),
  );
}

function shell(phone: PhoneAtWork, command: string) {
  return runShell(phone.link(), command, { timeoutMs: COMMAND_MS });
}

function idsIn(text: string): string[] {
  const value: unknown = JSON.parse(text);
  if (!Array.isArray(value) || !value.every((id) => typeof id === "string")) throw new Error("no list of devices");
  return value;
}
