/** One adb session or shell among those that a phone's guard holds together. */
import { PhonerackError } from "@phonerack/contract/bus";
import type { PhoneSocket } from "../transports/link.js";
import type { PhoneAtWork } from "../workbench/phone-at-work.js";
import type { Guarded } from "./guard.js";

export interface MemberParts {
  readonly session: string;
  readonly kind: "adb" | "shell";
  readonly actor: string;
  readonly epoch: number;
  readonly phone: Pick<PhoneAtWork, "gate" | "link">;
  readonly guard: {
    readonly stalled: string | null;
    readonly open: boolean;
    opened(): void;
    left(member: Member): void;
  };
}

interface Waiting {
  resolve(): void;
  reject(error: PhonerackError): void;
}

const LONGEST_NAME = 80;

export class Member implements Guarded {
  readonly #parts: MemberParts;
  readonly #waiting = new Set<Waiting>();
  readonly #stalls = new Set<(reason: string | null) => void>();
  readonly #closings = new Set<(error: PhonerackError) => void>();
  #ended: PhonerackError | undefined;

  constructor(parts: MemberParts) {
    this.#parts = parts;
  }

  get session(): string {
    return this.#parts.session;
  }
  get kind(): "adb" | "shell" {
    return this.#parts.kind;
  }
  get actor(): string {
    return this.#parts.actor;
  }
  get epoch(): number {
    return this.#parts.epoch;
  }

  get stalled(): string | null {
    return this.#parts.guard.stalled;
  }

  /** Fails with why it has ended. */
  requireOpen(): void {
    if (this.#ended) throw this.#ended;
  }

  flow(): Promise<void> {
    if (this.#ended) return Promise.reject(this.#ended);
    if (this.#parts.guard.open) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiting.add({ resolve, reject });
    });
  }

  ask(service: string): void {
    this.requireOpen();
    const { phone, actor, epoch } = this.#parts;
    const answer = phone.gate.ask({ mode: "script", action: "shell", actor, epoch, service: service.slice(0, LONGEST_NAME) });
    if (answer.decision === "deny") throw answer.error ?? new PhonerackError("denied", answer.reason);
  }

  async open(service: string): Promise<PhoneSocket> {
    this.requireOpen();
    const { phone, guard } = this.#parts;
    const socket = await phone.link().openTheirs(service);
    if (this.#ended) {
      socket.close();
      throw this.#ended;
    }
    guard.opened();
    return socket;
  }

  onStall(listener: (reason: string | null) => void): void {
    this.#stalls.add(listener);
    if (this.stalled !== null) listener(this.stalled);
  }

  onClosed(listener: (error: PhonerackError) => void): void {
    if (this.#ended) listener(this.#ended);
    else this.#closings.add(listener);
  }

  leave(): void {
    this.#finish(new PhonerackError("adb_closed", "it was closed by whoever opened it"));
    this.#parts.guard.left(this);
  }

  /** Bytes may go to the phone. */
  goOn(): void {
    for (const waiting of this.#waiting) waiting.resolve();
    this.#waiting.clear();
  }

  stall(reason: string | null): void {
    for (const listener of this.#stalls) listener(reason);
  }

  /** The guard ends it. */
  end(error: PhonerackError): void {
    if (this.#ended) return;
    const closings = [...this.#closings];
    this.#finish(error);
    for (const listener of closings) listener(error);
    this.#parts.guard.left(this);
  }

  #finish(error: PhonerackError): void {
    if (this.#ended) return;
    this.#ended = error;
    for (const waiting of this.#waiting) waiting.reject(error);
    this.#waiting.clear();
    this.#stalls.clear();
    this.#closings.clear();
  }
}
