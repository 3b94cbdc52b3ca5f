import { ActionIcon } from "@mantine/core";
import type { Device, Lease, Session } from "@phonerack/contract/api";
import { IconCalendarPlus, IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatNumber } from "../language/format.js";
import { statusOf } from "../status/status.js";
import { StatusMark } from "../status/status-mark.js";
import { useBox } from "../wall/use-box.js";
import { LeaseBar } from "./lease-bar.js";
import { placeBetween, type Row, rowsOf, type Span, ticksOf, YOURS } from "./timeline.js";
import css from "./timeline.module.css";
import { TimelineAxis } from "./timeline-axis.js";
import { type Drawn, useBookingDrag } from "./use-booking-drag.js";

export interface TimelineProps {
  devices: readonly Device[];
  leases: readonly Lease[];
  session: Session | undefined;
  span: Span;
  now: number;
  chosen: string | undefined;
  onChoose: (lease: string) => void;
  /** Undefined: they may not take phones. */
  onBook: ((devices: readonly Device[], span: Span) => void) | undefined;
}

const ROW = 26;
const GROUP_ROW = 32;
const LABEL = 176;

/** Who has which phone when. Rows that are scrolled out of view do not exist. */
export function Timeline({ devices, leases, session, span, now, chosen, onChoose, onBook }: TimelineProps) {
  const { t } = useTranslation();
  const scroller = useRef<HTMLDivElement>(null);
  const box = useBox(scroller);
  const width = Math.max(0, (box?.width ?? 0) - LABEL);
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const rows = useMemo(() => rowsOf({ devices, leases, session, folded }), [devices, leases, session, folded]);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (rows[index]?.kind === "group" ? GROUP_ROW : ROW),
    overscan: 12,
    getItemKey: (index) => `${rows[index]?.kind} ${rows[index]?.key ?? index}`,
  });
  const ticks = useMemo(() => ticksOf(span, width, -new Date(span.from).getTimezoneOffset() * 60_000), [span, width]);
  const drag = useBookingDrag({ rows, span, width, now, onBook });
  const toggle = (key: string) =>
    setFolded((before) => new Set(before.has(key) ? [...before].filter((other) => other !== key) : [...before, key]));
  const line = placeBetween(now, span.to, { span, width });
  return (
    <section
      ref={scroller}
      className={css.scroll}
      aria-label={t("leases.timeline")}
      style={{ "--label": `${LABEL}px` } as object}
    >
      <TimelineAxis ticks={ticks} span={span} width={width} now={now} />
      <div className={css.rows} style={{ height: virtual.getTotalSize() }}>
        {ticks.map((at) => (
          <span key={at} className={css.grid} style={{ left: LABEL + (placeBetween(at, span.to, { span, width })?.x ?? 0) }} />
        ))}
        {virtual.getVirtualItems().map(({ index, start, size, key }) => {
          const row = rows[index];
          return (
            row && (
              <div
                key={key}
                className={css.row}
                data-kind={row.kind}
                style={{ height: size, transform: `translateY(${start}px)` }}
              >
                {row.kind === "group" ? (
                  <GroupHead row={row} open={!folded.has(row.key)} onToggle={() => toggle(row.key)} />
                ) : (
                  <>
                    <RowLabel
                      device={row.device}
                      session={session}
                      onBook={onBook && (() => onBook([row.device], { from: now, to: now + 3_600_000 }))}
                    />
                    <div className={css.track} data-bookable={onBook ? true : undefined} {...drag.track(index)}>
                      <Drawing drawn={drag.drawn} index={index} />
                      {row.bars.map((bar) => (
                        <LeaseBar
                          key={bar.lease.id}
                          bar={bar}
                          track={{ span, width }}
                          device={row.device.name}
                          chosen={bar.lease.id === chosen}
                          onChoose={onChoose}
                        />
                      ))}
                    </div>
                  </>
                )}
              </div>
            )
          );
        })}
        {line && <span className={css.now} style={{ left: LABEL + line.x }} />}
      </div>
    </section>
  );
}

function GroupHead({ row, open, onToggle }: { row: Extract<Row, { kind: "group" }>; open: boolean; onToggle: () => void }) {
  const { t } = useTranslation();
  const free = row.devices.filter((device) => statusOf(device, undefined) === "free").length;
  const name = row.key === YOURS ? t("leases.yours") : row.name ? t("wall.chassis", { name: row.name }) : t("wall.noChassis");
  const Icon = open ? IconChevronDown : IconChevronRight;
  return (
    <button type="button" className={css.group} aria-expanded={open} onClick={onToggle}>
      <Icon size={14} stroke={1.5} aria-hidden="true" />
      <strong>{name}</strong>
      <span>
        {row.key === YOURS
          ? t("lease.phones", { count: row.devices.length })
          : t("leases.freeOf", { free: formatNumber(free), total: formatNumber(row.devices.length) })}
      </span>
    </button>
  );
}

interface RowLabelProps {
  device: Device;
  session: Session | undefined;
  onBook: (() => void) | undefined;
}

function RowLabel({ device, session, onBook }: RowLabelProps) {
  const { t } = useTranslation();
  return (
    <div className={css.label}>
      <StatusMark status={statusOf(device, session?.actor)} compact />
      <Link to="/devices/$id" params={{ id: device.id }} title={device.model ?? undefined}>
        {device.name}
      </Link>
      {onBook && (
        <ActionIcon
          className={css.book ?? ""}
          size={20}
          variant="subtle"
          color="gray"
          aria-label={t("leases.bookOne", { name: device.name })}
          onClick={onBook}
        >
          <IconCalendarPlus size={14} stroke={1.5} aria-hidden="true" />
        </ActionIcon>
      )}
    </div>
  );
}

/** What is being dragged, while it is. */
function Drawing({ drawn, index }: { drawn: Drawn | undefined; index: number }) {
  if (!drawn || index < drawn.first || index > drawn.last) return null;
  return (
    <span className={css.drawn} style={{ left: drawn.x, width: drawn.width }}>
      {index === drawn.first && drawn.words}
    </span>
  );
}
