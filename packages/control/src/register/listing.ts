/** A page of the register: filtered, by name, continued by a cursor that stays right while devices come and go. */
import type { InferContractRouterInputs, InferContractRouterOutputs } from "@orpc/contract";
import type { contract, RegisterDevice } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import { z } from "zod";
import { compareNames } from "../devices/naming.js";

type Query = Omit<InferContractRouterInputs<typeof contract>["register"]["list"], "limit" | "endsWithin"> & {
  readonly limit: number;
  readonly endsWithin?: number | undefined;
};
type Page = InferContractRouterOutputs<typeof contract>["register"]["list"];

const DAY_MS = 24 * 3_600_000;
const Cursor = z.tuple([z.string(), z.string()]);

/** Fails with `bad_request` for a cursor that is not one of ours. */
export function listRegister(all: readonly RegisterDevice[], query: Query, now: number): Page {
  const after = query.cursor === undefined ? undefined : readCursor(query.cursor);
  const matching = all.filter((device) => matches(device, query, now));
  const isolated = matching.filter(({ network }) => network.class === "isolated").length;
  const sorted = matching.map((device) => ({ device, name: device.name ?? device.id, id: device.id })).sort(compareNames);
  const rest = after ? sorted.filter((one) => compareNames(one, after) > 0) : sorted;
  const page = rest.slice(0, query.limit);
  const last = page.at(-1);
  return {
    items: page.map(({ device }) => device),
    next: last && rest.length > page.length ? Buffer.from(JSON.stringify([last.name, last.id])).toString("base64url") : null,
    counts: { public: matching.length - isolated, isolated },
  };
}

function matches({ network, record, site, reach, ...device }: RegisterDevice, query: Query, now: number): boolean {
  if (reach === "virtual" ? query.virtual === "false" : query.virtual === "only") return false;
  if (query.class !== undefined && network.class !== query.class) return false;
  if (query.record !== undefined && (record !== null) !== (query.record === "true")) return false;
  if (query.site !== undefined && (site ?? "") !== query.site) return false;
  if (query.cutOff !== undefined && (network.class !== "isolated" || isCutOff(device) !== (query.cutOff === "true")))
    return false;
  if (query.reason !== undefined && !network.reasons.some(({ code }) => code === query.reason)) return false;
  if (query.endsWithin !== undefined && (network.until === null || network.until - now > query.endsWithin * DAY_MS)) return false;
  if (query.q === undefined) return true;
  const part = query.q.normalize("NFC").toLowerCase();
  const numbers = Object.values(record?.licences ?? {}).map(({ number }) => number);
  const texts = [device.id, device.name, device.saysModel, device.place, record?.model, ...(record?.imeis ?? []), ...numbers];
  return texts.some((text) => text?.normalize("NFC").toLowerCase().includes(part));
}

/** Its agent has looked, and nothing led out. */
export function isCutOff({ isolation }: Pick<RegisterDevice, "isolation">): boolean {
  return isolation?.verified != null && isolation.leadsOut === null;
}

function readCursor(cursor: string): { name: string; id: string } {
  try {
    const [name, id] = Cursor.parse(JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")));
    return { name, id };
  } catch (cause) {
    throw new PhonerackError("bad_request", "cursor: not one that a page gave", { cause });
  }
}
