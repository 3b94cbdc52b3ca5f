/** What was done, as a sentence. Kinds that this console does not know are shown as they are: nothing is left out of a log. */
import type { LabEvent } from "@phonerack/contract/api";
import type { TFunction } from "i18next";
import { events } from "../language/en-events.js";
import { formatDateTime } from "../language/format.js";

/** In the order of the filter. Sentences that count have one for each number of things. */
export const EVENT_KINDS: readonly string[] = [
  ...new Set(Object.keys(events.event).map((key) => key.replace(/_(one|other)$/, ""))),
];

type Words = Record<string, string | number>;
/** The kinds are what control writes, so no type of this side can list them. */
type Translate = (key: string, words: Words) => string;

/** `nameOf`: what people call an actor, a member or a phone; an id without a name stays itself. */
export function sentenceOf(t: TFunction, { kind, actor, subject, detail }: LabEvent, nameOf: (id: string) => string): string {
  const words = {
    ...wordsOf(detail, nameOf),
    actor: actor === "" ? t("log.stranger") : nameOf(actor),
    subject: nameOf(subject),
    kind,
  };
  if (!EVENT_KINDS.includes(kind)) return t("log.other", { ...words, detail: JSON.stringify(detail) });
  const sentence = (t as Translate)(`event.${kind}`, words);
  const said = detail.purpose ?? detail.note ?? (kind.startsWith("lease.") ? undefined : detail.reason);
  return typeof said === "string" && said !== "" ? `${sentence} “${said}”` : sentence;
}

/** Details as words to put into a sentence: a list by its number, a time as people write it, a person by name. */
function wordsOf(detail: LabEvent["detail"], nameOf: (id: string) => string): Words {
  const words: Words = {};
  for (const [name, value] of Object.entries(detail)) {
    if (Array.isArray(value)) words.count = value.length;
    else if (name === "until" || name === "from") words[name] = formatDateTime(new Date(value as string | number).getTime());
    else if (name === "to" && typeof value === "string") words[name] = nameOf(value);
    else words[name] = typeof value === "number" || typeof value === "string" ? value : JSON.stringify(value);
  }
  return words;
}
