import { Menu } from "@mantine/core";
import type { DeviceId } from "@phonerack/contract/api";
import {
  IconAdjustments,
  IconApps,
  IconCamera,
  IconClipboardText,
  IconDeviceFloppy,
  IconFileText,
  IconFolder,
  IconHistory,
  IconLink,
  IconPackageImport,
  IconPlayerRecord,
  IconPlayerStop,
  IconTerminal2,
  type TablerIcon,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useWorkActions, WORK_KINDS, type WorkKind } from "./use-work-actions.js";

const ICONS: Record<WorkKind, TablerIcon> = {
  install: IconPackageImport,
  app: IconApps,
  run: IconTerminal2,
  files: IconFolder,
  settings: IconAdjustments,
  clipboard: IconClipboardText,
  link: IconLink,
  screenshot: IconCamera,
  record: IconPlayerRecord,
  recordEnd: IconPlayerStop,
  keepLast: IconHistory,
  saveLast: IconDeviceFloppy,
  log: IconFileText,
};

/** The workbench as items of a menu, for those of these phones that one holds; nothing when one holds none. */
export function WorkItems({ ids, but = [] }: { ids: readonly DeviceId[]; but?: readonly WorkKind[] }) {
  const { t } = useTranslation();
  const { held, begin } = useWorkActions(ids);
  if (held.length === 0) return null;
  return WORK_KINDS.filter((kind) => !but.includes(kind)).map((kind) => {
    const Icon = ICONS[kind];
    return (
      <Menu.Item key={kind} leftSection={<Icon size={16} stroke={1.5} aria-hidden="true" />} onClick={() => begin(kind)}>
        {t(`work.${kind}`, { count: held.length })}
      </Menu.Item>
    );
  });
}
