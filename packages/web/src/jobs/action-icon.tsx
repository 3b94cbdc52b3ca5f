import type { ActionType } from "@phonerack/contract/api";
import {
  IconArrowsMove,
  IconCamera,
  IconClipboardText,
  IconEraser,
  IconFileDownload,
  IconFileText,
  IconFileUpload,
  IconFolderPlus,
  IconHistory,
  IconLink,
  IconPackageExport,
  IconPackageImport,
  IconPlayerStop,
  IconReload,
  IconRocket,
  IconSettings,
  IconShieldCheck,
  IconTerminal2,
  IconTrash,
  IconVideo,
  type TablerIcon,
} from "@tabler/icons-react";

const ICONS: Record<ActionType, TablerIcon> = {
  install: IconPackageImport,
  uninstall: IconPackageExport,
  launch: IconRocket,
  stop: IconPlayerStop,
  clear: IconEraser,
  permission: IconShieldCheck,
  link: IconLink,
  shell: IconTerminal2,
  put: IconFileUpload,
  "make-folder": IconFolderPlus,
  move: IconArrowsMove,
  remove: IconTrash,
  settings: IconSettings,
  clipboard: IconClipboardText,
  screenshot: IconCamera,
  record: IconVideo,
  "keep-last": IconHistory,
  "save-last": IconHistory,
  log: IconFileText,
  get: IconFileDownload,
  reboot: IconReload,
};

/** What kind of thing is done; the words beside it say it too. */
export function ActionIconOf({ type }: { type: ActionType }) {
  const Icon = ICONS[type];
  return <Icon size={16} stroke={1.5} aria-hidden="true" />;
}
