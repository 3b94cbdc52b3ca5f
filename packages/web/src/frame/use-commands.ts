/** What can be done from the palette. */
import { useMantineColorScheme } from "@mantine/core";
import type { Device, Session } from "@phonerack/contract/api";
import { useNavigate } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { client } from "../api/client.js";
import { mayDrive, mayTake, mayTouch } from "../session/may.js";
import { hasRole, useSession } from "../session/use-session.js";
import { useWorkCommands } from "./use-work-commands.js";

export interface Command {
  readonly key: string;
  readonly name: string;
  readonly detail: string;
  readonly device?: Device;
  run(): void;
}

export interface Commands {
  readonly actions: readonly Command[];
  /** Opens its page. */
  readonly ofDevice: (device: Device) => Command;
  /** Takes it or gives it back, as far as that may be; its page says what came of it. */
  readonly holdOf: (device: Device) => Command | undefined;
}

const THEMES = [
  ["dark", "palette.themeDark"],
  ["light", "palette.themeLight"],
  ["auto", "palette.themeAuto"],
] as const;

const runsLab = (session: Session | undefined): boolean => session?.lab != null;
/** Pages of the administration, to whom they open. */
const ADMIN_PARTS = [
  { word: "goAdmin", part: undefined, open: (session: Session | undefined) => hasRole(session, "operator") || runsLab(session) },
  { word: "goFlags", part: "flags", open: (session: Session | undefined) => hasRole(session, "viewer") || runsLab(session) },
  { word: "goCases", part: "cases", open: runsLab },
] as const;

const action = (name: string, run: () => void): Command => ({ key: name, name, detail: "", run });

function useAdminCommands(session: Session | undefined): readonly Command[] {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return useMemo(() => {
    const parts = ADMIN_PARTS.filter(({ open }) => open(session));
    return parts.map(({ word, part }) =>
      action(t(`palette.${word}`), () => void navigate({ to: "/admin/{-$part}", params: { part } })),
    );
  }, [t, navigate, session]);
}

export function useCommands(): Commands {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { setColorScheme } = useMantineColorScheme();
  const session = useSession();
  const drives = mayDrive(session);
  const admin = useAdminCommands(session);
  const work = useWorkCommands();
  const actions = useMemo(() => {
    return [
      action(t("palette.goWall"), () => void navigate({ to: "/" })),
      action(t("palette.goRacks"), () => void navigate({ to: "/racks" })),
      action(t("palette.goLeases"), () => void navigate({ to: "/leases" })),
      action(t("palette.goGroups"), () => void navigate({ to: "/groups" })),
      ...(drives ? [action(t("palette.startGroup"), () => void navigate({ to: "/groups/new" }))] : []),
      action(t("palette.goApps"), () => void navigate({ to: "/apps" })),
      action(t("palette.goJobs"), () => void navigate({ to: "/jobs" })),
      ...work,
      action(t("palette.showYours"), () => void navigate({ to: "/", search: { status: ["yours"] } })),
      action(t("palette.showFree"), () => void navigate({ to: "/", search: { status: ["free"] } })),
      action(t("palette.showLost"), () => void navigate({ to: "/", search: { status: ["lost"] } })),
      action(t("palette.showQuarantined"), () => void navigate({ to: "/", search: { status: ["quarantined"] } })),
      action(t("palette.goAccount"), () => void navigate({ to: "/account" })),
      ...admin,
      action(t("palette.goSettings"), () => void navigate({ to: "/settings" })),
      ...THEMES.map(([theme, words]) => action(t(words), () => setColorScheme(theme))),
    ];
  }, [t, navigate, setColorScheme, admin, drives, work]);
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
  const holdOf = useCallback(
    (device: Device): Command | undefined => {
      const open = () => void navigate({ to: "/devices/$id", params: { id: device.id } });
      const command = (verb: "take" | "release", work: () => Promise<unknown>): Command => ({
        key: `${verb} ${device.id}`,
        name: t(`palette.${verb}`, { name: device.name }),
        detail: "",
        run: () => void work().then(open, open),
      });
      const { id, holder } = device;
      if (mayTake(session, device)) return command("take", () => client.leases.create({ devices: [id] }));
      if (holder && mayTouch(session, device)) {
        return command("release", () => client.leases.release({ id: holder.lease, devices: [id] }));
      }
      return undefined;
    },
    [t, navigate, session],
  );
  return { actions, ofDevice, holdOf };
}
