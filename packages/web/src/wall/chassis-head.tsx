import { useTranslation } from "react-i18next";
import { formatDegrees } from "../language/format.js";
import { useDevices, useLive } from "../live/live.js";
import type { Status } from "../status/status.js";
import css from "./chassis.module.css";
import { ChassisHold } from "./chassis-hold.js";
import { type GroupFacts, membersOf, sumUp } from "./facts.js";
import type { WallGroup } from "./groups.js";

/** From here on a battery is warm enough to say so (charging lithium cells should stay below 45 °C). */
const WARM = 42;

/** What a chassis is called and how it is as a whole; a fault of many is said here once. */
export function ChassisHead({ group }: { group: WallGroup }) {
  const { t } = useTranslation();
  const { devices } = useLive();
  useDevices();
  const facts = sumUp(membersOf(group, devices));
  return (
    <div className={css.head}>
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
  return <span className={hottest >= WARM ? css.hot : css.facts}>{t("wall.hottest", { degrees: formatDegrees(hottest) })}</span>;
}

function useGroupName({ by, name }: WallGroup): string {
  const { t } = useTranslation();
  if (by === "chassis") return name === null ? t("wall.noChassis") : t("wall.chassis", { name });
  if (by === "status" && name !== null) return t(`status.${name as Status}`);
  return name ?? t("wall.noModel");
}
