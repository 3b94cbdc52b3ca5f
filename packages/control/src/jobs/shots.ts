/** Screenshots that a job takes: kept among the artifacts of the device's lease. */
import { type ActionResult, type Device, PhonerackError } from "@phonerack/contract/bus";
import { type Artifacts, originOf } from "../artifacts/artifacts.js";
import type { Screenshots } from "../devices/screenshots.js";
import type { JobRow } from "./rows.js";

export type Shoot = (job: JobRow, device: Device) => Promise<ActionResult>;

/** Fails as `Screenshots.take` does, with `storage_full`, and with `epoch_stale` for a device that changed hands meanwhile. */
export function shooter(screenshots: Pick<Screenshots, "take">, artifacts: Pick<Artifacts, "add">): Shoot {
  return async ({ actor, actorName, action }, device) => {
    if (action.type !== "screenshot") throw new PhonerackError("bad_request", "no screenshot");
    const origin = originOf(device, { actor, name: actorName });
    const png = await screenshots.take(device.id, { frame: action.frame });
    const at = new Date().toISOString().slice(0, 19).replace("T", " ").replaceAll(":", ".");
    const { id } = await artifacts.add(origin, { kind: "screenshot", name: `${device.name} ${at}.png`, type: "image/png" }, png);
    return { artifact: id };
  };
}
