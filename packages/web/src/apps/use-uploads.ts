/** The uploads under way: one after the other, each with its progress, each given up on its own. */
import { APK_MAX_BYTES, type App, PhonerackError } from "@phonerack/contract/api";
import { useCallback, useEffect, useRef, useState } from "react";
import { uploadApk } from "./upload.js";

export interface Upload {
  readonly key: number;
  readonly name: string;
  readonly size: number;
  /** From 0 to 1. */
  readonly part: number;
  readonly error: unknown;
}

export function useUploads(onUploaded: (app: App) => void) {
  const [uploads, setUploads] = useState<readonly Upload[]>([]);
  const next = useRef(0);
  const ends = useRef(new Map<number, AbortController>());
  const line = useRef<Promise<void>>(Promise.resolve());
  const told = useRef(onUploaded);
  told.current = onUploaded;
  useEffect(() => {
    const running = ends.current;
    // Leaving the page gives them up: nobody would see how they end.
    return () => {
      for (const end of running.values()) end.abort();
    };
  }, []);

  const change = useCallback((key: number, to: Partial<Upload>) => {
    setUploads((before) => before.map((each) => (each.key === key ? { ...each, ...to } : each)));
  }, []);
  const drop = useCallback((key: number) => {
    ends.current.get(key)?.abort();
    setUploads((before) => before.filter((each) => each.key !== key));
  }, []);

  const add = useCallback(
    (files: readonly File[]) => {
      for (const file of files) {
        const key = next.current++;
        const end = new AbortController();
        ends.current.set(key, end);
        const tooLarge = file.size > APK_MAX_BYTES ? new PhonerackError("too_large") : undefined;
        setUploads((before) => [...before, { key, name: file.name, size: file.size, part: 0, error: tooLarge }]);
        if (tooLarge) continue;
        line.current = line.current.then(async () => {
          if (end.signal.aborted) return;
          try {
            const app = await uploadApk(file, { onProgress: (part) => change(key, { part }), signal: end.signal });
            setUploads((before) => before.filter((each) => each.key !== key));
            told.current(app);
          } catch (error) {
            change(key, { error });
          }
        });
      }
    },
    [change],
  );
  return { uploads, add, drop };
}
