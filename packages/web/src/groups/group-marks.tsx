import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { useLive } from "../live/live.js";
import { isMine } from "../session/may.js";
import { useSession } from "../session/use-session.js";
import { nameOfGroup } from "./group-name.js";
import type { MarkedGroup } from "./marks.js";
import { marksOf } from "./marks.js";

const AGAIN_MS = 10_000;
/** A step of a thousand phones changes them for a while; tiles are marked this often at most. */
const GATHER_MS = 200;

/** Follows one's own running groups wherever one is, and marks their phones on the wall. Shows nothing itself. */
export function GroupMarks() {
  const { t } = useTranslation();
  const { groups, devices, tileMarks } = useLive();
  const session = useSession();
  const actor = session?.actor;
  // A phone in a group is fenced: nobody else needs to ask which groups there are.
  const driving = useSyncExternalStore(
    devices.subscribe,
    () => devices.list?.some((device) => device.fence !== undefined && isMine(device, actor)) ?? false,
  );
  const list = useQuery(
    api.groups.list.queryOptions({ input: {}, enabled: driving, refetchInterval: driving ? AGAIN_MS : false, retry: false }),
  );
  const running =
    (driving ? list.data?.items : undefined)
      ?.filter((group) => group.endedAt === null && group.actor === actor)
      .map(({ id }) => id) ?? [];
  const key = running.join(" ");
  const ids = useMemo(() => (key ? key.split(" ") : []), [key]);
  useEffect(() => {
    const leave = ids.map((id) => groups.follow(id));
    return () => {
      for (const each of leave) each();
    };
  }, [groups, ids]);
  useEffect(() => {
    const words = {
      member: (group: MarkedGroup["head"], state: Parameters<Parameters<typeof marksOf>[2]["member"]>[1]) =>
        t("groups.marks", {
          group: nameOfGroup(t, group),
          state: t(state === "leads" ? "groups.leads" : `groups.state.${state}`),
        }),
    };
    const mark = () => {
      waiting = undefined;
      const driven = ids.flatMap((id) => {
        const head = groups.head(id);
        return head && head.endedAt === null ? [{ head, members: groups.members(id) }] : [];
      });
      const mine = devices.list?.filter((device) => isMine(device, actor)) ?? [];
      tileMarks.replace(marksOf(driven, mine, words));
    };
    let waiting: ReturnType<typeof setTimeout> | undefined;
    const soon = () => (waiting ??= setTimeout(mark, GATHER_MS));
    soon();
    const stop = [groups.subscribeToAll(soon), devices.subscribe(soon)];
    return () => {
      clearTimeout(waiting);
      for (const each of stop) each();
    };
  }, [groups, devices, tileMarks, ids, actor, t]);
  return null;
}
