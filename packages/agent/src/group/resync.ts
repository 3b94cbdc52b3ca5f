/** Brings a phone that went astray back to what the leader shows, as far as its app lets others open that screen. */
import type { ScreenState } from "@phonerack/contract/bus";
import { launch, startActivity } from "./apps.js";
import type { Driven } from "./play.js";
import { type Answer, failed, type Ticket } from "./step-run.js";

/** @returns why it is not there, in words; null when it is as near as can be told. Never rejects. */
export async function resync(driven: Driven, ticket: Ticket, screen: ScreenState): Promise<string | null> {
  const direct = await startActivity(driven, ticket, screen).catch(failed);
  if (isThere(driven, direct, screen)) return null;
  if (direct.outcome === "denied") return wordsOf(direct);
  // Most screens are an app's own: from its first one a person, or the next steps, can go on.
  const first = await launch(driven, ticket, screen.package).catch(failed);
  if (isThere(driven, first, screen)) return null;
  if (first.outcome !== "applied") return wordsOf(first);
  return `Its app was brought to the front, but does not let others open ${screen.activity.replace(/^.*\./, "")}.`;
}

function isThere({ phone }: Driven, { outcome }: Answer, screen: ScreenState): boolean {
  const { foreground } = phone.report;
  return outcome === "applied" && foreground?.package === screen.package && foreground.activity === screen.activity;
}

function wordsOf({ error }: Answer): string {
  return error?.detail ?? error?.message ?? "It does not come to the front.";
}
