/** Pipes to devices for who holds them; a device that changes hands ends them here too, should its agent be slow to. */
import { type Bus, openPipe, PhonerackError, type Pipe, type PipeService } from "@phonerack/contract/bus";
import type { Devices } from "../devices/devices.js";
import { requireHeld } from "../leases/held.js";
import type { Onlooker } from "../leases/visibility.js";

/** Begun later than that, it may be another's phone. */
const FRESH_MS = 2_000;
/** For the agent to answer, a fence that closes first included. */
const OPEN_MS = 60_000;
/** Something that is open and used keeps a lease from being idle. */
const USED_MS = 30_000;

export interface PipesParts {
  readonly bus: Bus;
  readonly devices: Devices;
  /** What idleness is counted from. */
  readonly used: (leaseId: string, automated?: boolean) => void;
}

interface Open {
  readonly pipe: Pipe;
  readonly deviceId: string;
  readonly epoch: number;
}

/** `mode`: of the job that it is for. A key is a program. */
export interface PipeOpener extends Onlooker {
  readonly kind?: "person" | "key" | "admin-token";
  readonly mode?: "unicast" | "group" | "script";
}

export class Pipes {
  readonly #parts: PipesParts;
  readonly #open = new Set<Open>();
  readonly #forget: () => void;

  constructor(parts: PipesParts) {
    this.#parts = parts;
    this.#forget = parts.devices.onAccess((id) => this.#recheck(id));
  }

  /**
   * Adb and shells are scripts whoever opens them; `mode`: what else is, where it is no person's. Fails with `device_not_found`, `lease_required`, `device_not_ready`, or
   * what the agent refuses it for.
   */
  async open(who: PipeOpener, deviceId: string, service: PipeService): Promise<Pipe> {
    const { bus, devices, used } = this.#parts;
    const device = await requireHeld(who, devices, deviceId);
    if (device.state !== "ready") throw new PhonerackError("device_not_ready", device.reason ?? device.state);
    const epoch = devices.epochOf(deviceId);
    const typed = service.type === "adb" || service.type === "shell";
    const mode = typed ? "script" : (who.mode ?? (who.kind === "key" ? "script" : "unicast"));
    const order = {
      deviceId,
      epoch,
      actor: who.actor,
      mode,
      notAfter: Date.now() + FRESH_MS,
      service,
      timeoutMs: OPEN_MS,
    } as const;
    const pipe = await openPipe(bus, device.agentId, order);
    const open = { pipe, deviceId, epoch };
    this.#open.add(open);
    const lease = device.holder?.lease;
    const use = () => lease && used(lease, typed);
    const using = setInterval(use, USED_MS);
    use();
    void pipe.over.then(() => {
      clearInterval(using);
      this.#open.delete(open);
    });
    this.#recheck(deviceId);
    return pipe;
  }

  stop(): void {
    this.#forget();
    for (const { pipe } of this.#open) pipe.close(new PhonerackError("pipe_broken", "control stops"));
  }

  #recheck(deviceId: string): void {
    const epoch = this.#parts.devices.epochOf(deviceId);
    for (const open of this.#open)
      if (open.deviceId === deviceId && open.epoch !== epoch) open.pipe.close(new PhonerackError("epoch_stale"));
  }
}
