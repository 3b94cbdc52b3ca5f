import { useTranslation } from "react-i18next";
import type { Status } from "./status.js";
import css from "./status-mark.module.css";

/** Drawn here and not taken from a font: ⚿ and ◔ are missing in many. In a box of 12 by 12. */
const SHAPES: Record<Status, React.ReactNode> = {
  free: <circle cx="6" cy="6" r="4" fill="currentColor" stroke="none" />,
  yours: <path d="M6 1.5 10.5 6 6 10.5 1.5 6Z" fill="currentColor" />,
  taken: <path d="M6 1.5 10.5 6 6 10.5 1.5 6Z" />,
  cleaning: (
    <>
      <circle cx="6" cy="6" r="4.25" />
      <path d="M6 1.75a4.25 4.25 0 0 1 0 8.5Z" fill="currentColor" />
    </>
  ),
  connecting: <circle cx="6" cy="6" r="4.25" strokeDasharray="2.2 2.25" />,
  preparing: (
    <>
      <circle cx="6" cy="6" r="4.25" />
      <path d="M6 6V1.75A4.25 4.25 0 0 1 10.25 6Z" fill="currentColor" />
    </>
  ),
  isolated: <path d="M1.25 4.25a7.2 7.2 0 0 1 9.5 0M3.25 6.75a4.2 4.2 0 0 1 5.5 0M6 9.4v.2M2 1.5l8 9" />,
  unauthorised: (
    <>
      <circle cx="4" cy="6" r="2.25" />
      <path d="M6.25 6h4.5M9.25 6v2" />
    </>
  ),
  quarantined: <path d="M6 1.75 11 10.25H1ZM6 5v2.25M6 8.6v.2" />,
  lost: <path d="m2.5 2.5 7 7m0-7-7 7" />,
};

interface StatusMarkProps {
  status: Status;
  /** Leaves the word to screen readers, where there is no room. */
  compact?: boolean;
  /** Says more than the status' own word, e.g. who has the phone. */
  word?: string;
}

/** How a device is: always shape, word and colour. */
export function StatusMark({ status, compact, word }: StatusMarkProps) {
  const { t } = useTranslation();
  return (
    <span className={css.mark} data-status={status}>
      <svg viewBox="0 0 12 12" className={css.glyph} aria-hidden="true">
        {SHAPES[status]}
      </svg>
      <span className={compact ? "visually-hidden" : css.word}>{word ?? t(`status.${status}`)}</span>
    </span>
  );
}
