import type { FileEntry } from "@phonerack/contract/api";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { FileRow } from "./file-row.js";
import css from "./files.module.css";

const ROW = 37;

interface RowsProps {
  entries: readonly FileEntry[];
  deviceId: string;
  folder: string;
  /** There are some, though none is shown. */
  hiding: boolean;
  selected: ReadonlySet<string>;
  onSelect: (name: string, on: boolean) => void;
  onOpen: (path: string) => void;
  onKeep: (name: string) => void;
  onRename: (name: string, to: string) => Promise<unknown>;
  onRemove: (name: string) => void;
}

/** Only what is in view is on the page: a camera's folder has ten thousand. */
export function FileRows({ entries, hiding, selected, onSelect, onKeep, onRename, onRemove, ...same }: RowsProps) {
  const { t } = useTranslation();
  const box = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: entries.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 20,
  });
  if (entries.length === 0) return <p className={css.none}>{t(hiding ? "files.emptyHidden" : "files.empty")}</p>;
  const shown = rows.getVirtualItems();
  const [first, last] = [shown[0], shown.at(-1)];
  return (
    <div ref={box} className={css.box}>
      <table className={css.table} aria-label={t("files.title")} aria-rowcount={entries.length}>
        <thead>
          <tr>
            <th />
            <th>{t("files.name")}</th>
            <th className={css.size}>{t("files.size")}</th>
            <th className={css.time}>{t("files.modified")}</th>
            <th>
              <span className="visually-hidden">{t("files.actions")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {first && first.start > 0 && <tr style={{ height: first.start }} />}
          {shown.map(({ index }) => {
            const entry = entries[index];
            if (!entry) return null;
            const { name } = entry;
            return (
              <FileRow
                key={`${name} ${entry.raw ?? ""}`}
                {...same}
                entry={entry}
                selected={selected.has(name)}
                onSelect={(on) => onSelect(name, on)}
                onKeep={() => onKeep(name)}
                onRename={(to) => onRename(name, to)}
                onRemove={() => onRemove(name)}
              />
            );
          })}
          {last && last.end < rows.getTotalSize() && <tr style={{ height: rows.getTotalSize() - last.end }} />}
        </tbody>
      </table>
    </div>
  );
}
