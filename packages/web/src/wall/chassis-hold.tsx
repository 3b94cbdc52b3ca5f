import { Button } from "@mantine/core";
import type { Device } from "@phonerack/contract/api";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { shownError } from "../api/sentence.js";
import { formatTime } from "../language/format.js";
import { useLeaseAction } from "../leases/use-lease-action.js";
import { isMine, mayDrive, mayTake } from "../session/may.js";
import { useSession } from "../session/use-session.js";
import { StatusMark } from "../status/status-mark.js";
import css from "./chassis.module.css";
import { leasesOf } from "./use-selection-actions.js";

interface ChassisHoldProps {
  chassis: string;
  devices: readonly Device[];
}

/** A chassis taken whole and given back whole; what of it is one's own, until when. */
export function ChassisHold({ chassis, devices }: ChassisHoldProps) {
  const { t } = useTranslation();
  const session = useSession();
  const action = useLeaseAction();
  if (!session) return null;
  const mine = devices.filter((device) => isMine(device, session.actor));
  const free = devices.filter((device) => mayTake(session, device));
  const refused = action.error && (shownError(action.error).message ?? t("error.unreachable"));
  return (
    <div className={css.hold}>
      {refused && (
        <span className={css.refused} role="alert" title={refused}>
          {refused}
        </span>
      )}
      {mine.length > 0 ? (
        <>
          <StatusMark status="yours" word={yoursUntil(t, mine, devices.length)} />
          {mayDrive(session) && (
            <Button
              size="compact-xs"
              variant="default"
              loading={action.running === "release"}
              onClick={() => {
                for (const lease of leasesOf(mine)) action.run(lease);
              }}
            >
              {t("wall.releaseAll")}
            </Button>
          )}
        </>
      ) : (
        free.length > 1 &&
        devices.every(({ lease }) => lease === "free") && (
          <Button
            size="compact-xs"
            variant="default"
            loading={action.running === "take" || action.running === "takeChassis"}
            onClick={() => action.run(takeOf(chassis, { free, whole: free.length === devices.length }))}
          >
            {free.length === devices.length ? t("wall.takeAll") : t("wall.takeSome", { count: free.length })}
          </Button>
        )
      )}
    </div>
  );
}

function yoursUntil(t: TFunction, held: readonly Device[], of: number): string {
  const time = formatTime(Math.min(...held.map(({ holder }) => holder?.until ?? Number.POSITIVE_INFINITY)));
  return held.length === of ? t("wall.yoursUntil", { time }) : t("wall.someYours", { count: held.length, time });
}

/** The others of a chassis in which some phones are out of use are still worth having. */
function takeOf(chassis: string, { free, whole }: { free: readonly Device[]; whole: boolean }) {
  if (whole) return { do: "takeChassis", chassis } as const;
  return { do: "take", devices: free.map(({ id }) => id) } as const;
}
