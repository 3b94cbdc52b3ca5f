import { IconArrowsSplit, IconBan, IconCheck, IconClockPause, IconCrown } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import css from "./tile.module.css";
import type { MarkKind, TileMark } from "./tile-marks.js";

const ICONS = {
  leader: IconCrown,
  followed: IconCheck,
  behind: IconClockPause,
  stray: IconArrowsSplit,
  denied: IconBan,
} as const satisfies Record<MarkKind, unknown>;

/** The phone's part in the group that is driven: always icon, word and colour; the whole sentence when pointed at. */
export function GroupMark({ mark, compact }: { mark: TileMark; compact: boolean }) {
  const { t } = useTranslation();
  const Icon = ICONS[mark.kind];
  return (
    <span className={css.tileMark} title={mark.words}>
      <Icon size={14} stroke={1.5} aria-hidden="true" />
      <span className={compact ? "visually-hidden" : undefined}>{t(`wall.mark.${mark.kind}`)}</span>
    </span>
  );
}
