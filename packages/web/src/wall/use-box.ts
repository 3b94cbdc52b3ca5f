import { type RefObject, useLayoutEffect, useState } from "react";

export interface BoxSize {
  readonly width: number;
  readonly height: number;
}

/** The content size of an element in whole CSS pixels, now and whenever it changes; undefined before the first layout. */
export function useBox(element: RefObject<HTMLElement | null>): BoxSize | undefined {
  const [box, setBox] = useState<BoxSize>();
  useLayoutEffect(() => {
    const target = element.current;
    if (!target) return;
    const measure = () => {
      const style = getComputedStyle(target);
      const width = Math.floor(target.clientWidth - Number.parseFloat(style.paddingLeft) - Number.parseFloat(style.paddingRight));
      const height = Math.floor(
        target.clientHeight - Number.parseFloat(style.paddingTop) - Number.parseFloat(style.paddingBottom),
      );
      setBox((before) => (before?.width === width && before.height === height ? before : { width, height }));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(target);
    return () => observer.disconnect();
  }, [element]);
  return box;
}
