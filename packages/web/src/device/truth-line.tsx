import { Tooltip } from "@mantine/core";
import type { Device } from "@phonerack/contract/api";
import { useTranslation } from "react-i18next";
import { formatNumber } from "../language/format.js";
import { useLiveStatus } from "../live/live.js";
import { mayTouch } from "../session/may.js";
import { useSession } from "../session/use-session.js";
import { Denied, denialOf } from "./denied.js";
import css from "./phone.module.css";
import type { Hand } from "./use-hand.js";
import type { LargePicture } from "./use-large-picture.js";

interface TruthLineProps {
  device: Device;
  picture: LargePicture;
  hand: Pick<Hand, "refusal" | "denied">;
}

/** What is true of the picture now; and, in place of it, why the last thing done was not carried out. */
export function TruthLine({ device, picture: { measured }, hand }: TruthLineProps) {
  const { t } = useTranslation();
  const live = useLiveStatus();
  const touchable = mayTouch(useSession(), device);
  const roundTrip = live.phase === "live" ? live.roundTripMs : undefined;
  const added = measured?.delayMs !== undefined && roundTrip !== undefined ? measured.delayMs + roundTrip / 2 : undefined;
  return (
    <div className={css.truth}>
      <div className={css.facts}>
        <span>{measured && measured.fps > 0 ? t("device.fps", { fps: formatNumber(measured.fps) }) : t("device.still")}</span>
        <span>{t("device.rate", { rate: formatNumber(measured?.kbitPerSecond ?? 0) })}</span>
        {added !== undefined && (
          <Tooltip label={t("device.latencyHint")} multiline w={280}>
            <span>{t("device.latency", { ms: formatNumber(Math.max(1, added)) })}</span>
          </Tooltip>
        )}
        <span>{t("device.watchers", { count: device.watchers })}</span>
      </div>
      <Below device={device} hand={hand} touchable={touchable} />
    </div>
  );
}

function Below({ device, hand, touchable }: { device: Device; hand: TruthLineProps["hand"]; touchable: boolean }) {
  const { t } = useTranslation();
  const denial = touchable ? denialOf(device, hand) : undefined;
  return (
    <div className={hand.refusal && !denial ? css.refusal : css.hint} role="status">
      {denial ? (
        <Denied words={denial} device={device} />
      ) : hand.refusal ? (
        t("device.refused", { reason: hand.refusal })
      ) : (
        touchable && <KeyboardHint />
      )}
    </div>
  );
}

/** Which of the two is shown is the stylesheet's: it knows where the focus is. */
function KeyboardHint() {
  const { t } = useTranslation();
  return (
    <>
      <span className={css.hintOn}>{t("device.keyboardOn")}</span>
      <span className={css.hintOff}>{t("device.keyboardOff")}</span>
    </>
  );
}
