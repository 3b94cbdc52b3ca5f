import { Button } from "@mantine/core";
import type { Device, InstalledPackage } from "@phonerack/contract/api";
import { useTranslation } from "react-i18next";
import { ErrorNote } from "../frame/error-note.js";
import { SureButton } from "../page/sure-button.js";
import css from "./packages.module.css";
import { usePackageAction } from "./use-package-action.js";

/** Launch, stop, clear, uninstall. What came with the phone stays on it. */
export function PackageActions({ device, item }: { device: Device; item: InstalledPackage }) {
  const { t } = useTranslation();
  const { run, running, error } = usePackageAction(device.id);
  const name = item.label ?? item.package;
  const target = { package: item.package };
  const doing = running?.type;
  return (
    <>
      <div className={css.actions}>
        <Button size="compact-sm" loading={doing === "launch"} onClick={() => run({ type: "launch", ...target })}>
          {t("packages.launch")}
        </Button>
        <Button size="compact-sm" variant="default" loading={doing === "stop"} onClick={() => run({ type: "stop", ...target })}>
          {t("packages.stop")}
        </Button>
        <SureButton
          label={t("packages.clear")}
          question={t("packages.clearQuestion", { name })}
          pending={doing === "clear"}
          onSure={() => run({ type: "clear", ...target })}
        />
        {!item.system && (
          <SureButton
            label={t("packages.uninstall")}
            question={t("packages.uninstallQuestion", { name })}
            pending={doing === "uninstall"}
            onSure={() => run({ type: "uninstall", ...target, keepData: false })}
          />
        )}
      </div>
      {error && <ErrorNote error={error} />}
    </>
  );
}
