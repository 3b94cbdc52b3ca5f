/** The log's state in words for a terminal. Names come from others: what would act on it is written out. */
import type { LogStatus } from "@phonerack/contract/api";
import { shown } from "./verify.js";

const BARS = "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588";

export function statusWords(status: LogStatus): string {
  const { origin, size, vkey, checkpoint, appends, reason, witnesses, kinds, denials, behind } = status;
  const counts = Object.entries(kinds).map(([kind, count]) => `${count} ${shown(kind)}`);
  const denied = denials.reduce((sum, { count }) => sum + count, 0);
  return [
    `${shown(origin)}: ${size} leaves${appends ? "" : `; nothing is appended: ${shown(reason ?? "")}`}`,
    `  ${shown(vkey)}`,
    checkpoint ? `  signed at ${checkpoint.size} leaves, ${new Date(checkpoint.at).toISOString()}` : "  not signed yet",
    ...(counts.length > 0 ? [`  ${counts.join(", ")}`] : []),
    `  denied in the last ${denials.length} hours: ${denied} ${bars(denials.map(({ count }) => count))}`,
    ...witnesses.map(
      ({ name, state, reason: why }) => `  witness ${shown(name)}: ${state}${why === null ? "" : ` (${shown(why)})`}`,
    ),
    ...behind.map(
      ({ agent, lines, waited, writes }) =>
        `  agent ${shown(agent)}: ${writes ? "" : "cannot write its decisions down and refuses inputs; "}${lines} decisions wait, for ${Math.round(waited / 1_000)} s`,
    ),
  ].join("\n");
}

/** Nothing is a gap; the rest reaches from the lowest bar to the highest. */
function bars(counts: readonly number[]): string {
  const most = Math.max(1, ...counts);
  return counts.map((count) => (count === 0 ? "\u00b7" : BARS[Math.ceil((count / most) * BARS.length) - 1])).join("");
}
