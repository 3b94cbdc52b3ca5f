/**
 * The same app that is nobody's here, on many devices of one organisation within a day. A browser, a camera, a sign-in of the phone's maker is where honest tests hop
 * to from their own apps: it counts only where a device's whole budget of an hour went into it.
 */
import { FLAG_BOUNDS } from "@phonerack/contract/api";
import { HOURLY } from "@phonerack/policy";
import { z } from "zod";
import { cited, DAY_MS, HOUR_MS, ruleOf } from "../rule.js";
import type { InputSeen, Seen } from "../seen.js";

export const FANNED_DEVICES = FLAG_BOUNDS["fan-out"].devices;
/** One or two touches are a look. */
const TOUCHES = 3;

const TOUCHING: ReadonlySet<string> = new Set(["tap", "swipe", "key", "text", "paste"]);
const OPENING: ReadonlySet<string> = new Set(["launch", "install", "deep-link"]);
/** What the gate says of an app that is nobody's here. Other denials (no lease, an open fence, a pause) say nothing of the app. */
const ABOUT_APPS = /^(?:many-other|many-target|hand-.+)$/;

/** What is sold, rated or liked there is what abuse is about, whoever made the phone. (Purchases within one's own app hop to Google's store.) */
const PLACES_OF_TRADE = /(?:shop|store|market|mall|club|community|bbs|forum)/i;
/** Browsers, and what of the phone's maker other apps open for a moment. */
const HOPS = [
  /^com\.android\.(?:chrome|browser|camera\d?|documentsui|gallery3d|contacts|dialer|mms|vending|htmlviewer|email|calendar)$/,
  /^com\.chrome\.(?:beta|dev|canary)$/,
  /^com\.google\.android\.(?:gms|gsf|gsf\.login|documentsui|GoogleCamera|contacts|dialer|gm|calendar|googlequicksearchbox)$/,
  /^com\.google\.android\.apps\.(?:photos|messaging|maps|docs|nbu\.files|walletnfcrel)$/,
  /^org\.mozilla\./,
  /^com\.(?:microsoft\.emmx|brave\.browser|opera\.browser|opera\.mini\.native|vivaldi\.browser|duckduckgo\.mobile\.android|UCMobile|UCMobile\.intl)$/,
  /^com\.sec\.android\.(?:app\.(?:sbrowser|camera|myfiles|popupcalculator)|gallery3d)$/,
  /^com\.samsung\.android\./,
  /^com\.huawei\.(?:browser|camera|hwid|filemanager|photos)$/,
  /^com\.(?:hihonor|miui|xiaomi|mi|oppo|heytap|coloros|vivo|oneplus|realme|motorola|sonymobile|asus|zui|meizu)\./,
  /^mark\.via(?:\.gp)?$/,
];

const Device = z.object({
  did: z.int(),
  tried: z.int(),
  opened: z.boolean(),
  refused: z.boolean(),
  at: z.number(),
  /** Of the hour that is counted: its beginning and how many were let through; and the most of all. */
  hour: z.number(),
  inHour: z.int(),
  most: z.int(),
  leaves: z.array(z.int()).max(TOUCHES),
});
type Device = z.infer<typeof Device>;
const Counts = z.object({ devices: z.record(z.string(), Device), pruned: z.number() });
type Counts = z.infer<typeof Counts>;

export const fanOut = ruleOf(Counts, {
  name: "fan-out",
  subject: (seen) => (isAbout(seen) ? `${seen.tenant} ${seen.app?.package}` : undefined),
  late: true,
  count: (counts = { devices: {}, pruned: 0 }, seen): Counts => {
    if (!isAbout(seen)) return counts;
    const isYoung = ({ at }: Device) => at > seen.at - DAY_MS;
    const due = counts.pruned < seen.at - HOUR_MS;
    const devices = due ? Object.fromEntries(Object.entries(counts.devices).filter(([, one]) => isYoung(one))) : counts.devices;
    const known = devices[seen.device];
    // Changed in place: a tap on a thousand phones comes as a thousand of these.
    devices[seen.device] = grown(known && isYoung(known) ? known : undefined, seen);
    return { devices, pruned: due ? seen.at : counts.pruned };
  },
  judge: ({ devices }, seen) => {
    if (!isAbout(seen)) return [];
    const name = seen.app?.package ?? "";
    const hop = isHop(name);
    const all = Object.values(devices).filter(({ at }) => at > seen.at - DAY_MS);
    const hasLanded = (one: Device) => (hop ? one.most >= HOURLY : one.opened || one.did >= TOUCHES);
    const landed = all.filter(hasLanded);
    const tried = hop ? [] : all.filter((one) => !hasLanded(one) && (one.refused || one.tried >= TOUCHES));
    if (landed.length + tried.length < FANNED_DEVICES) return [];
    const pauses = landed.length >= FANNED_DEVICES ? "organisation" : "nothing";
    const measured = {
      package: name,
      devices: landed.length,
      tried: tried.length,
      touches: sum(all, "did"),
      denied: sum(all, "tried"),
    };
    const leaves = cited([...landed, ...tried].flatMap((one) => one.leaves));
    return [{ rule: "fan-out", tenant: seen.tenant, lease: null, deviceId: null, pauses, leaves, measured }];
  },
});

export function isHop(name: string): boolean {
  return !PLACES_OF_TRADE.test(name) && HOPS.some((hop) => hop.test(name));
}

function isAbout(seen: Seen): seen is InputSeen {
  if (seen.kind !== "input" || seen.app?.standing !== "other" || !ABOUT_APPS.test(seen.rule)) return false;
  return TOUCHING.has(seen.action) || (OPENING.has(seen.action) && seen.what !== "clear" && seen.what !== "uninstall");
}

function grown(known: Device | undefined, { at, seq, allowed, action }: InputSeen): Device {
  const before = known ?? { did: 0, tried: 0, opened: false, refused: false, at, hour: at, inHour: 0, most: 0, leaves: [] };
  const opens = OPENING.has(action);
  const touched = allowed && !opens;
  const anew = at - before.hour >= HOUR_MS;
  const inHour = (anew ? 0 : before.inHour) + (touched ? 1 : 0);
  return {
    did: before.did + (touched ? 1 : 0),
    tried: before.tried + (allowed || opens ? 0 : 1),
    opened: before.opened || (opens && allowed),
    refused: before.refused || (opens && !allowed),
    at: Math.max(before.at, at),
    hour: anew ? at : before.hour,
    inHour,
    most: Math.max(before.most, inHour),
    leaves: before.leaves.includes(seq) ? before.leaves : [...before.leaves, seq].slice(-TOUCHES),
  };
}

function sum(all: readonly Device[], what: "did" | "tried"): number {
  return all.reduce((total, one) => total + one[what], 0);
}
