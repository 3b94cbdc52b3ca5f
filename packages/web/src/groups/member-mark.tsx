import type { MemberState } from "@phonerack/contract/api";
import {
  IconArrowsSplit,
  IconBan,
  IconCheck,
  IconClockPause,
  IconHandFinger,
  IconLoader,
  IconLogout,
  IconPlugConnectedX,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import css from "./member-mark.module.css";

const ICONS = {
  followed: IconCheck,
  preparing: IconLoader,
  behind: IconClockPause,
  stray: IconArrowsSplit,
  denied: IconBan,
  "taken-over": IconHandFinger,
  lost: IconPlugConnectedX,
  dropped: IconLogout,
} as const satisfies Record<MemberState, unknown>;

/** In the order of the filter chips: what goes well, what needs somebody, what is out. */
export const MEMBER_STATES = Object.keys(ICONS) as readonly MemberState[];

/** How a phone stands to its group: always icon, word and colour. */
export function MemberMark({ state, compact = false }: { state: MemberState; compact?: boolean }) {
  const { t } = useTranslation();
  const Icon = ICONS[state];
  return (
    <span className={css.mark} data-member={state}>
      <Icon size={14} stroke={1.5} aria-hidden="true" />
      <span className={compact ? "visually-hidden" : css.word}>{t(`groups.state.${state}`)}</span>
    </span>
  );
}
