import { Button } from "@mantine/core";
import type { Device } from "@phonerack/contract/api";
import { useTranslation } from "react-i18next";
import { shownError } from "../api/sentence.js";
import { formatCountdown } from "../language/format.js";
import { endingsOf } from "../leases/endings.js";
import { EXTENSIONS, later, useLeaseAction } from "../leases/use-lease-action.js";
import { useNow } from "../leases/use-now.js";
import { isMine, mayDrive, mayOpenForSupport, mayTake } from "../session/may.js";
import { useSession } from "../session/use-session.js";
import { leaseWords } from "../status/lease-words.js";
import css from "./hold-bar.module.css";
import { OpenForSupport } from "./support.js";

/** Who has the phone, and the one click that changes it: take it, keep it longer, give it back. Always as high, so that nothing jumps. */
export function HoldBar({ device }: { device: Device }) {
  const { t } = useTranslation();
  const session = useSession();
  const action = useLeaseAction();
  const mine = isMine(device, session?.actor) ? device.holder : null;
  const refused = action.error && (shownError(action.error).message ?? t("error.unreachable"));
  return (
    <div className={css.bar} data-mine={mine !== null || undefined}>
      <div className={css.line}>
        <HoldWords device={device} />
        <span className={css.buttons}>
          {mayTake(session, device) && (
            <Button
              size="compact-sm"
              loading={action.running === "take"}
              onClick={() => action.run({ do: "take", devices: [device.id] })}
            >
              {t("hold.take")}
            </Button>
          )}
          {mine && mayDrive(session) && (
            <>
              <Button
                size="compact-sm"
                variant="default"
                loading={action.running === "extend"}
                onClick={() => action.run({ do: "extend", lease: mine.lease, until: later(mine.until, EXTENSIONS[0]) })}
              >
                {t("hold.extend")}
              </Button>
              <Button
                size="compact-sm"
                variant="default"
                loading={action.running === "release"}
                onClick={() => action.run({ do: "release", lease: mine.lease, devices: [device.id] })}
              >
                {t("hold.release")}
              </Button>
            </>
          )}
          {mayOpenForSupport(session, device) && <OpenForSupport device={device} />}
        </span>
      </div>
      {refused && (
        <p className={css.refused} role="alert">
          {refused}
        </p>
      )}
    </div>
  );
}

/** Who has it until when; in the last five minutes, how long it still is. */
function HoldWords({ device }: { device: Device }) {
  const { t } = useTranslation();
  const session = useSession();
  const now = useNow(1_000);
  const [ending] = endingsOf([device], session?.actor, now);
  if (ending) {
    const time = formatCountdown(ending.at - now);
    return (
      <span className={css.words} data-ending="">
        {t(ending.because === "idleness" ? "hold.endsIdle" : "hold.ends", { time })}
      </span>
    );
  }
  // The picture's place says why it is in quarantine.
  const words = device.quarantine ? "" : (leaseWords(t, device, session) ?? (mayTake(session, device) ? t("hold.freeHow") : ""));
  return (
    <span className={css.words} title={words}>
      {words}
    </span>
  );
}
