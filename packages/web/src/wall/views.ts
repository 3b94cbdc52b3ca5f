/** Views of the wall that somebody named: filters, grouping and size. Kept in this browser, for each person who logs in here. */
import { readWallSearch, type WallSearch } from "./wall-search.js";

export interface WallView {
  readonly name: string;
  /** Without a phone in focus; `size` undefined: as large as fits. */
  readonly search: Omit<WallSearch, "focus">;
}

const MOST_VIEWS = 50;
const LONGEST_NAME = 60;

export function viewsKey(actor: string): string {
  return `phonerack.views.${actor}`;
}

/** What was kept, as far as it can be read: another version may have written it. */
export function readViews(text: string | null | undefined): readonly WallView[] {
  let kept: unknown;
  try {
    kept = JSON.parse(text ?? "[]");
  } catch {
    return [];
  }
  return Array.isArray(kept) ? kept.slice(0, MOST_VIEWS).flatMap(viewOf) : [];
}

function viewOf(kept: unknown): WallView | [] {
  if (typeof kept !== "object" || kept === null) return [];
  const { name, search } = kept as Record<string, unknown>;
  if (typeof name !== "string" || name.trim() === "") return [];
  const known = typeof search === "object" && search !== null ? readWallSearch(search as Record<string, unknown>) : {};
  const { focus: _, ...rest } = known;
  return { name: name.trim().slice(0, LONGEST_NAME), search: rest };
}

/** With this one; one of the same name is replaced. */
export function withView(views: readonly WallView[], view: WallView): readonly WallView[] {
  const name = view.name.trim().slice(0, LONGEST_NAME);
  const others = views.filter((other) => other.name !== name);
  return [...others, { ...view, name }].sort((a, b) => a.name.localeCompare(b.name)).slice(0, MOST_VIEWS);
}

/** Whether what is seen now is this view. */
export function isView(view: WallView, search: WallSearch, size: number | undefined): boolean {
  const { focus: _, ...now } = { ...search, size };
  return ordered(now) === ordered(view.search);
}

function ordered(search: Omit<WallSearch, "focus">): string {
  const { q, status, model, sdk, label, group, size } = search;
  return JSON.stringify([q, status, model, sdk, label, group, size]);
}
