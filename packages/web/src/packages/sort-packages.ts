/** Which of a phone's apps are shown, and in which order: one's own first, what runs before what does not, those of the system only when wished. */
import type { InstalledPackage } from "@phonerack/contract/api";

export interface PackageFilter {
  /** A part of the label or of the package's name. */
  readonly text: string;
  readonly system: boolean;
}

const RANK: Record<InstalledPackage["standing"], number> = { owned: 0, permitted: 1, other: 2, system: 3 };
const order = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

export function sortPackages(
  packages: readonly InstalledPackage[],
  { text, system }: PackageFilter,
): readonly InstalledPackage[] {
  const words = text.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return packages
    .filter((each) => system || !isSystem(each))
    .filter((each) => words.every((word) => `${each.label ?? ""} ${each.package}`.toLocaleLowerCase().includes(word)))
    .sort(
      (a, b) =>
        RANK[a.standing] - RANK[b.standing] ||
        Number(b.running) - Number(a.running) ||
        order.compare(a.label ?? a.package, b.label ?? b.package),
    );
}

/** An owned app may come with the phone, as the demo apps do: it is shown all the same. */
function isSystem({ system, standing }: InstalledPackage): boolean {
  return standing === "system" || (system && standing === "other");
}
