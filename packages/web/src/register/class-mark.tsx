import type { RegisterDevice } from "@phonerack/contract/api";
import { IconDeviceDesktop, IconWifiOff, IconWorld } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import css from "./register.module.css";
import type { ClassFilter } from "./register-search.js";

const ICONS = { public: IconWorld, isolated: IconWifiOff, virtual: IconDeviceDesktop } as const;

/** A device's class as icon, word and colour, the same everywhere. */
export function ClassMark({ name }: { name: ClassFilter }) {
  const { t } = useTranslation();
  const Icon = ICONS[name];
  return (
    <span className={css.class} data-class={name}>
      <Icon size={16} stroke={1.5} aria-hidden="true" />
      {t(`register.class.${name}`)}
    </span>
  );
}

export function classOf({ reach, network }: Pick<RegisterDevice, "reach" | "network">): ClassFilter {
  return reach === "virtual" ? "virtual" : network.class;
}
