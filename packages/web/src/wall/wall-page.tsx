import { useLocalStorage, useMediaQuery } from "@mantine/hooks";
import type { Device, DeviceId } from "@phonerack/contract/api";
import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useDevices } from "../live/live.js";
import { useActor } from "../session/use-session.js";
import { EmptyWall, NoMatch } from "./empty-wall.js";
import { filterDevices } from "./filters.js";
import { FocusPanel } from "./focus-panel.js";
import { type Grouping, groupDevices, keepGroups, type WallGroup } from "./groups.js";
import { InsecureNote } from "./insecure-note.js";
import { SelectionBar } from "./selection-bar.js";
import { Toolbar } from "./toolbar.js";
import type { WallView } from "./views.js";
import css from "./wall.module.css";
import { WallPace } from "./wall-pace.js";
import { WallScroll } from "./wall-scroll.js";
import { filterOf, type WallSearch } from "./wall-search.js";
import { WallSkeleton } from "./wall-skeleton.js";

const route = getRouteApi("/");

/** All phones at once, live; the one in focus beside them. */
export function WallPage() {
  const { t } = useTranslation();
  const devices = useDevices();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const narrow = useMediaQuery("(max-width: 900px)", window.matchMedia("(max-width: 900px)").matches) ?? false;
  const filter = useMemo(() => filterOf(search), [search]);
  const actor = useActor();
  const shown = useMemo(() => devices && filterDevices(devices, filter, actor), [devices, filter, actor]);
  const whole = shown === devices;
  const ids = useMemo(() => shown?.map(({ id }) => id) ?? [], [shown]);
  const groups = useGroups(shown, search.group ?? "chassis", { gaps: whole, actor });
  const change = useCallback(
    (next: Partial<WallSearch>, replace = true) => void navigate({ search: (before) => ({ ...before, ...next }), replace }),
    [navigate],
  );
  const [tileWidth, setTileWidth] = useTileWidth(search.size, change);
  const show = useCallback(
    ({ search: view }: WallView) => {
      setTileWidth(view.size ?? null);
      const { size: _, ...rest } = view;
      void navigate({ search: rest });
    },
    [navigate, setTileWidth],
  );
  const open = useCallback((id: DeviceId) => void navigate({ to: "/devices/$id", params: { id } }), [navigate]);
  const focus = useCallback((id: DeviceId) => (narrow ? open(id) : change({ focus: id }, false)), [narrow, open, change]);

  if (!devices || !groups) return <WallSkeleton />;
  if (devices.length === 0) return <EmptyWall />;
  const focused = narrow ? undefined : search.focus;
  return (
    <div className={css.page}>
      <h1 className="visually-hidden">{t("wall.title")}</h1>
      <Toolbar
        devices={devices}
        shown={shown?.length ?? 0}
        search={search}
        onChange={change}
        tileWidth={tileWidth}
        onTileWidth={setTileWidth}
        onView={show}
      />
      <InsecureNote />
      <div className={css.main}>
        {groups.length === 0 ? (
          <NoMatch count={devices.length} onClear={() => void navigate({ search: {} })} />
        ) : (
          <WallScroll
            groups={groups}
            tileWidth={tileWidth ?? undefined}
            onTileWidth={setTileWidth}
            focused={focused}
            onFocus={focus}
            onOpen={open}
          />
        )}
        {focused && (
          <FocusPanel
            key={focused}
            id={focused}
            onClose={() => change({ focus: undefined }, false)}
            onOpen={() => open(focused)}
          />
        )}
        <WallPace />
        <SelectionBar shown={ids} />
      </div>
    </div>
  );
}

/** How wide tiles are wished: as this browser was told last, until a linked view says otherwise. Null: as large as fits. */
function useTileWidth(linked: number | undefined, change: (next: Partial<WallSearch>) => void) {
  const [own, setOwn] = useLocalStorage<number | null>({ key: "phonerack.tile-width", defaultValue: null });
  const set = useCallback(
    (width: number | null) => {
      setOwn(width);
      if (linked !== undefined) change({ size: undefined });
    },
    [setOwn, linked, change],
  );
  return [linked ?? own, set] as const;
}

function useGroups(
  devices: readonly Device[] | undefined,
  by: Grouping,
  { gaps, actor }: { gaps: boolean; actor: string | undefined },
): readonly WallGroup[] | undefined {
  const before = useRef<readonly WallGroup[]>(undefined);
  return useMemo(() => {
    before.current = devices && keepGroups(before.current, groupDevices(devices, by, { gaps, actor }));
    return before.current;
  }, [devices, by, gaps, actor]);
}
