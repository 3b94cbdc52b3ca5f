import type { Device } from "@phonerack/contract/api";
import { IconCrown } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { PhoneGlass } from "../device/phone-glass.js";
import { useLargePicture } from "../device/use-large-picture.js";
import { useDevice } from "../live/live.js";
import { mayTouch, mayWatch } from "../session/may.js";
import { useSession } from "../session/use-session.js";
import css from "./group.module.css";
import { GroupButtons } from "./group-buttons.js";
import type { GroupHead } from "./group-store.js";
import { MemberMark } from "./member-mark.js";
import { useMember } from "./use-group.js";
import { useLeaderHand } from "./use-leader-hand.js";

/** The phone that all follow: what is done on it is done on every one. */
export function Leader({ group }: { group: GroupHead }) {
  const { t } = useTranslation();
  const device = useDevice(group.leader);
  return (
    <section className={css.leader} aria-label={t("groups.leader")}>
      {device ? <LeaderPhone group={group} device={device} /> : <p className={css.dim}>{t("groups.leaderGone")}</p>}
    </section>
  );
}

function LeaderPhone({ group, device }: { group: GroupHead; device: Device }) {
  const { t } = useTranslation();
  const session = useSession();
  const member = useMember(group.id, device.id);
  const picture = useLargePicture(device, mayWatch(session, device));
  const hand = useLeaderHand(group, device, picture.shape.size);
  const over = group.endedAt !== null;
  const drivable = !over && group.mode === "hand" && mayTouch(session, device);
  const troubled = member && member.state !== "followed" ? member : undefined;
  return (
    <>
      <header className={css.leaderHead}>
        <IconCrown size={16} stroke={1.5} aria-hidden="true" />
        <strong>{device.name}</strong>
        {troubled ? <MemberMark state={troubled.state} /> : <span className={css.dim}>{t("groups.leads")}</span>}
      </header>
      <PhoneGlass key={device.id} device={device} hand={hand} picture={picture} watchOnly={!drivable} />
      <GroupButtons hand={hand} disabled={!drivable || group.paused} />
      <p className={css.leaderLine} data-tone={hand.refusal || troubled?.reason ? "warn" : undefined} role="status">
        {hand.refusal ? t("device.refused", { reason: hand.refusal }) : (troubled?.reason ?? t(lineOf(group, drivable)))}
      </p>
    </>
  );
}

/** What a hand on the leader does now. */
function lineOf(group: GroupHead, drivable: boolean) {
  if (group.endedAt !== null) return "groups.line.over" as const;
  if (group.paused) return "groups.line.paused" as const;
  if (group.mode === "replay") return "groups.line.replay" as const;
  if (!drivable) return "groups.line.watch" as const;
  return group.aim === "element" ? ("groups.line.element" as const) : ("groups.line.point" as const);
}
