import { Button, CloseButton, Select, Slider, TextInput, Tooltip } from "@mantine/core";
import type { Device } from "@phonerack/contract/api";
import { IconArrowsMaximize, IconSearch } from "@tabler/icons-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { formatNumber } from "../language/format.js";
import { useActor } from "../session/use-session.js";
import type { Status } from "../status/status.js";
import { StatusMark } from "../status/status-mark.js";
import { FilterMenu } from "./filter-menu.js";
import { countChoices } from "./filters.js";
import { GROUPINGS, type Grouping } from "./groups.js";
import { LARGEST_TILE, SMALLEST_TILE } from "./layout.js";
import css from "./toolbar.module.css";
import type { WallSearch } from "./wall-search.js";

export interface ToolbarProps {
  devices: readonly Device[];
  shown: number;
  search: WallSearch;
  onChange: (next: Partial<WallSearch>) => void;
  /** Null: as large as fits. */
  tileWidth: number | null;
  onTileWidth: (width: number | null) => void;
}

export function Toolbar({ devices, shown, search, onChange, tileWidth, onTileWidth }: ToolbarProps) {
  const { t } = useTranslation();
  const actor = useActor();
  const choices = useMemo(() => countChoices(devices, actor), [devices, actor]);
  return (
    <div className={css.toolbar}>
      <StatusChips choices={choices.statuses} total={devices.length} search={search} onChange={onChange} />
      <FilterMenu
        label={t("wall.model")}
        choices={choices.models.map(({ value, count }) => ({ value, name: value, count }))}
        chosen={search.model ?? []}
        onChoose={(model) => onChange({ model: model.length > 0 ? model : undefined })}
      />
      <FilterMenu
        label={t("wall.android")}
        choices={choices.sdks.map(({ value, count }) => ({ value, name: t("wall.sdk", { sdk: value }), count }))}
        chosen={search.sdk ?? []}
        onChoose={(sdk) => onChange({ sdk: sdk.length > 0 ? sdk : undefined })}
      />
      <TextInput
        className={css.find ?? ""}
        size="xs"
        aria-label={t("wall.find")}
        placeholder={t("wall.findShort")}
        value={search.q ?? ""}
        onChange={(event) => onChange({ q: event.currentTarget.value || undefined })}
        leftSection={<IconSearch size={14} stroke={1.5} aria-hidden="true" />}
        rightSection={
          search.q && <CloseButton size="xs" aria-label={t("wall.clear")} onClick={() => onChange({ q: undefined })} />
        }
      />
      <span className={shown === devices.length ? "visually-hidden" : css.count} role="status">
        {t("wall.shown", { count: shown })}
      </span>
      <span className={css.rest} />
      <SizeSlider tileWidth={tileWidth} onTileWidth={onTileWidth} />
      <Select
        className={css.group ?? ""}
        size="xs"
        aria-label={t("wall.group")}
        value={search.group ?? "chassis"}
        data={GROUPINGS.map((value) => ({ value, label: t(`wall.groupBy.${value}`) }))}
        allowDeselect={false}
        onChange={(group) => onChange({ group: group === "chassis" ? undefined : (group as Grouping) })}
      />
    </div>
  );
}

interface ChipsProps extends Pick<ToolbarProps, "search" | "onChange"> {
  choices: readonly { value: Status; count: number }[];
  total: number;
}

function StatusChips({ choices, total, search, onChange }: ChipsProps) {
  const { t } = useTranslation();
  const chosen = search.status ?? [];
  const toggle = (status: Status) => {
    const next = chosen.includes(status) ? chosen.filter((other) => other !== status) : [...chosen, status];
    onChange({ status: next.length > 0 ? next : undefined });
  };
  // A chosen status stays to be unchosen even when the last such phone is gone.
  const offered = [
    ...choices,
    ...chosen.filter((status) => !choices.some(({ value }) => value === status)).map((value) => ({ value, count: 0 })),
  ];
  return (
    <div className={css.chips}>
      <button
        type="button"
        className={css.chip}
        aria-pressed={chosen.length === 0}
        onClick={() => onChange({ status: undefined })}
      >
        {t("wall.all")} <span className={css.number}>{formatNumber(total)}</span>
      </button>
      {offered.map(({ value, count }) => (
        <button
          key={value}
          type="button"
          className={css.chip}
          aria-pressed={chosen.includes(value)}
          onClick={() => toggle(value)}
        >
          <StatusMark status={value} /> <span className={css.number}>{formatNumber(count)}</span>
        </button>
      ))}
    </div>
  );
}

function SizeSlider({ tileWidth, onTileWidth }: Pick<ToolbarProps, "tileWidth" | "onTileWidth">) {
  const { t } = useTranslation();
  return (
    <div className={css.size}>
      <Tooltip label={t("wall.sizeAutoHint")}>
        <Button
          size="compact-xs"
          variant={tileWidth === null ? "light" : "subtle"}
          color={tileWidth === null ? "accent" : "gray"}
          aria-pressed={tileWidth === null}
          leftSection={<IconArrowsMaximize size={12} stroke={1.5} aria-hidden="true" />}
          onClick={() => onTileWidth(null)}
        >
          {t("wall.sizeAuto")}
        </Button>
      </Tooltip>
      <Slider
        className={css.slider ?? ""}
        size={2}
        thumbSize={14}
        label={null}
        min={SMALLEST_TILE}
        max={LARGEST_TILE}
        step={4}
        value={tileWidth ?? 112}
        onChange={onTileWidth}
        thumbLabel={t("wall.size")}
      />
    </div>
  );
}
