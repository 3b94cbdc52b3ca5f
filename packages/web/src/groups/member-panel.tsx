import { ActionIcon, Button } from "@mantine/core";
import type { Device, DeviceId, GroupMember, MemberAction } from "@phonerack/contract/api";
import { IconArrowUpRight, IconX } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { PhoneGlass } from "../device/phone-glass.js";
import { useHand } from "../device/use-hand.js";
import { useLargePicture } from "../device/use-large-picture.js";
import { ErrorNote } from "../frame/error-note.js";
import { useDevice } from "../live/live.js";
import { mayTouch, mayWatch } from "../session/may.js";
import { useSession } from "../session/use-session.js";
import css from "./group.module.css";
import type { GroupHead } from "./group-store.js";
import { actionsOf } from "./member-actions.js";
import { MemberMark } from "./member-mark.js";
import { useMember } from "./use-group.js";

interface MemberPanelProps {
  group: GroupHead;
  id: DeviceId;
  onClose: () => void;
}

/** One follower beside the leader, as large: how it differs is seen, why is said, and what helps is one click. */
export function MemberPanel({ group, id, onClose }: MemberPanelProps) {
  const { t } = useTranslation();
  const device = useDevice(id);
  const member = useMember(group.id, id);
  if (!member) return null;
  return (
    <section className={css.member} data-member={member.state} aria-label={t("groups.member", { name: device?.name ?? id })}>
      <header className={css.leaderHead}>
        <strong>{device?.name ?? id}</strong>
        <MemberMark state={member.state} />
        <span className={css.rest} />
        <Link to="/devices/$id" params={{ id }} className={css.toDevice} aria-label={t("focus.open")}>
          <IconArrowUpRight size={16} stroke={1.5} aria-hidden="true" />
        </Link>
        <ActionIcon variant="subtle" color="gray" size={28} aria-label={t("groups.closeMember")} onClick={onClose}>
          <IconX size={16} stroke={1.5} aria-hidden="true" />
        </ActionIcon>
      </header>
      {device ? <MemberPhone device={device} member={member} /> : <p className={css.dim}>{t("groups.leaderGone")}</p>}
      <WhyAndHow group={group} member={member} />
    </section>
  );
}

function MemberPhone({ device, member }: { device: Device; member: GroupMember }) {
  const session = useSession();
  const hand = useHand(device.id);
  const picture = useLargePicture(device, mayWatch(session, device));
  return (
    <>
      <PhoneGlass
        key={device.id}
        device={device}
        hand={hand}
        picture={picture}
        watchOnly={member.state !== "taken-over" || !mayTouch(session, device)}
      />
      {hand.refusal && <p className={css.refused}>{hand.refusal}</p>}
    </>
  );
}

function WhyAndHow({ group, member }: { group: GroupHead; member: GroupMember }) {
  const { t } = useTranslation();
  const session = useSession();
  const act = useMutation(api.groups.member.mutationOptions());
  const lead = useMutation(api.groups.change.mutationOptions());
  const { deviceId: device, state, reason } = member;
  const mine = group.actor === session?.actor && group.endedAt === null;
  const run = (action: MemberAction) => act.mutate({ id: group.id, device, action });
  return (
    <div className={css.why}>
      <p>
        {reason ?? t(`groups.howIs.${state}`)}
        {state === "denied" && (
          <>
            {" "}
            <Link to="/apps">{t("denied.toApps")}</Link>
          </>
        )}
      </p>
      {mine && (
        <div className={css.actions}>
          {actionsOf(state).map((action, at) => (
            <Button
              key={action}
              size="compact-sm"
              variant={at === 0 && state !== "followed" ? "filled" : "default"}
              loading={act.isPending && act.variables.action === action}
              onClick={() => run(action)}
            >
              {t(state === "taken-over" && action === "rejoin" ? "groups.action.giveBack" : `groups.action.${action}`)}
            </Button>
          ))}
          {state === "followed" && (
            <Button
              size="compact-sm"
              variant="default"
              loading={lead.isPending}
              onClick={() => lead.mutate({ id: group.id, leader: device })}
            >
              {t("groups.makeLeader")}
            </Button>
          )}
        </div>
      )}
      {(act.error ?? lead.error) && <ErrorNote error={act.error ?? lead.error} />}
    </div>
  );
}
