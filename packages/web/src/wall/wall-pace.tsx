import { useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { useLive } from "../live/live.js";
import { CROWD } from "./tile-pace.js";
import css from "./wall.module.css";

/** Says why tiles are slower than they could be; nothing while they are not. */
export function WallPace() {
  const { t } = useTranslation();
  const { tilePacer } = useLive();
  const { fps, reason, watched, budgetMbit, slowed } = useSyncExternalStore(tilePacer.subscribe, () => tilePacer.now);
  const sentences = [
    ...(reason && watched > 0 ? [t(`wall.pace.${reason}`, { count: watched, fps, mbit: budgetMbit, most: CROWD })] : []),
    ...slowed.map(({ agentId, count, fps: slow }) => t("wall.pace.uplink", { count, fps: slow, agent: agentId })),
  ];
  return (
    <p className={css.pace} role="status" hidden={sentences.length === 0}>
      {sentences.join(" ")}
    </p>
  );
}
