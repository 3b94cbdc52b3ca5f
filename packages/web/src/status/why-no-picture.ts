/** Why a phone's picture is not live, in words: the same on a tile and on the large phone. */
import type { Device, Session } from "@phonerack/contract/api";
import type { TFunction } from "i18next";
import { sentence } from "../api/sentence.js";
import { formatTime } from "../language/format.js";
import type { StreamError } from "../live/streams.js";
import { mayDrive, mayWatch } from "../session/may.js";
import { whoHolds } from "./lease-words.js";

export interface NoPicture {
  readonly title: string;
  readonly reason: string | undefined;
  /** "since 12:04" */
  readonly since: string | undefined;
  /** It is not this person's to see: not even what was seen last is shown. */
  readonly hidden?: true;
}

interface Circumstances {
  readonly error: StreamError | undefined;
  /** This page has lost phonerack. */
  readonly offline: boolean;
  /** Who looks; undefined while that is not known. */
  readonly session: Session | undefined;
}

/** Undefined when nothing stands against a picture. */
export function whyNoPicture(t: TFunction, device: Device, { error, offline, session }: Circumstances): NoPicture | undefined {
  if (offline) return { title: t("picture.offline"), reason: undefined, since: undefined };
  if (device.state !== "ready") {
    const since = t("picture.since", { time: formatTime(device.since) });
    return { title: t(`picture.state.${device.state}`), reason: device.reason ?? runningStep(t, device), since };
  }
  if (session && !mayWatch(session, device)) return whyHidden(t, device, session);
  const blind = device.notices.find(({ code }) => isBlind(code));
  if (blind && isBlind(blind.code)) return { title: t(`picture.blind.${blind.code}`), reason: blind.message, since: undefined };
  return error && { title: t("picture.none"), reason: reasonOf(t, error), since: undefined };
}

function whyHidden(t: TFunction, { lease, holder, hold }: Device, session: Session): NoPicture {
  const words = (title: string, reason: string): NoPicture => ({ title, reason, since: undefined, hidden: true });
  if (holder) {
    const told = { who: whoHolds(t, holder, session), time: formatTime(holder.until) };
    return words(t("picture.hidden.taken"), t("picture.hidden.takenHow", told));
  }
  if (lease === "cleaning") return words(t("picture.hidden.cleaning"), hold.note ?? t("picture.hidden.cleaningHow"));
  return words(t("picture.hidden.free"), t(mayDrive(session) ? "picture.hidden.freeHow" : "picture.hidden.freeNotYou"));
}

/** What leaves a phone that works without a picture, or with a black one. */
const BLIND = ["secure-window", "screen-off", "no-picture"] as const;

function isBlind(code: Device["notices"][number]["code"]): code is (typeof BLIND)[number] {
  return (BLIND as readonly string[]).includes(code);
}

function runningStep(t: TFunction, { steps }: Device): string | undefined {
  const at = steps.findIndex(({ state }) => state === "running");
  const step = steps[at];
  return step && t("picture.step", { at: at + 1, of: steps.length, step: t(`info.step.${step.name}`) });
}

function reasonOf(t: TFunction, error: StreamError): string {
  if (error.code === "no_decoder") return globalThis.isSecureContext ? t("picture.no_decoder") : t("picture.no_decoder_insecure");
  if (error.code === "decode_failed") return t("picture.decode_failed");
  // The case alone where it is known: a tile has no room for the rule.
  return error.detail ?? sentence(error);
}
