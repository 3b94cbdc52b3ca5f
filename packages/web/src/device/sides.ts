/** What stands beside a phone on its page, by tabs. The address keeps which. */
export const SIDES = ["info", "apps", "files", "shell", "logs", "records"] as const;
export type SideName = (typeof SIDES)[number];

export function readSide(search: Record<string, unknown>): { side?: SideName } {
  const side = SIDES.find((name) => name === search.side);
  return side === undefined || side === "info" ? {} : { side };
}
