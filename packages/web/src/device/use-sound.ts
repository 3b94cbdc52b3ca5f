/** Sound of one phone, off until somebody asks: it is a stream of its own. */
import type { DeviceId } from "@phonerack/contract/api";
import { useCallback, useEffect, useState } from "react";
import { sentence } from "../api/sentence.js";
import { useLive } from "../live/live.js";
import type { StreamError } from "../live/streams.js";
import { startSound } from "../sound/sound.js";

export interface PhoneSound {
  readonly on: boolean;
  /** Whether this browser can play it. */
  readonly possible: boolean;
  /** Why there is none, when somebody asked for it. */
  readonly problem: string | undefined;
  readonly toggle: () => void;
}

export function useSound(id: DeviceId): PhoneSound {
  const { streams } = useLive();
  const [on, setOn] = useState(false);
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    if (!on) return;
    const sound = startSound();
    const failed = (error: StreamError) => {
      setProblem(sentence(error));
      setOn(false);
    };
    const open = streams.open({ deviceId: id, tier: "audio" }, { frame: (bytes) => sound.push(new Uint8Array(bytes)), failed });
    return () => {
      open.close();
      void sound.stop();
    };
  }, [on, id, streams]);
  const toggle = useCallback(() => {
    setProblem(undefined);
    setOn((before) => !before);
  }, []);
  return { on, possible: "AudioDecoder" in globalThis, problem, toggle };
}
