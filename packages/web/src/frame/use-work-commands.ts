/** The workbench from the palette: on the phone whose page is open, else on those that are selected, else on all that one holds. */
import type { DeviceId } from "@phonerack/contract/api";
import { useMatches } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useDevices } from "../live/live.js";
import { useSelectedIds } from "../wall/use-selection.js";
import { useWorkActions, WORK_KINDS } from "../workbench/use-work-actions.js";
import type { Command } from "./use-commands.js";

export function useWorkCommands(): readonly Command[] {
  const { t } = useTranslation();
  const { ids, which } = useMeant();
  const { held, begin } = useWorkActions(ids);
  const phones = which === "this" ? t("work.this") : t(`work.${which}`, { count: held.length });
  return useMemo(
    () =>
      held.length === 0
        ? []
        : WORK_KINDS.map((kind) => {
            const name = t(`work.command.${kind}`, { phones });
            return { key: name, name, detail: "", run: () => begin(kind) };
          }),
    [held, begin, phones, t],
  );
}

function useMeant(): { ids: readonly DeviceId[]; which: "this" | "selected" | "yours" } {
  const devices = useDevices();
  const selected = useSelectedIds();
  const page = useMatches().find(({ routeId }) => routeId === "/devices/$id");
  const open = page && "id" in page.params ? String(page.params.id) : undefined;
  return useMemo(() => {
    if (open !== undefined) return { ids: [open], which: "this" };
    if (selected.size > 0) return { ids: [...selected], which: "selected" };
    return { ids: (devices ?? []).map(({ id }) => id), which: "yours" };
  }, [open, selected, devices]);
}
