/** Sends what is done to one phone, and says quietly why something was not carried out. */
import type { DeviceId, Input, InputOutcome } from "@phonerack/contract/api";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { sentence } from "../api/sentence.js";
import { useLive } from "../live/live.js";

export interface Hand {
  readonly send: (input: Input) => void;
  /** Why the last refused input was not carried out; goes away when the next one is. */
  readonly refusal: string | undefined;
  /** It was the gate that refused: there is a way on, and the refusal is its reason. */
  readonly denied?: boolean;
  /** Where what is pasted is another thing than what is typed. */
  readonly paste?: (text: string) => void;
}

const REFUSAL_MS = 6_000;

export function useHand(id: DeviceId): Hand {
  const { t } = useTranslation();
  const { hands } = useLive();
  const [refusal, setRefusal] = useState<{ reason: string; denied: boolean }>();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  const refuse = useCallback((reason: string, denied = false) => {
    setRefusal({ reason, denied });
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setRefusal(undefined), REFUSAL_MS);
  }, []);
  const send = useCallback(
    (input: Input) => {
      const answered = ({ outcome, error }: InputOutcome) => {
        if (outcome === "delivered") setRefusal(undefined);
        else refuse(error ? sentence(error) : outcome, error?.code === "denied");
      };
      if (!hands.send(id, input, answered)) refuse(t("device.noConnection"));
    },
    [hands, id, refuse, t],
  );
  return useMemo(() => ({ send, refusal: refusal?.reason, denied: refusal?.denied ?? false }), [send, refusal]);
}
