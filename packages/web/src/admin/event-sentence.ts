/** What was done, as a sentence. Kinds that this console does not know are shown as they are: nothing is left out of a log. */
import type { LabEvent } from "@phonerack/contract/api";
import type { TFunction } from "i18next";
import { events } from "../language/en-events.js";
import { formatDateTime } from "../language/format.js";

type Kind = keyof typeof events.event;

/** In the order of the filter. */
export const EVENT_KINDS = Object.keys(events.event) as readonly Kind[];

/** `nameOf`: what people call an actor or a member; an id stays itself. */
export function sentenceOf(t: TFunction, event: LabEvent, nameOf: (id: string) => string): string {
  const known = isKnown(event.kind);
  const values = { ...wordsOf(event.detail), actor: nameOf(event.actor), subject: nameOf(event.subject), kind: event.kind };
  if (!known) return t("log.other", { ...values, detail: JSON.stringify(event.detail) });
  const reason = wordsOf(event.detail).reason || wordsOf(event.detail).purpose;
  const sentence: string = t(`event.${event.kind as Kind}`, { ...values });
  return reason ? `${sentence} “${reason}”` : sentence;
}

function isKnown(kind: string): kind is Kind {
  return Object.hasOwn(events.event, kind);
}

/** Details as words to put into a sentence: lists by their number, times as people write them. */
function wordsOf(detail: LabEvent["detail"]): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(detail).map(([name, value]) => {
      if (Array.isArray(value)) return [name, value.length];
      if ((name === "until" || name === "from") && typeof value === "number") return [name, formatDateTime(value)];
      return [name, typeof value === "number" || typeof value === "string" ? value : JSON.stringify(value)];
    }),
  );
}
