import { ActionIcon, Autocomplete, Checkbox, Menu, NativeSelect, TextInput, Tooltip } from "@mantine/core";
import type { LogLevel } from "@phonerack/contract/api";
import {
  IconArrowDown,
  IconArrowsMaximize,
  IconArrowsMinimize,
  IconArrowUp,
  IconDownload,
  IconPlayerPause,
  IconPlayerPlay,
  IconRegex,
  IconTextWrap,
  IconTrash,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { LEVELS, type LogFilter, type LogView } from "./entries.js";
import css from "./logs.module.css";

export interface LogControls {
  readonly paused: boolean;
  readonly wrap: boolean;
  readonly large: boolean;
  readonly pause: (paused: boolean) => void;
  readonly setWrap: (wrap: boolean) => void;
  readonly setLarge: (large: boolean) => void;
  readonly save: (matching: boolean) => void;
  readonly keep: () => void;
  /** In words, how that went. */
  readonly kept: string | undefined;
  readonly clear: () => void;
}

interface LogFiltersProps {
  filter: LogFilter;
  view: LogView | undefined;
  onChange: (filter: LogFilter) => void;
  onFind: (step: 1 | -1) => void;
  controls: LogControls;
}

/** What is shown of the log, and what is done with it. */
export function LogFilters({ filter, view, onChange, onFind, controls }: LogFiltersProps) {
  const { t } = useTranslation();
  const set = (change: Partial<LogFilter>) => onChange({ ...filter, ...change });
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    onFind(event.shiftKey ? 1 : -1);
  };
  return (
    <div className={css.filters}>
      <div className={css.narrow}>
        <NativeSelect
          size="xs"
          aria-label={t("logs.level")}
          value={filter.level}
          onChange={(event) => set({ level: event.currentTarget.value as LogLevel })}
          data={LEVELS.map((level) => ({ value: level, label: t(`logs.levels.${level}`) }))}
        />
        <Autocomplete
          size="xs"
          aria-label={t("logs.package")}
          placeholder={t("logs.package")}
          value={filter.package}
          onChange={(name) => set({ package: name.trim() })}
          data={[...(view?.packages ?? [])]}
          limit={50}
          clearable
          className={css.package}
        />
        <TextInput
          size="xs"
          aria-label={t("logs.tag")}
          placeholder={t("logs.tag")}
          value={filter.tag}
          onChange={(event) => set({ tag: event.currentTarget.value })}
          className={css.tag}
        />
      </div>
      <div className={css.narrow}>
        <TextInput
          size="xs"
          aria-label={t("logs.text")}
          placeholder={t(filter.isRegex ? "logs.pattern" : "logs.text")}
          value={filter.text}
          onChange={(event) => set({ text: event.currentTarget.value })}
          onKeyDown={onKeyDown}
          error={view?.badRegex ? t("logs.badPattern", { why: view.badRegex }) : undefined}
          className={css.text}
          rightSection={
            <Action label={t("logs.regex")} pressed={filter.isRegex} onClick={() => set({ isRegex: !filter.isRegex })}>
              <IconRegex size={16} stroke={1.5} />
            </Action>
          }
        />
        <Action label={t("logs.findUp")} onClick={() => onFind(-1)}>
          <IconArrowUp size={16} stroke={1.5} />
        </Action>
        <Action label={t("logs.findDown")} onClick={() => onFind(1)}>
          <IconArrowDown size={16} stroke={1.5} />
        </Action>
        <Checkbox
          size="xs"
          label={t("logs.only")}
          checked={filter.only}
          onChange={(event) => set({ only: event.currentTarget.checked })}
        />
      </div>
      <Controls {...controls} />
    </div>
  );
}

function Controls({ paused, wrap, large, pause, setWrap, setLarge, save, keep, kept, clear }: LogControls) {
  const { t } = useTranslation();
  const Pause = paused ? IconPlayerPlay : IconPlayerPause;
  const Large = large ? IconArrowsMinimize : IconArrowsMaximize;
  return (
    <div className={css.controls}>
      <Action label={t(paused ? "logs.goOn" : "logs.pause")} pressed={paused} onClick={() => pause(!paused)}>
        <Pause size={16} stroke={1.5} />
      </Action>
      <Action label={t("logs.wrap")} pressed={wrap} onClick={() => setWrap(!wrap)}>
        <IconTextWrap size={16} stroke={1.5} />
      </Action>
      <Menu shadow="none">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={t("logs.save")} title={t("logs.save")}>
            <IconDownload size={16} stroke={1.5} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => save(true)}>{t("logs.saveMatching")}</Menu.Item>
          <Menu.Item onClick={() => save(false)}>{t("logs.saveAll")}</Menu.Item>
          <Menu.Item closeMenuOnClick={false} onClick={keep}>
            {t("logs.keep")}
          </Menu.Item>
          {kept !== undefined && (
            <p className={css.said} role="status">
              {kept}
            </p>
          )}
        </Menu.Dropdown>
      </Menu>
      <Action label={t("logs.clear")} onClick={clear}>
        <IconTrash size={16} stroke={1.5} />
      </Action>
      <Action label={t(large ? "logs.small" : "logs.large")} pressed={large} onClick={() => setLarge(!large)}>
        <Large size={16} stroke={1.5} />
      </Action>
    </div>
  );
}

interface ActionProps {
  label: string;
  pressed?: boolean;
  onClick: () => void;
  children: ReactNode;
}

function Action({ label, pressed, onClick, children }: ActionProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant={pressed ? "light" : "subtle"}
        color={pressed ? undefined : "gray"}
        aria-label={label}
        aria-pressed={pressed}
        onClick={onClick}
      >
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
