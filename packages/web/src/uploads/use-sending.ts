/** Files on their way while a page is open: one after the other, each with its progress, each given up on its own. */
import { PhonerackError } from "@phonerack/contract/api";
import { useCallback, useEffect, useRef, useState } from "react";
import type { SendOptions } from "./send-file.js";

export interface Sending {
  readonly key: number;
  readonly name: string;
  readonly size: number;
  /** From 0 to 1. */
  readonly part: number;
  readonly error: unknown;
}

export interface SendingParts<T> {
  /** A larger file is refused before it is sent. */
  readonly mostBytes: number;
  readonly send: (file: File, options: SendOptions) => Promise<T>;
  readonly onSent: (sent: T) => void;
}

export function useSending<T>(parts: SendingParts<T>) {
  const [items, setItems] = useState<readonly Sending[]>([]);
  const next = useRef(0);
  const ends = useRef(new Map<number, AbortController>());
  const line = useRef<Promise<void>>(Promise.resolve());
  const now = useRef(parts);
  now.current = parts;
  useEffect(() => {
    const running = ends.current;
    // Leaving the page gives them up: nobody would see how they end.
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
        const { mostBytes, send } = now.current;
        const key = next.current++;
        const end = new AbortController();
        ends.current.set(key, end);
        const error = file.size > mostBytes ? new PhonerackError("too_large") : undefined;
        setItems((before) => [...before, { key, name: file.name, size: file.size, part: 0, error }]);
        if (error) continue;
        line.current = line.current.then(async () => {
          if (end.signal.aborted) return;
          try {
            const sent = await send(file, { onProgress: (part) => change(key, { part }), signal: end.signal });
            setItems((before) => before.filter((each) => each.key !== key));
            now.current.onSent(sent);
          } catch (failure) {
            change(key, { error: failure });
          }
        });
      }
    },
    [change],
  );
  return { items, add, drop };
}
