import { Button } from "@mantine/core";
import { IconClockExclamation } from "@tabler/icons-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { shownError } from "../api/sentence.js";
import { formatCountdown } from "../language/format.js";
import { useDevices } from "../live/live.js";
import { useActor } from "../session/use-session.js";
import css from "./ending-lines.module.css";
import { type Ending, endingsOf } from "./endings.js";
import { EXTENSIONS, type LeaseAction, later, useLeaseAction } from "./use-lease-action.js";
import { useNow } from "./use-now.js";

const CALM_MS = 5_000;
const COUNTING_MS = 1_000;

const LABELS = { time: "hold.extend", idleness: "ending.keep", confirmation: "ending.confirm" } as const;

function goOn({ lease, until, because }: Ending): LeaseAction {
  if (because === "confirmation") return { do: "confirm", lease };
  return { do: "extend", lease, until: because === "idleness" ? until : later(until, EXTENSIONS[0]) };
}

/** Above every page: leases of one's own that end soon, and what to do about it. */
export function EndingLines() {
  const devices = useDevices();
  const actor = useActor();
  const calm = useNow(CALM_MS);
  const endings = useMemo(() => endingsOf(devices ?? [], actor, calm), [devices, actor, calm]);
  return endings.map((ending) => <EndingLine key={ending.lease} ending={ending} />);
}

/** On a phone's own page the line is beside the phone. */
export function EndingLine({ ending }: { ending: Ending }) {
  const { t } = useTranslation();
  const now = useNow(COUNTING_MS);
  const action = useLeaseAction();
  const { lease, because, devices } = ending;
  const told = { count: devices.length, time: formatCountdown(ending.at - now) };
  const sentence = t(`ending.${because === "idleness" ? "idle" : because}`, told);
  const refused = action.error && (shownError(action.error).message ?? t("error.unreachable"));
  return (
    <div className={css.line} role="status" data-ending={because}>
      <IconClockExclamation size={18} stroke={1.5} aria-hidden="true" />
      <span className={css.words}>
        {ending.name && <strong>{ending.name}: </strong>}
        {sentence}
        {refused && <span className={css.refused}> {refused}</span>}
      </span>
      <span className={css.buttons}>
        <Button
          size="compact-xs"
          variant={because === "confirmation" ? "filled" : "default"}
          loading={action.running === "extend" || action.running === "confirm"}
          onClick={() => action.run(goOn(ending))}
        >
          {t(LABELS[because])}
        </Button>
        <Button
          size="compact-xs"
          variant="default"
          loading={action.running === "release"}
          onClick={() => action.run({ do: "release", lease })}
        >
          {t("hold.release")}
        </Button>
      </span>
    </div>
  );
}
