/** Pointers on the phone's picture become touches; the other buttons and the wheel do what they do in scrcpy. */
import type { HandEvent, Input } from "@phonerack/contract/api";
import { type RefObject, useEffect, useRef, useState } from "react";
import { type Extent, type Spot, toDevice, toScroll } from "./pointer.js";
import { Touches } from "./touches.js";

interface TouchTarget {
  screen: Extent;
  send: (input: Input) => void;
  /** A hand is on the phone: its keys should follow. */
  onTouched: () => void;
  /** The phone is not theirs to touch: called with where they tried, and nothing is sent. */
  instead?: (spot: Spot) => void;
}

const MIDDLE = 1;
const RIGHT = 2;

/** Gives the fingers to show: those of a pinch. */
export function usePhoneTouch(glass: RefObject<HTMLElement | null>, target: TouchTarget): readonly Spot[] {
  const [spots, setSpots] = useState<readonly Spot[]>([]);
  const now = useRef(target);
  now.current = target;
  useEffect(() => {
    const element = glass.current;
    if (!element) return;
    const touches = new Touches({ send: (touch) => now.current.send(touch), nextFrame: (work) => requestAnimationFrame(work) });
    const stop = listen(element, { touches, now, show: () => setSpots(touches.spots) });
    return () => {
      stop();
      touches.cancel();
    };
  }, [glass]);
  return spots;
}

interface Listening {
  touches: Touches;
  now: { readonly current: TouchTarget };
  show: () => void;
}

function listen(element: HTMLElement, { touches, now, show }: Listening): () => void {
  const spotOf = (event: MouseEvent): Spot =>
    toDevice({ x: event.clientX, y: event.clientY }, element.getBoundingClientRect(), now.current.screen);
  const press = (key: "BACK" | "HOME") => {
    for (const phase of ["down", "up"] as const) now.current.send({ type: "keyPress", key, phase, meta: 0 } satisfies HandEvent);
  };
  const on = <K extends keyof HTMLElementEventMap>(type: K, work: (event: HTMLElementEventMap[K]) => void) => {
    element.addEventListener(type, work as EventListener, { signal: ended.signal, passive: false });
  };
  const ended = new AbortController();
  on("pointerdown", (event) => {
    // Else the browser would take the focus from the phone's keys, select text, or scroll.
    event.preventDefault();
    if (now.current.instead) return now.current.instead(spotOf(event));
    now.current.onTouched();
    if (event.button === MIDDLE) return press("HOME");
    if (event.button === RIGHT) return press("BACK");
    element.setPointerCapture(event.pointerId);
    touches.down(event.pointerId, spotOf(event), { screen: now.current.screen, pinch: event.ctrlKey });
    show();
  });
  on("pointermove", (event) => {
    // The browser gathers moves; only the newest place of each finger counts, the phone interpolates.
    touches.move(event.pointerId, spotOf(event));
    if (event.ctrlKey) show();
  });
  on("pointerup", (event) => {
    touches.up(event.pointerId, spotOf(event));
    show();
  });
  const cancel = () => {
    touches.cancel();
    show();
  };
  on("pointercancel", cancel);
  on("contextmenu", (event) => event.preventDefault());
  on("wheel", (event) => {
    event.preventDefault();
    if (!now.current.instead) now.current.send({ type: "scroll", ...spotOf(event), ...toScroll(event) });
  });
  window.addEventListener("blur", cancel, { signal: ended.signal });
  return () => ended.abort();
}
