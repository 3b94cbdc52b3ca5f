import type { Device } from "@phonerack/contract/api";
import { IconBattery1, IconFlame } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { formatDegrees, formatPercent } from "../language/format.js";
import css from "./tile.module.css";

/** From here on a battery is warm enough to say so (charging lithium cells should stay below 45 °C). In degrees Celsius. */
export const HOT_DEGREES = 42;
/** A phone that is not charging at so few per cent will be off within hours. */
export const LOW_PERCENT = 20;

interface BatteryMarkProps {
  battery: Device["battery"];
  /** Leaves the figure to the title and to screen readers. */
  compact: boolean;
}

/** How hot or how empty the battery is, when that matters; else nothing. */
export function BatteryMark({ battery, compact }: BatteryMarkProps) {
  const { t } = useTranslation();
  if (!battery) return null;
  const hot = battery.temperature >= HOT_DEGREES;
  if (!hot && (battery.charging || battery.level > LOW_PERCENT)) return null;
  const figure = hot ? formatDegrees(battery.temperature) : formatPercent(battery.level);
  const words = t(hot ? "wall.hot" : "wall.low", { figure });
  const Icon = hot ? IconFlame : IconBattery1;
  return (
    <span className={`${css.tileMark} ${hot ? css.hot : css.low}`} title={words}>
      <Icon size={14} stroke={1.5} aria-hidden="true" />
      {compact ? <span className="visually-hidden">{words}</span> : <span>{figure}</span>}
    </span>
  );
}
