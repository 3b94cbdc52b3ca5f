/** Why a phone's picture is not live, in words: the same on a tile and on the large phone. */
import type { Device } from "@phonerack/contract/api";
import type { TFunction } from "i18next";
import { sentence } from "../api/sentence.js";
import { formatTime } from "../language/format.js";
import type { StreamError } from "../live/streams.js";

export interface NoPicture {
  readonly title: string;
  readonly reason: string | undefined;
  /** "since 12:04" */
  readonly since: string | undefined;
}

/** Undefined when nothing stands against a picture. `offline`: this page has lost phonerack. */
export function whyNoPicture(
  t: TFunction,
  device: Device,
  { error, offline }: { error: StreamError | undefined; offline: boolean },
): NoPicture | undefined {
  if (offline) return { title: t("picture.offline"), reason: undefined, since: undefined };
  if (device.state !== "ready") {
    const since = t("picture.since", { time: formatTime(device.since) });
    return { title: t(`picture.state.${device.state}`), reason: device.reason ?? runningStep(t, device), since };
  }
  const blind = device.notices.find(({ code }) => isBlind(code));
  if (blind && isBlind(blind.code)) return { title: t(`picture.blind.${blind.code}`), reason: blind.message, since: undefined };
  return error && { title: t("picture.none"), reason: reasonOf(t, error), since: undefined };
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
