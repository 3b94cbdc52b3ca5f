import { memo, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatNumber } from "../language/format.js";
import type { LogEntry, LogFilter, LogView } from "./entries.js";
import { LogDetails } from "./log-details.js";
import type { LogSource } from "./log-source.js";
import css from "./logs.module.css";

const ROW = 20;
const SPARE = 4;

interface LogListProps {
  view: LogView | undefined;
  source: LogSource;
  wrap: boolean;
  /** The place of the line that was looked for. */
  found: number | null;
  filter: LogFilter;
}

/**
 * As many lines as there is room for. The bar is as long as if all were there, a row each; what is in view stands by places, so that lines that wrap, and old ones that
 * go, move nothing. At the end it follows what comes.
 */
export function LogList({ view, source, wrap, found, filter }: LogListProps) {
  const { t } = useTranslation();
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState<number | null>(null);
  const [rows, setRows] = useState(30);
  const [chosen, setChosen] = useState<LogEntry | undefined>();
  const first = view?.first ?? 0;
  const total = (view?.end ?? 0) - first;
  useRoom(box, setRows);
  useEffect(() => source.look(top, rows + SPARE), [source, top, rows]);
  useEffect(() => {
    if (found !== null) setTop(Math.max(0, found - Math.floor(rows / 2)));
  }, [found, rows]);
  // The bar follows what is in view, not the other way round, but when a hand moves it.
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const wanted = (top === null ? total : top - first) * ROW;
    if (Math.abs(element.scrollTop - wanted) >= ROW) element.scrollTop = wanted;
  }, [top, first, total]);
  const onScroll = () => {
    const element = box.current;
    if (!element) return;
    const atEnd = element.scrollTop + element.clientHeight >= element.scrollHeight - ROW;
    setTop(atEnd ? null : first + Math.floor(element.scrollTop / ROW));
  };
  return (
    <>
      <div
        ref={box}
        className={css.list}
        onScroll={onScroll}
        role="log"
        aria-live="off"
        aria-label={t("logs.lines")}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard.
        tabIndex={0}
      >
        <div style={{ height: Math.max(1, total) * ROW }} className={css.whole}>
          <div className={css.window} data-end={top === null || undefined} data-wrap={wrap || undefined}>
            {view?.rows.map((entry, at) => (
              <Line
                key={entry.seq}
                entry={entry}
                found={found === view.from + at}
                chosen={chosen?.seq === entry.seq}
                text={filter.isRegex ? "" : filter.text}
                onChoose={setChosen}
              />
            ))}
          </div>
        </div>
      </div>
      {chosen && <LogDetails entry={chosen} onClose={() => setChosen(undefined)} />}
    </>
  );
}

/** How many rows fit. */
function useRoom(box: React.RefObject<HTMLDivElement | null>, setRows: (rows: number) => void): void {
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      const { clientHeight } = element;
      element.style.setProperty("--room", `${clientHeight}px`);
      setRows(Math.max(1, Math.ceil(clientHeight / ROW)));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [box, setRows]);
}

interface LineProps {
  entry: LogEntry;
  found: boolean;
  chosen: boolean;
  /** To be marked. */
  text: string;
  onChoose: (entry: LogEntry) => void;
}

const Line = memo(function Line({ entry, found, chosen, text, onChoose }: LineProps) {
  const { t } = useTranslation();
  const { note } = entry;
  if (note?.type === "dropped")
    return <p className={css.note}>{t("logs.missing", { count: note.lines, lines: formatNumber(note.lines) })}</p>;
  if (note?.type === "narrowed")
    return <p className={css.note}>{t("logs.narrowed", { level: t(`logs.levels.${note.level}`), package: note.package })}</p>;
  if (note) return <p className={css.note}>{t("logs.reopened")}</p>;
  return (
    <button
      type="button"
      className={css.line}
      data-level={entry.level}
      data-found={found || undefined}
      aria-pressed={chosen}
      onClick={() => onChoose(entry)}
    >
      <span className={css.level}>{entry.level}</span>
      <span className={css.time}>{entry.time === null ? "" : clock(entry.time)}</span>
      <span className={css.words}>
        <span className={css.tagName}>{entry.tag}</span> <Marked text={entry.text} wanted={text} />
      </span>
    </button>
  );
});

function Marked({ text, wanted }: { text: string; wanted: string }) {
  const at = wanted === "" ? -1 : text.toLowerCase().indexOf(wanted.toLowerCase());
  if (at < 0) return text;
  return (
    <>
      {text.slice(0, at)}
      <mark>{text.slice(at, at + wanted.length)}</mark>
      {text.slice(at + wanted.length)}
    </>
  );
}

const clockFormat = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
  hourCycle: "h23",
});

function clock(time: number): string {
  return clockFormat.format(time);
}
