/** The logcat that does what somebody wishes, in as many words as the phone's own knows. */
import { LogBuffer, type LogWish } from "@phonerack/contract/bus";

/** epoch: as `log-line.ts` of the contract has it. dated: Android before 7. */
export type LogForm = "epoch" | "dated";

const FORMS: Readonly<Record<LogForm, string>> = {
  epoch: "-v threadtime -v uid -v epoch -v printable -D",
  dated: "-v threadtime",
};
/** `kernel` is refused to a shell on most phones, and then all of it. */
const BUFFERS = LogBuffer.options.filter((name) => name !== "kernel");
/** Our own, by which we know that the event log is whole (`foreground/marked-stream.ts`): nobody reads it. */
const MARK_TAG = "phonerack_marker";
const PLAIN_TAG = /^[^\s:'"$`\\*]+$/;

export function logCommand({ buffers, tail, level, follow, tags = [] }: LogWish, form: LogForm): string {
  const from = tail === 0 ? '"$(date +%s).000"' : String(tail);
  // logcat parts its filters at blanks: a tag that has some is looked for by whoever reads.
  const plain = tags.filter((tag) => PLAIN_TAG.test(tag));
  const all = plain.length === 0 || plain.length < tags.length;
  const filters = all ? [`'${MARK_TAG}:S'`, `'*:${level}'`] : [...plain.map((tag) => `'${tag}:${level}'`), "'*:S'"];
  const wished =
    buffers && buffers.length > 0 ? buffers : form === "epoch" ? BUFFERS : BUFFERS.filter((name) => name !== "crash");
  return `exec:logcat ${wished.map((name) => `-b ${name}`).join(" ")} ${FORMS[form]}${follow ? "" : " -d"} -T ${from} ${filters.join(" ")}`;
}

/** The plainer form to try, when logcat's first words say that it does not know this one. */
export function nextForm(form: LogForm, said: string): LogForm | undefined {
  return form === "epoch" && /invalid|unrecognized|unknown|usage:/i.test(said) && !/^[-\s\d]/.test(said) ? "dated" : undefined;
}
