import { Checkbox } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { formatDegrees } from "../language/format.js";
import { useDevices, useLive } from "../live/live.js";
import type { Status } from "../status/status.js";
import { HOT_DEGREES } from "./battery-mark.js";
import css from "./chassis.module.css";
import { ChassisHold } from "./chassis-hold.js";
import { type GroupFacts, membersOf, sumUp } from "./facts.js";
import { type Grouping, orderOf, type WallGroup } from "./groups.js";
import { useSelectedAmong } from "./use-selection.js";

/** What a chassis is called and how it is as a whole; a fault of many is said here once. */
export function ChassisHead({ group }: { group: WallGroup }) {
  const { t } = useTranslation();
  const { devices } = useLive();
  useDevices();
  const facts = sumUp(membersOf(group, devices));
  return (
    <div className={css.head}>
      <SelectAll group={group} />
      <h2>{useGroupName(group)}</h2>
      <span className={css.facts}>{t("wall.ready", { ready: facts.ready, total: facts.total })}</span>
      <Hottest facts={facts} />
      {facts.commonReason && <span className={css.facts}>{facts.commonReason}</span>}
      {group.by === "chassis" && group.name !== null && <ChassisHold chassis={group.name} devices={membersOf(group, devices)} />}
    </div>
  );
}

function Hottest({ facts: { hottest } }: { facts: GroupFacts }) {
  const { t } = useTranslation();
  if (hottest === undefined) return null;
  return (
    <span className={hottest >= HOT_DEGREES ? css.hot : css.facts}>{t("wall.hottest", { degrees: formatDegrees(hottest) })}</span>
  );
}

function useGroupName({ by, name, rack }: WallGroup): string {
  const { t } = useTranslation();
  if (name === null) return t(NAMELESS[by]);
  if (by === "chassis") return rack === null ? t("wall.chassis", { name }) : `${rack} · ${name}`;
  if (by === "rack") return t("wall.rack", { name });
  if (by === "android") return t("wall.sdk", { sdk: name });
  return by === "status" ? t(`status.${name as Status}`) : name;
}

const NAMELESS = {
  chassis: "wall.noChassis",
  rack: "wall.noRack",
  label: "wall.noLabel",
  model: "wall.noModel",
  android: "wall.noAndroid",
  status: "wall.title",
  none: "wall.title",
} as const satisfies Record<Grouping, string>;

/** All phones of the group into the selection, or out of it. */
function SelectAll({ group }: { group: WallGroup }) {
  const { t } = useTranslation();
  const { selection } = useLive();
  const ids = useMemo(() => orderOf([group]), [group]);
  const count = useSelectedAmong(ids);
  return (
    <Checkbox
      size="xs"
      classNames={{ input: css.box ?? "" }}
      aria-label={t("wall.selectGroup", { name: useGroupName(group) })}
      checked={count > 0 && count === ids.length}
      indeterminate={count > 0 && count < ids.length}
      onChange={() => selection.toggleAll(ids)}
    />
  );
}
