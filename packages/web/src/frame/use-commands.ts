/** What can be done from the palette. */
import { useMantineColorScheme } from "@mantine/core";
import type { Device } from "@phonerack/contract/api";
import { useNavigate } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";

export interface Command {
  readonly key: string;
  readonly name: string;
  readonly detail: string;
  readonly device?: Device;
  run(): void;
}

export function useCommands(): { actions: readonly Command[]; ofDevice: (device: Device) => Command } {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { setColorScheme } = useMantineColorScheme();
  const actions = useMemo(() => {
    const action = (name: string, run: () => void): Command => ({ key: name, name, detail: "", run });
    return [
      action(t("palette.goWall"), () => void navigate({ to: "/" })),
      action(t("palette.goRacks"), () => void navigate({ to: "/racks" })),
      action(t("palette.goLeases"), () => void navigate({ to: "/leases" })),
      action(t("palette.showYours"), () => void navigate({ to: "/", search: { status: ["yours"] } })),
      action(t("palette.showFree"), () => void navigate({ to: "/", search: { status: ["free"] } })),
      action(t("palette.showLost"), () => void navigate({ to: "/", search: { status: ["lost"] } })),
      action(t("palette.showQuarantined"), () => void navigate({ to: "/", search: { status: ["quarantined"] } })),
      action(t("palette.goSettings"), () => void navigate({ to: "/settings" })),
      action(t("palette.themeDark"), () => setColorScheme("dark")),
      action(t("palette.themeLight"), () => setColorScheme("light")),
      action(t("palette.themeAuto"), () => setColorScheme("auto")),
    ];
  }, [t, navigate, setColorScheme]);
  const ofDevice = useCallback(
    (device: Device): Command => ({
      key: device.id,
      name: device.name,
      detail: [device.model, device.release && `Android ${device.release}`, device.chassis, device.slot]
        .filter(Boolean)
        .join(" · "),
      device,
      run: () => void navigate({ to: "/devices/$id", params: { id: device.id } }),
    }),
    [navigate],
  );
  return { actions, ofDevice };
}
