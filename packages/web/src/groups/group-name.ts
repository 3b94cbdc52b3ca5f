/** What a group is called: as its maker named it, else by whose it is. */
import type { Group } from "@phonerack/contract/api";
import type { TFunction } from "i18next";

export function nameOfGroup(t: TFunction, { name, actorName }: Pick<Group, "name" | "actorName">): string {
  return name || t("groups.of", { who: actorName });
}
