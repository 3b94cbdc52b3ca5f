/** The hand on the leader: what it does goes to the group, and what control refuses is said quietly. */
import type { Device, GroupStep, ToBrowser } from "@phonerack/contract/api";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { sentence } from "../api/sentence.js";
import { type Extent, seenScreen } from "../device/pointer.js";
import type { Hand } from "../device/use-hand.js";
import { useLive } from "../live/live.js";
import type { GroupHead } from "./group-store.js";
import { LeaderHand } from "./leader-hand.js";

const REFUSAL_MS = 6_000;
const UNKNOWN = { width: 1080, height: 2280 };

export interface GroupHand extends Hand {
  /** One step as it is: a key, an app, a link. */
  readonly step: (step: GroupStep) => void;
}

export function useLeaderHand({ id, aim }: GroupHead, leader: Device | undefined, picture: Extent | undefined): GroupHand {
  const { t } = useTranslation();
  const { steps } = useLive();
  const [refusal, setRefusal] = useState<string>();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const refuse = useCallback((reason: string) => {
    setRefusal(reason);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setRefusal(undefined), REFUSAL_MS);
  }, []);
  const now = useRef({ aim, screen: UNKNOWN as Extent });
  now.current = { aim, screen: seenScreen(leader?.screen ?? UNKNOWN, picture) };
  const send = useCallback(
    (step: GroupStep) => {
      const answered = ({ error }: Extract<ToBrowser, { type: "step" }>) => {
        if (error) refuse(sentence(error));
        else setRefusal(undefined);
      };
      if (!steps.send(id, step, answered)) refuse(t("device.noConnection"));
    },
    [steps, id, refuse, t],
  );
  const hand = useMemo(
    () =>
      new LeaderHand({
        step: send,
        aim: () => now.current.aim,
        screen: () => now.current.screen,
        now: () => performance.now(),
        later: (ms, work) => {
          const waiting = setTimeout(work, ms);
          return () => clearTimeout(waiting);
        },
      }),
    [send],
  );
  useEffect(() => () => hand.stop(), [hand]);
  return useMemo(() => ({ send: hand.input, paste: hand.paste, step: hand.step, refusal }), [hand, refusal]);
}
