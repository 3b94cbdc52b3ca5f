/** Lays the register's word over each device, and has its agent told where that must do something about it. */
import type { Devices } from "../devices/devices.js";
import type { Register } from "./register.js";

export interface IsolationParts {
  readonly devices: Pick<Devices, "add" | "addedTo" | "reportOf" | "onChange">;
  readonly register: Pick<Register, "isolates" | "onChange">;
  /** Tells a device's agent how things stand with it; never fails. */
  readonly tell: (deviceId: string) => Promise<void>;
}

/** @returns ends it */
export function applyIsolation({ devices, register, tell }: IsolationParts): () => void {
  /** What its agent was told, so that one that does not obey is not told at each of its reports. */
  const told = new Map<string, boolean>();
  const weigh = (id: string) => {
    const report = devices.reportOf(id);
    const isolated = register.isolates(id);
    if (isolated === undefined || report === undefined) return;
    if (devices.addedTo(id).isolated !== isolated) devices.add(id, { isolated });
    // An agent that was never told isolates nothing.
    if ((told.get(id) ?? report.isolation !== undefined) === isolated) return;
    told.set(id, isolated);
    void tell(id);
  };
  const forget = [register.onChange(weigh), devices.onChange(weigh)];
  return () => {
    for (const step of forget) step();
  };
}
