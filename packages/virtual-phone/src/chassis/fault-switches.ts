/** What each fault of a phone does while it is on. */
import type { AdbdFault } from "../adbd/faults.js";
import type { Cancel } from "../phone/clock.js";
import { startLogFlood } from "../phone/log-flood.js";
import type { Phone } from "../phone/phone.js";
import type { Encoders } from "../scrcpy/scrcpy-phone.js";
import { type Fault, isAdbdFault, type PhoneFault } from "./faults.js";

interface Parts {
  readonly phone: Phone;
  readonly encoders: Encoders;
  readonly serial: string;
  readonly firstSerial: string;
  dropConnections(): void;
  reboot(): void;
}

/** What Android's InputManager throws at a shell whose injection the vendor forbids. */
const REFUSAL =
  "Injecting input events requires the caller (or the source of the instrumentation, if any) to have the INJECT_EVENTS permission.";
const DROP_MS = 5000;
const REBOOT_EVERY_MS = 20_000;
const DOZE_MS = 300;
/** Lines a second. */
const FLOOD_LINES = 50_000;
const PIN = "2580";

export class FaultSwitches {
  readonly #parts: Parts;
  readonly #on = new Set<Fault>();
  /** What ends a fault that runs by itself. */
  readonly #running = new Map<PhoneFault, Cancel>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  has(fault: Fault): boolean {
    return this.#on.has(fault);
  }
  list(): readonly Fault[] {
    return [...this.#on];
  }
  /** The daemon's fault: the newest of those that are on. */
  get adbd(): AdbdFault | undefined {
    return [...this.#on].filter(isAdbdFault).at(-1);
  }

  set(fault: Fault, on: boolean): void {
    if (this.#on.has(fault) === on) return;
    if (on) this.#on.add(fault);
    else this.#on.delete(fault);
    if (!isAdbdFault(fault)) this.#apply(fault, on);
  }

  /** Everything anew, after a reboot forgot it. */
  applyAll(): void {
    for (const fault of this.#on) if (!isAdbdFault(fault)) this.#apply(fault, true);
  }

  dispose(): void {
    for (const cancel of this.#running.values()) cancel();
    this.#running.clear();
  }

  #apply(fault: PhoneFault, on: boolean): void {
    const { phone, encoders, serial, firstSerial } = this.#parts;
    this.#running.get(fault)?.();
    this.#running.delete(fault);
    switch (fault) {
      case "drop":
        if (on) this.#every(fault, DROP_MS, () => this.#parts.dropConnections());
        return this.#parts.dropConnections();
      case "reboot-loop":
        if (on) this.#every(fault, REBOOT_EVERY_MS, () => this.#parts.reboot());
        return;
      case "frozen-picture":
        return encoders.set({ frozen: on });
      case "slow-encoder":
        return encoders.set({ slow: on });
      case "second-encoder-refused":
        return encoders.set({ limit: on ? 1 : Number.POSITIVE_INFINITY });
      case "overheat":
        return phone.battery.update(on ? { temperature: 610, health: 3, status: 4 } : { temperature: 268, health: 2, status: 2 });
      case "duplicate-serial":
        for (const name of ["ro.serialno", "ro.boot.serialno"]) phone.properties.put(name, on ? firstSerial : serial);
        return;
      case "never-boots":
        return phone.properties.put("sys.boot_completed", on ? "" : "1");
      case "locked":
        return this.#lock(on);
      case "asleep":
        return this.#doze(on);
      case "refuses-injection":
        phone.input.refusal = on ? REFUSAL : null;
        return;
      case "feigned-disabling":
        phone.packages.feigning = on;
        return;
      case "secure-window":
        phone.screen.forceSecure(on);
        return;
      case "log-flood":
        if (on) this.#running.set(fault, startLogFlood(phone, FLOOD_LINES));
        return;
      case "on-wifi":
        phone.radios.inReach = on;
        return;
      case "wifi-switch-dead":
        phone.radios.inReach = on;
        phone.radios.switchDead = on;
        return;
      case "wifi-stuck":
        phone.radios.inReach = on;
        phone.radios.stuck = on;
        return;
      case "unauthorised":
        return this.#parts.dropConnections();
      // Asked by whoever reads those files.
      case "untold-hardware":
        return;
      default:
        return fault satisfies never;
    }
  }

  #lock(on: boolean): void {
    const { power } = this.#parts.phone;
    if (on) {
      power.setPin(PIN);
      power.lock();
      return;
    }
    power.dismissKeyguard(PIN);
    power.setPin(null);
  }

  #doze(on: boolean): void {
    const { power, clock } = this.#parts.phone;
    if (!on) return power.wakeUp();
    power.sleep("power_button");
    let cancel: Cancel = () => undefined;
    const stop = power.changes.add(({ interactive }) => {
      cancel();
      if (interactive) cancel = clock.after(DOZE_MS, () => power.sleep("power_button"));
    });
    this.#running.set("asleep", () => {
      stop();
      cancel();
    });
  }

  #every(fault: PhoneFault, ms: number, act: () => void): void {
    const { clock } = this.#parts.phone;
    const again = (): void => {
      this.#running.set(
        fault,
        clock.after(ms, () => {
          again();
          act();
        }),
      );
    };
    again();
  }
}
