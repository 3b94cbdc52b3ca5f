import { API_PREFIX, type AppId, type Device, type InstalledPackage } from "@phonerack/contract/api";
import { IconFence, IconPackage, IconPlayerPlay, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { PackageActions } from "./package-actions.js";
import { PackageFacts } from "./package-facts.js";
import css from "./packages.module.css";

interface PackageItemProps {
  device: Device;
  item: InstalledPackage;
  /** The app of the lab that has its icon. */
  icon: AppId | undefined;
  opened: boolean;
  onToggle: () => void;
}

/** One app on a phone; opened, what is done with it and all that the phone tells of it. */
export function PackageItem({ device, item, icon, opened, onToggle }: PackageItemProps) {
  const { t } = useTranslation();
  const { label, versionName, versionCode, standing, running, fenced, enabled } = item;
  return (
    <li data-package={item.package}>
      <button type="button" className={css.line} aria-expanded={opened} onClick={onToggle}>
        {icon ? (
          <img className={css.icon} src={`${API_PREFIX}/apps/${icon}/icon`} alt="" loading="lazy" />
        ) : (
          <span className={css.icon}>
            <IconPackage size={18} stroke={1.5} aria-hidden="true" />
          </span>
        )}
        <span className={css.names}>
          <strong>{label ?? item.package}</strong>
          <span className={css.dim}>
            {[label && item.package, versionName ?? versionCode].filter((word) => word !== null && word !== "").join(" · ")}
          </span>
        </span>
        <span className={css.marks}>
          <span className={css.mark} data-tone={standing}>
            {t(`packages.standing.${standing}`)}
          </span>
          {running && (
            <span className={css.mark} data-tone="running">
              <IconPlayerPlay size={12} stroke={1.5} aria-hidden="true" /> {t("packages.running")}
            </span>
          )}
          {fenced ? (
            <span className={css.mark} data-tone="fenced" title={t("packages.fencedHow")}>
              <IconFence size={12} stroke={1.5} aria-hidden="true" /> {t("packages.fenced")}
            </span>
          ) : (
            !enabled && (
              <span className={css.mark} data-tone="disabled">
                <IconX size={12} stroke={1.5} aria-hidden="true" /> {t("packages.disabled")}
              </span>
            )
          )}
        </span>
      </button>
      {opened && (
        <div className={css.opened}>
          <PackageActions device={device} item={item} />
          <PackageFacts device={device} item={item} />
        </div>
      )}
    </li>
  );
}
