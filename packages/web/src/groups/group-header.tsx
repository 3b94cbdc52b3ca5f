import { Button, Menu, NumberInput, SegmentedControl, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { type GroupAim, MOST_STEPS_A_SECOND } from "@phonerack/contract/api";
import { IconChevronDown, IconPlayerPause, IconPlayerPlay, IconPlayerRecord, IconPlayerStop } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { shownError } from "../api/sentence.js";
import { formatCountdown } from "../language/format.js";
import { useNow } from "../leases/use-now.js";
import { SureButton } from "../page/sure-button.js";
import { useActor } from "../session/use-session.js";
import { WorkItems } from "../workbench/work-items.js";
import css from "./group.module.css";
import { nameOfGroup } from "./group-name.js";
import type { GroupHead } from "./group-store.js";
import { ReplayDialog } from "./replay-dialog.js";
import { SaveFlowDialog } from "./save-flow-dialog.js";
import { useMembers, useRecordingSince } from "./use-group.js";

type Change = ReturnType<typeof useChange>;

function useChange() {
  return useMutation(api.groups.change.mutationOptions());
}

/** What the group is, and what is done with it as a whole. */
export function GroupHeader({ group }: { group: GroupHead }) {
  const { t } = useTranslation();
  const actor = useActor();
  const change = useChange();
  const size = useMembers(group.id).length;
  const mine = group.actor === actor && group.endedAt === null;
  const refused = change.error && (shownError(change.error).message ?? t("error.unreachable"));
  return (
    <header className={css.header}>
      <h1>{nameOfGroup(t, group)}</h1>
      <span className={css.dim}>
        {t("lease.phones", { count: size })}
        {group.actor !== actor && ` · ${group.actorName}`}
      </span>
      {mine && <Controls group={group} change={change} />}
      {refused && (
        <p className={css.refused} role="alert">
          {refused}
        </p>
      )}
    </header>
  );
}

function Controls({ group, change }: { group: GroupHead; change: Change }) {
  const { t } = useTranslation();
  const { id, paused, mode } = group;
  return (
    <>
      <Tooltip label={t(`groups.aimHint.${group.aim}`)} multiline w={280}>
        <SegmentedControl
          size="xs"
          aria-label={t("groups.aim")}
          value={group.aim}
          data={(["element", "point"] as const).map((value) => ({ value, label: t(`groups.aims.${value}`) }))}
          onChange={(aim) => change.mutate({ id, aim: aim as GroupAim })}
        />
      </Tooltip>
      <Pace group={group} change={change} />
      <span className={css.rest} />
      <Work group={group} />
      <Recording group={group} change={change} />
      <Replay group={group} />
      <Button
        size="xs"
        variant={paused ? "filled" : "default"}
        leftSection={
          paused ? (
            <IconPlayerPlay size={14} stroke={1.5} aria-hidden="true" />
          ) : (
            <IconPlayerPause size={14} stroke={1.5} aria-hidden="true" />
          )
        }
        loading={change.isPending && change.variables.paused !== undefined}
        onClick={() => change.mutate({ id, paused: !paused })}
      >
        {t(paused ? "groups.goOn" : "groups.pause")}
      </Button>
      <End group={group} />
      {mode === "replay" && <span className={css.replaying}>{t("groups.replaying")}</span>}
    </>
  );
}

/** What can be done on all its phones at once, besides driving them. */
function Work({ group }: { group: GroupHead }) {
  const { t } = useTranslation();
  const members = useMembers(group.id);
  return (
    <Menu position="bottom-end" shadow="none">
      <Menu.Target>
        <Button size="xs" variant="default" rightSection={<IconChevronDown size={14} stroke={1.5} aria-hidden="true" />}>
          {t("work.doOnAll")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <WorkItems ids={members.map(({ deviceId }) => deviceId)} />
      </Menu.Dropdown>
    </Menu>
  );
}

/** Steps a second; asked for when it is left, not at each digit. */
function Pace({ group, change }: { group: GroupHead; change: Change }) {
  const { t } = useTranslation();
  return (
    <Tooltip label={t("groups.paceHint")} multiline w={260}>
      <NumberInput
        key={group.stepsPerSecond}
        size="xs"
        w={92}
        aria-label={t("groups.paceHint")}
        min={1}
        max={MOST_STEPS_A_SECOND}
        allowDecimal={false}
        suffix={t("groups.paceUnit")}
        defaultValue={group.stepsPerSecond}
        onBlur={(event) => {
          const wished = Number.parseInt(event.currentTarget.value, 10);
          if (wished >= 1 && wished !== group.stepsPerSecond) change.mutate({ id: group.id, stepsPerSecond: wished });
        }}
      />
    </Tooltip>
  );
}

function Recording({ group, change }: { group: GroupHead; change: Change }) {
  const { t } = useTranslation();
  const [saving, save] = useDisclosure(false);
  const { id, recording } = group;
  return (
    <>
      {recording && <RecordingTime group={group} />}
      <Button
        size="xs"
        variant="default"
        leftSection={
          recording ? (
            <IconPlayerStop size={14} stroke={1.5} aria-hidden="true" />
          ) : (
            <IconPlayerRecord size={14} stroke={1.5} color="var(--danger)" aria-hidden="true" />
          )
        }
        loading={change.isPending && change.variables.recording !== undefined}
        onClick={() => change.mutate({ id, recording: !recording }, { onSuccess: recording ? save.open : undefined })}
      >
        {t(recording ? "groups.stopRecording" : "groups.record")}
      </Button>
      {saving && <SaveFlowDialog group={id} onClose={save.close} />}
    </>
  );
}

function RecordingTime({ group }: { group: GroupHead }) {
  const { t } = useTranslation();
  const since = useRecordingSince(group.id);
  const now = useNow(1_000);
  return (
    <span className={css.recording} role="status">
      {since === undefined ? t("groups.recording") : t("groups.recordingFor", { time: formatCountdown(now - since) })}
    </span>
  );
}

function Replay({ group }: { group: GroupHead }) {
  const { t } = useTranslation();
  const [opened, dialog] = useDisclosure(false);
  return (
    <>
      <Button size="xs" variant="default" disabled={group.mode === "replay"} onClick={dialog.open}>
        {t("groups.replay")}
      </Button>
      {opened && <ReplayDialog group={group.id} onClose={dialog.close} />}
    </>
  );
}

function End({ group }: { group: GroupHead }) {
  const { t } = useTranslation();
  const end = useMutation(api.groups.end.mutationOptions());
  return (
    <SureButton
      label={t("groups.end")}
      question={t("groups.endQuestion")}
      pending={end.isPending}
      onSure={() => end.mutate({ id: group.id })}
    />
  );
}
