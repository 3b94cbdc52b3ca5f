/** What the address of a new group says: which phones it is to be made of. */
export interface NewGroupSearch {
  /** The selection that the wall handed over (wall/selection-hand-over.ts). */
  readonly devices?: "selection";
  readonly lease?: string;
  readonly chassis?: string;
  readonly label?: string;
}

export function readNewGroupSearch(search: Record<string, unknown>): NewGroupSearch {
  const named = (key: "lease" | "chassis" | "label") => {
    const value = search[key];
    // A chassis called 3 comes as a number.
    return typeof value === "string" || typeof value === "number" ? { [key]: String(value) } : {};
  };
  return {
    ...(search.devices === "selection" ? { devices: "selection" as const } : {}),
    ...named("lease"),
    ...named("chassis"),
    ...named("label"),
  };
}
