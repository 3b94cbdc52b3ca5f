import { ActionIcon, Button } from "@mantine/core";
import type { DeviceId } from "@phonerack/contract/api";
import { IconArrowUpRight, IconX } from "@tabler/icons-react";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { useDevice } from "../live/live.js";
import { DeviceStatus } from "../status/device-status.js";
import css from "./focus-panel.module.css";

const Phone = lazy(async () => ({ default: (await import("../device/phone.js")).Phone }));

interface FocusPanelProps {
  id: DeviceId;
  onClose: () => void;
  onOpen: () => void;
}

/** One phone of the wall in hand, while the wall goes on beside it. */
export function FocusPanel({ id, onClose, onOpen }: FocusPanelProps) {
  const { t } = useTranslation();
  const device = useDevice(id);
  return (
    <aside className={css.panel} data-focused={id} aria-label={t("focus.title")}>
      <header className={css.head}>
        <h2>{device?.name ?? t("device.goneTitle")}</h2>
        {device && <DeviceStatus device={device} />}
        <Button
          size="compact-sm"
          variant="default"
          className={css.open ?? ""}
          onClick={onOpen}
          rightSection={<IconArrowUpRight size={14} stroke={1.5} />}
        >
          {t("focus.open")}
        </Button>
        <ActionIcon variant="subtle" color="gray" aria-label={t("focus.close")} onClick={onClose}>
          <IconX size={18} stroke={1.5} aria-hidden="true" />
        </ActionIcon>
      </header>
      {device && (
        <Suspense>
          <Phone device={device} />
        </Suspense>
      )}
    </aside>
  );
}
