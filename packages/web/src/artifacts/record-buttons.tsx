import { ActionIcon, Menu, Tooltip } from "@mantine/core";
import type { Device } from "@phonerack/contract/api";
import { IconHistory, IconPlayerRecord, IconPlayerStopFilled } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { formatCountdown } from "../language/format.js";
import { useNow } from "../leases/use-now.js";
import css from "./artifacts.module.css";
import { useRecording } from "./use-recording.js";

/** Records a phone that one holds; beside it, what can be had of what has been already. */
export function RecordButtons({ device, disabled }: { device: Device; disabled: boolean }) {
  const { t } = useTranslation();
  const recording = useRecording(device, !disabled);
  const running = device.recording === true;
  const label =
    recording.toggle.error && recording.problem ? recording.problem : t(running ? "recording.stop" : "recording.start");
  const Icon = running ? IconPlayerStopFilled : IconPlayerRecord;
  return (
    <>
      <Tooltip label={label}>
        <ActionIcon
          className={running ? css.running : undefined}
          variant="subtle"
          color={running ? "red" : "gray"}
          size={32}
          w="auto"
          miw={32}
          px={6}
          aria-label={label}
          aria-pressed={running}
          data-disabled={disabled || undefined}
          aria-disabled={disabled}
          loading={recording.toggle.isPending}
          onClick={disabled ? undefined : () => recording.toggle.mutate()}
        >
          <Icon size={18} stroke={1.5} aria-hidden="true" />
          {running && recording.now?.running && <Elapsed since={recording.now.running.since} />}
        </ActionIcon>
      </Tooltip>
      <LastMinutes recording={recording} disabled={disabled} />
    </>
  );
}

function Elapsed({ since }: { since: number }) {
  const now = useNow(1_000);
  return <span className={css.elapsed}>{formatCountdown(Math.max(0, now - since))}</span>;
}

function LastMinutes({ recording, disabled }: { recording: ReturnType<typeof useRecording>; disabled: boolean }) {
  const { t } = useTranslation();
  const { now, save, keep } = recording;
  const keeping = now?.keeping ?? null;
  const problem = save.error || keep.error ? recording.problem : undefined;
  return (
    <Menu position="top" width={280} closeOnItemClick={false} shadow="none" disabled={disabled}>
      <Menu.Target>
        <ActionIcon
          variant={keeping ? "light" : "subtle"}
          color={keeping ? "accent" : "gray"}
          size={32}
          title={t("recording.more")}
          aria-label={t("recording.more")}
          data-disabled={disabled || undefined}
          aria-disabled={disabled}
        >
          <IconHistory size={18} stroke={1.5} aria-hidden="true" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item disabled={save.isPending} onClick={() => save.mutate()}>
          {t("recording.save")}
        </Menu.Item>
        <Menu.Item role="menuitemcheckbox" aria-checked={keeping !== null} onClick={() => keep.mutate(keeping === null)}>
          <span className={css.keep} data-on={keeping !== null}>
            {t("recording.keep")}
            {keeping && <span className={css.dim}>{t("recording.have", { time: formatCountdown(keeping.haveMs) })}</span>}
          </span>
          <span className={css.dim}>{t("recording.keepHow")}</span>
        </Menu.Item>
        <p className={css.said} role="status">
          {problem ?? (save.data && t("recording.saved", { name: save.data.name }))}
          {!problem && now?.stopped && !now.running && t("recording.stopped", { why: now.stopped.why })}
        </p>
      </Menu.Dropdown>
    </Menu>
  );
}
