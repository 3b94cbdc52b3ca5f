import { Button, CloseButton, Select, Slider, TextInput, Tooltip } from "@mantine/core";
import type { Device } from "@phonerack/contract/api";
import { IconArrowsMaximize, IconSearch } from "@tabler/icons-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatNumber } from "../language/format.js";
import { useActor } from "../session/use-session.js";
import type { Status } from "../status/status.js";
import { StatusMark } from "../status/status-mark.js";
import { FilterMenu } from "./filter-menu.js";
import { countChoices, type FilterChoices } from "./filters.js";
import { GROUPINGS, type Grouping } from "./groups.js";
import css from "./toolbar.module.css";
import type { WallView } from "./views.js";
import { ViewsMenu } from "./views-menu.js";
import type { WallSearch } from "./wall-search.js";
import { sliderOf, widthOfSlider } from "./zoom.js";

/** Where the slider stands while the size is left to the wall. */
const USUAL_WIDTH = 112;

export interface ToolbarProps {
  devices: readonly Device[];
  shown: number;
  search: WallSearch;
  onChange: (next: Partial<WallSearch>) => void;
  /** Null: as large as fits. */
  tileWidth: number | null;
  onTileWidth: (width: number | null) => void;
  onView: (view: WallView) => void;
}

export function Toolbar(props: ToolbarProps) {
  const { devices, shown, search, onChange, tileWidth, onTileWidth, onView } = props;
  const { t } = useTranslation();
  const actor = useActor();
  const choices = useMemo(() => countChoices(devices, actor), [devices, actor]);
  return (
    <div className={css.toolbar}>
      <StatusChips choices={choices.statuses} total={devices.length} search={search} onChange={onChange} />
      <Filters choices={choices} search={search} onChange={onChange} />
      <Find text={search.q ?? ""} onText={(q) => onChange({ q: q || undefined })} />
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
      {actor && <ViewsMenu key={actor} actor={actor} search={search} tileWidth={tileWidth} onShow={onView} />}
    </div>
  );
}

interface FiltersProps extends Pick<ToolbarProps, "search" | "onChange"> {
  choices: FilterChoices;
}

function Filters({ choices, search, onChange }: FiltersProps) {
  const { t } = useTranslation();
  return (
    <>
      <FilterMenu
        label={t("wall.model")}
        choices={choices.models.map(({ value, count }) => ({ value, count, name: value }))}
        chosen={search.model ?? []}
        onChoose={(model) => onChange({ model: model.length > 0 ? model : undefined })}
      />
      <FilterMenu
        label={t("wall.android")}
        choices={choices.sdks.map(({ value, count }) => ({ value, count, name: t("wall.sdk", { sdk: value }) }))}
        chosen={search.sdk ?? []}
        onChoose={(sdk) => onChange({ sdk: sdk.length > 0 ? sdk : undefined })}
      />
      <FilterMenu
        label={t("wall.label")}
        choices={choices.labels.map(({ value, count }) => ({ value, count, name: value }))}
        chosen={search.label ?? []}
        onChoose={(label) => onChange({ label: label.length > 0 ? label : undefined })}
      />
    </>
  );
}

/** The letters stand there at once, also while the wall is still following the ones before. */
function Find({ text, onText }: { text: string; onText: (text: string) => void }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(text);
  /** Typed here and not yet come back by the address. */
  const told = useRef<string[]>([]);
  useEffect(() => {
    const at = told.current.indexOf(text);
    told.current = told.current.slice(at + 1);
    // Changed by others: by Back, a view, or the filters being cleared.
    if (at === -1) {
      told.current = [];
      setTyped(text);
    }
  }, [text]);
  const type = (next: string) => {
    told.current.push(next);
    setTyped(next);
    onText(next);
  };
  return (
    <TextInput
      className={css.find ?? ""}
      size="xs"
      aria-label={t("wall.find")}
      placeholder={t("wall.findShort")}
      value={typed}
      onChange={(event) => type(event.currentTarget.value)}
      leftSection={<IconSearch size={14} stroke={1.5} aria-hidden="true" />}
      rightSection={typed && <CloseButton size="xs" aria-label={t("wall.clear")} onClick={() => type("")} />}
    />
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
        min={0}
        max={100}
        value={sliderOf(tileWidth ?? USUAL_WIDTH)}
        onChange={(value) => onTileWidth(widthOfSlider(value))}
        thumbLabel={t("wall.size")}
      />
    </div>
  );
}
