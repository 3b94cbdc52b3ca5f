/** A page of devices: filtered, by name, continued by a cursor that stays right while devices come and go. */

import type { InferContractRouterInputs, InferContractRouterOutputs } from "@orpc/contract";
import type { contract, Device } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import { z } from "zod";
import { compareNames } from "./naming.js";

type Inputs = InferContractRouterInputs<typeof contract>;
type Outputs = InferContractRouterOutputs<typeof contract>;
export type ListQuery = Omit<Inputs["devices"]["list"], "limit" | "sdk" | "mine"> & {
  limit: number;
  sdk?: number | undefined;
  mine?: boolean | undefined;
};

/** The name and id of the last device of the page before: the next page begins after it, whether it still exists or not. */
const Cursor = z.tuple([z.string(), z.string()]);

/** `actor`: whose devices `mine` means. Fails with `bad_request` for a cursor that is not one of ours. */
export function listDevices(devices: readonly Device[], query: ListQuery, actor = ""): Outputs["devices"]["list"] {
  const after = query.cursor === undefined ? undefined : readCursor(query.cursor);
  const matching = devices.filter((device) => matches(device, query, actor) && (!after || compareNames(device, after) > 0));
  matching.sort(compareNames);
  const items = matching.slice(0, query.limit);
  const last = items.at(-1);
  return { items, next: last && matching.length > items.length ? writeCursor(last) : null };
}

function matches(device: Device, query: ListQuery, actor: string): boolean {
  const { state, lease, mine, model, sdk, chassis, label, q } = query;
  if (lease !== undefined && device.lease !== lease) return false;
  if (mine && device.holder?.actor !== actor) return false;
  if (label !== undefined && !device.labels.includes(label)) return false;
  if (state !== undefined && device.state !== state) return false;
  if (model !== undefined && device.model !== model) return false;
  if (sdk !== undefined && device.sdk !== sdk) return false;
  if (chassis !== undefined && device.chassis !== chassis) return false;
  if (q === undefined) return true;
  const part = q.toLowerCase();
  return [device.name, device.model, device.serial, device.address, device.id].some((text) => text?.toLowerCase().includes(part));
}

function writeCursor(device: { name: string; id: string }): string {
  return Buffer.from(JSON.stringify([device.name, device.id])).toString("base64url");
}

function readCursor(cursor: string): { name: string; id: string } {
  try {
    const [name, id] = Cursor.parse(JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")));
    return { name, id };
  } catch (cause) {
    throw new PhonerackError("bad_request", "cursor: not one that a page gave", { cause });
  }
}
