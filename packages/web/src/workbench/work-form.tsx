import type { DeviceId } from "@phonerack/contract/api";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useLive } from "../live/live.js";
import type { DockRequest } from "./dock.js";
import type { Order } from "./orders.js";
import css from "./workbench.module.css";

/** What a form of the workbench asks for: what is done, and how fast. */
export type Wanted = Omit<DockRequest, "agreed" | "devices"> & { devices?: readonly DeviceId[] };

export interface WorkFormProps {
  readonly order: Order;
  readonly devices: readonly DeviceId[];
  readonly onWanted: (wanted: Wanted) => void;
  /** Stands at the form's end: why it was refused, and the buttons. */
  readonly foot: (ready: boolean, devices?: readonly DeviceId[]) => ReactNode;
}

/** On which phones: their number, or the name of the only one. */
export function OnPhones({ devices }: { devices: readonly DeviceId[] }) {
  const { t } = useTranslation();
  const live = useLive();
  const [first] = devices;
  if (first === undefined) return <p role="alert">{t("work.noneHeld")}</p>;
  return <p className={css.dim}>{t("work.onPhones", { count: devices.length, name: live.devices.get(first)?.name ?? first })}</p>;
}
