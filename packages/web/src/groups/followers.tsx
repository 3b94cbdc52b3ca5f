import type { Device, DeviceId, GroupMember, MemberState } from "@phonerack/contract/api";
import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatNumber } from "../language/format.js";
import { useDevices, useLive } from "../live/live.js";
import { mayWatch } from "../session/may.js";
import { useSession } from "../session/use-session.js";
import type { Surface } from "../video/pictures.js";
import { useBox } from "../wall/use-box.js";
import { type FollowerLayout, GAP, layOutFollowers } from "./follower-layout.js";
import { FollowerTile } from "./follower-tile.js";
import css from "./followers.module.css";
import type { GroupHead } from "./group-store.js";
import { MEMBER_STATES, MemberMark } from "./member-mark.js";
import { useMembers } from "./use-group.js";

interface FollowersProps {
  group: GroupHead;
  chosen: DeviceId | undefined;
  onChoose: (id: DeviceId | undefined) => void;
}

/** The rest of the group, live: how each follows. In the order of their names, so that nothing jumps when one goes astray. */
export function Followers({ group, chosen, onChoose }: FollowersProps) {
  const { t } = useTranslation();
  const members = useMembers(group.id);
  const [only, setOnly] = useState<MemberState>();
  const followers = useMemo(() => members.filter(({ deviceId }) => deviceId !== group.leader), [members, group.leader]);
  const counts = useMemo(() => countStates(followers), [followers]);
  const filter = only && counts.has(only) ? only : undefined;
  const names = useNames();
  const shown = useShown(followers, filter, names);
  return (
    <section className={css.followers} aria-label={t("groups.followers")}>
      <div className={css.chips}>
        <button type="button" className={css.chip} aria-pressed={filter === undefined} onClick={() => setOnly(undefined)}>
          {t("groups.all")} <b>{formatNumber(followers.length)}</b>
        </button>
        {MEMBER_STATES.filter((state) => counts.has(state)).map((state) => (
          <button
            key={state}
            type="button"
            className={css.chip}
            aria-pressed={filter === state}
            onClick={() => setOnly(filter === state ? undefined : state)}
          >
            <MemberMark state={state} /> <b>{formatNumber(counts.get(state) ?? 0)}</b>
          </button>
        ))}
      </div>
      {followers.length === 0 ? (
        <p className={css.alone}>{t("groups.alone")}</p>
      ) : (
        <Grid group={group} ids={shown} chosen={chosen} onChoose={onChoose} />
      )}
    </section>
  );
}

function countStates(members: readonly GroupMember[]): ReadonlyMap<MemberState, number> {
  const counts = new Map<MemberState, number>();
  for (const { state } of members) counts.set(state, (counts.get(state) ?? 0) + 1);
  return counts;
}

/** Which place each device has in the order of names; the same map while that order stands. */
function useNames(): ReadonlyMap<DeviceId, number> {
  const devices = useDevices();
  const key = devices?.map(({ id }) => id).join(" ") ?? "";
  return useMemo(() => new Map(key.split(" ").map((id, at) => [id, at])), [key]);
}

/** The same list until other phones are to be shown: members change all the time. */
function useShown(
  members: readonly GroupMember[],
  filter: MemberState | undefined,
  names: ReadonlyMap<DeviceId, number>,
): readonly DeviceId[] {
  const key = members
    .filter(({ state }) => filter === undefined || state === filter)
    .map(({ deviceId }) => deviceId)
    .sort((a, b) => (names.get(a) ?? 1e9) - (names.get(b) ?? 1e9))
    .join(" ");
  return useMemo(() => (key ? key.split(" ") : []), [key]);
}

interface GridProps extends FollowersProps {
  ids: readonly DeviceId[];
}

function Grid({ group, ids, chosen, onChoose }: GridProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const box = useBox(scroller);
  const layout = useMemo(
    () => layOutFollowers(ids.length, { width: box?.width ?? 0, height: box?.height ?? 0 }),
    [ids.length, box?.width, box?.height],
  );
  const rows = useVirtualizer({
    count: box ? layout.rows : 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => layout.tile.height,
    gap: GAP,
    overscan: 1,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the virtualiser keeps measured sizes until it is told that they changed.
  useEffect(() => rows.measure(), [layout]);
  const items = rows.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? -1;
  useSeen(useMemo(() => ids.slice(first * layout.columns, (last + 1) * layout.columns), [ids, first, last, layout.columns]));
  return (
    <div ref={scroller} className={css.scroll}>
      <div className={css.rows} style={{ height: rows.getTotalSize() }}>
        {items.map(({ index, start, key }) => (
          <div key={key} className={css.row} style={{ transform: `translateY(${start}px)`, height: layout.tile.height }}>
            <Row
              group={group.id}
              ids={ids.slice(index * layout.columns, (index + 1) * layout.columns).join(" ")}
              tile={layout.tile}
              chosen={chosen}
              onChoose={onChoose}
            />
          </div>
        ))}
      </div>
    </div>
  );
}

interface RowProps {
  group: string;
  /** Devices, with spaces between: a string, so that a row is drawn anew only when its phones are others. */
  ids: string;
  tile: FollowerLayout["tile"];
  chosen: DeviceId | undefined;
  onChoose: (id: DeviceId | undefined) => void;
}

/** Tiles over one canvas, which scrolls with them. */
const Row = memo(function Row({ group, ids, tile, chosen, onChoose }: RowProps) {
  const all = useMemo(() => ids.split(" "), [ids]);
  const canvas = usePictures(all, tile);
  return (
    <>
      <div ref={canvas} className={css.canvas} />
      {all.map((id, at) => (
        <FollowerTile
          key={id}
          group={group}
          id={id}
          x={at * (tile.width + GAP)}
          size={tile}
          chosen={id === chosen}
          onChoose={onChoose}
        />
      ))}
    </>
  );
});

function usePictures(ids: readonly DeviceId[], tile: FollowerLayout["tile"]) {
  const { tiles } = useLive();
  const host = useRef<HTMLDivElement>(null);
  const [surface, setSurface] = useState<Surface>();
  useLayoutEffect(() => {
    const made = tiles.surface();
    host.current?.append(made.element);
    setSurface(made);
    return () => made.drop();
  }, [tiles]);
  useLayoutEffect(() => {
    const { width, pictureHeight } = tile;
    const places = ids.map((key, at) => ({ key, x: at * (width + GAP), y: 0, width, height: pictureHeight, radius: 6 }));
    surface?.layout({ width: ids.length * (width + GAP) - GAP, height: tile.height }, places);
  }, [surface, ids, tile]);
  return host;
}

/** Only tiles on the page are streamed, and only those that this person may see. */
function useSeen(ids: readonly DeviceId[]): void {
  const { tileWatcher, devices } = useLive();
  const session = useSession();
  useEffect(() => {
    let before = "";
    const tell = () => {
      const terms = new Map(ids.flatMap((id) => termOf(devices.get(id), (device) => mayWatch(session, device))));
      const now = JSON.stringify([...terms]);
      if (now === before) return;
      before = now;
      tileWatcher.setSeen(terms.keys(), (id) => terms.get(id) ?? "");
    };
    tell();
    return devices.subscribe(tell);
  }, [tileWatcher, devices, session, ids]);
  useEffect(() => () => tileWatcher.setSeen([]), [tileWatcher]);
}

function termOf(device: Device | undefined, may: (device: Device) => boolean): [DeviceId, string][] {
  return device && may(device) ? [[device.id, device.holder?.lease ?? ""]] : [];
}
