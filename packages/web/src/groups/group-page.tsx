import { Skeleton } from "@mantine/core";
import type { DeviceId } from "@phonerack/contract/api";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { ErrorNote } from "../frame/error-note.js";
import { formatTime } from "../language/format.js";
import { Followers } from "./followers.js";
import css from "./group.module.css";
import { GroupHeader } from "./group-header.js";
import type { GroupHead } from "./group-store.js";
import { Leader } from "./leader.js";
import { Ledger } from "./ledger.js";
import { MemberPanel } from "./member-panel.js";
import { useGroup, useMember } from "./use-group.js";

const route = getRouteApi("/groups/$id");

/** A group in hand: its leader large, how all follow, and what was done. */
export function GroupPage() {
  const { id } = route.useParams();
  const { head, error, again } = useGroup(id);
  if (head) return <Driven key={id} group={head} />;
  if (error) return <Missing error={error} onAgain={again} />;
  return <GroupSkeleton />;
}

function Driven({ group }: { group: GroupHead }) {
  const { t } = useTranslation();
  const { phone } = route.useSearch();
  const navigate = route.useNavigate();
  const choose = useCallback(
    (id: DeviceId | undefined) => void navigate({ search: id ? { phone: id } : {}, replace: true }),
    [navigate],
  );
  const chosen = useMember(group.id, phone ?? "")?.deviceId;
  return (
    <div className={css.page}>
      <GroupHeader group={group} />
      {group.endedAt !== null && (
        <p className={css.over} role="status">
          {t("groups.over", { time: formatTime(group.endedAt), why: group.endReason ?? "" })}{" "}
          <Link to="/groups">{t("groups.toAll")}</Link>
        </p>
      )}
      <div className={css.main}>
        <Leader group={group} />
        {chosen && chosen !== group.leader && (
          <MemberPanel key={chosen} group={group} id={chosen} onClose={() => choose(undefined)} />
        )}
        <div className={css.side}>
          <Followers group={group} chosen={chosen} onChoose={choose} />
          <div className={css.ledger}>
            <Ledger group={group.id} onChoose={choose} />
          </div>
        </div>
      </div>
    </div>
  );
}

function Missing({ error, onAgain }: { error: unknown; onAgain: () => void }) {
  const { t } = useTranslation();
  return (
    <div className={css.missing}>
      <h1>{t("groups.missing")}</h1>
      <ErrorNote error={error} onAgain={onAgain} />
      <Link to="/groups">{t("groups.toAll")}</Link>
    </div>
  );
}

function GroupSkeleton() {
  const { t } = useTranslation();
  return (
    <div className={css.page} aria-busy="true">
      <span className="visually-hidden" role="status">
        {t("groups.loadingOne")}
      </span>
      <div className={css.header}>
        <Skeleton height={20} width={220} />
      </div>
      <div className={css.main}>
        <div className={css.leader}>
          <div className={css.ghost} />
        </div>
        <div className={css.side}>
          <Skeleton height={26} width={280} mb={8} />
          <div className={css.ghosts}>
            {Array.from({ length: 12 }, (_, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: places of a skeleton are nothing but their place.
              <div key={at} className={css.ghostTile} />
            ))}
          </div>
        </div>
      </div>
    </div>
  );
}
