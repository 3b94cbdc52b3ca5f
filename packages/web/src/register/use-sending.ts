/** Documents on their way: one after the other, each with its progress, each given up on its own. */
import { EVIDENCE_MAX_BYTES, type Evidence, PhonerackError } from "@phonerack/contract/api";
import { useCallback, useEffect, useRef, useState } from "react";
import { sendEvidence } from "./send-evidence.js";

export interface Sending {
  readonly key: number;
  readonly name: string;
  readonly size: number;
  /** From 0 to 1. */
  readonly part: number;
  readonly error: unknown;
}

export function useSending(device: string, onSent: (evidence: Evidence) => void) {
  const [items, setItems] = useState<readonly Sending[]>([]);
  const next = useRef(0);
  const ends = useRef(new Map<number, AbortController>());
  const line = useRef<Promise<void>>(Promise.resolve());
  const told = useRef(onSent);
  told.current = onSent;
  useEffect(() => {
    const running = ends.current;
    // Closing the record gives them up: nobody would see how they end.
    return () => {
      for (const end of running.values()) end.abort();
    };
  }, []);
  const change = useCallback((key: number, to: Partial<Sending>) => {
    setItems((before) => before.map((each) => (each.key === key ? { ...each, ...to } : each)));
  }, []);
  const drop = useCallback((key: number) => {
    ends.current.get(key)?.abort();
    setItems((before) => before.filter((each) => each.key !== key));
  }, []);
  const add = useCallback(
    (files: readonly File[]) => {
      for (const file of files) {
        const key = next.current++;
        const end = new AbortController();
        ends.current.set(key, end);
        const error = file.size > EVIDENCE_MAX_BYTES ? new PhonerackError("too_large") : undefined;
        setItems((before) => [...before, { key, name: file.name, size: file.size, part: 0, error }]);
        if (error) continue;
        line.current = line.current.then(async () => {
          if (end.signal.aborted) return;
          try {
            const sent = await sendEvidence(device, file, { onProgress: (part) => change(key, { part }), signal: end.signal });
            setItems((before) => before.filter((each) => each.key !== key));
            told.current(sent);
          } catch (failure) {
            change(key, { error: failure });
          }
        });
      }
    },
    [change, device],
  );
  return { items, add, drop };
}
