import { ActionIcon, Menu } from "@mantine/core";
import type { Device } from "@phonerack/contract/api";
import { IconCamera } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import css from "./phone.module.css";
import { useScreenshot } from "./use-screenshot.js";

/** A picture of the screen in device pixels, as who may see the phone and who holds it want it. */
export function ScreenshotButton({ device, watchable, held }: { device: Device; watchable: boolean; held: boolean }) {
  const { t } = useTranslation();
  const { take, taking, kept, error } = useScreenshot(device);
  return (
    <Menu position="top" width={280} shadow="none" disabled={!watchable}>
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          size={32}
          title={error ?? t("buttons.screenshot")}
          aria-label={t("buttons.screenshot")}
          data-disabled={!watchable || undefined}
          aria-disabled={!watchable}
          loading={taking}
        >
          <IconCamera size={18} stroke={1.5} aria-hidden="true" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => take("save")}>{t("buttons.saveScreen")}</Menu.Item>
        <Menu.Item onClick={() => take("save-framed")}>{t("buttons.saveFramed")}</Menu.Item>
        <Menu.Item disabled={!held} closeMenuOnClick={false} onClick={() => take("keep")}>
          {t("buttons.keepScreen")}
        </Menu.Item>
        <p className={css.said} role="status">
          {error ?? (kept && t("buttons.keptScreen"))}
        </p>
      </Menu.Dropdown>
    </Menu>
  );
}
