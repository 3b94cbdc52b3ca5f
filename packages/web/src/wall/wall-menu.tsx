import { Menu } from "@mantine/core";
import type { DeviceId } from "@phonerack/contract/api";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useLive } from "../live/live.js";
import { WorkItems } from "../workbench/work-items.js";
import { orderOf, type WallGroup } from "./groups.js";
import { useSelected, useSelectedIds } from "./use-selection.js";
import { useSelectionActions } from "./use-selection-actions.js";

/** The phone that was pointed at, and where in the window. */
export interface MenuAt {
  readonly id: DeviceId;
  readonly x: number;
  readonly y: number;
}

interface WallMenuProps {
  at: MenuAt | undefined;
  groups: readonly WallGroup[];
  onClose: () => void;
  onFocus: (id: DeviceId) => void;
  onOpen: (id: DeviceId) => void;
}

/** Up rather than out of the window: it is nearly as high as a phone's. */
const IN_WINDOW = { flip: true, shift: { crossAxis: true, padding: 8 } } as const;

/** What a right click offers: on a selected phone for all that are selected, else for that one. */
export function WallMenu({ at, onClose, ...rest }: WallMenuProps) {
  return (
    <Menu
      key={at && `${at.id} ${at.x} ${at.y}`}
      opened={at !== undefined}
      onClose={onClose}
      position="bottom-start"
      offset={0}
      middlewares={IN_WINDOW}
    >
      <Menu.Target>
        <span style={{ position: "fixed", left: at?.x ?? 0, top: at?.y ?? 0, pointerEvents: "none" }} />
      </Menu.Target>
      <Menu.Dropdown>{at && <Items id={at.id} {...rest} />}</Menu.Dropdown>
    </Menu>
  );
}

function Items({ id, groups, onFocus, onOpen }: Omit<WallMenuProps, "at" | "onClose"> & { id: DeviceId }) {
  const { t } = useTranslation();
  const { selection, devices } = useLive();
  const selected = useSelected(id);
  const ids = useSelectedIds();
  const group = groups.find(({ cells }) => cells.some((cell) => cell.id === id));
  const pointed = useMemo(() => (selected ? [...ids] : [id]), [selected, ids, id]);
  const { free, mine, lease, drive, release } = useSelectionActions(pointed);
  return (
    <>
      <Menu.Label>{selected && ids.size > 1 ? t("wall.selected", { count: ids.size }) : devices.get(id)?.name}</Menu.Label>
      {lease && <Menu.Item onClick={lease}>{t("wall.leaseSelected", { count: free.length })}</Menu.Item>}
      {drive && <Menu.Item onClick={drive}>{t("wall.driveSelected", { count: mine.length })}</Menu.Item>}
      {release && <Menu.Item onClick={release}>{t("wall.releaseSelected", { count: mine.length })}</Menu.Item>}
      {(lease ?? drive ?? release) && <Menu.Divider />}
      <WorkItems ids={pointed} />
      {mine.length > 0 && <Menu.Divider />}
      <Menu.Item onClick={() => onFocus(id)}>{t("wall.menuFocus")}</Menu.Item>
      <Menu.Item onClick={() => onOpen(id)}>{t("focus.open")}</Menu.Item>
      <Menu.Divider />
      <Menu.Item onClick={() => selection.toggle(id)}>{t(selected ? "wall.menuDeselect" : "wall.menuSelect")}</Menu.Item>
      {group && group.by !== "none" && (
        <Menu.Item onClick={() => selection.put([...selection.ids, ...orderOf([group])])}>
          {t(group.by === "chassis" ? "wall.menuSelectChassis" : "wall.menuSelectGroup")}
        </Menu.Item>
      )}
    </>
  );
}
