/**
 * The keyboard on the phone: a text field that nobody sees takes what is typed, so that input methods, dead keys, emoji pickers and paste all work,
 * and passes it on.
 */
import type { Input } from "@phonerack/contract/api";
import { type ClipboardEvent, type FormEvent, type KeyboardEvent, useCallback, useMemo, useRef, useState } from "react";
import { inPieces, toKeyPress } from "./keyboard.js";

/** `paste`: takes what is pasted; without it that is typed like all else. */
export function usePhoneKeys(send: (input: Input) => void, paste?: (text: string) => void) {
  const field = useRef<HTMLTextAreaElement>(null);
  const [focused, setFocused] = useState(false);
  const handlers = useMemo(() => makeHandlers(send, { setFocused, paste }), [send, paste]);
  const focus = useCallback(() => field.current?.focus({ preventScroll: true }), []);
  return { field, focused, handlers, focus };
}

interface Handling {
  setFocused: (focused: boolean) => void;
  paste: ((text: string) => void) | undefined;
}

function makeHandlers(send: (input: Input) => void, { setFocused, paste }: Handling) {
  const type = (text: string) => {
    for (const piece of inPieces(text)) send({ type: "text", text: piece });
  };
  /** Sends what stands in the field and empties it. */
  const take = (field: HTMLTextAreaElement) => {
    const text = field.value;
    field.value = "";
    if (text) type(text);
  };
  const press = (event: KeyboardEvent<HTMLTextAreaElement>, phase: "down" | "up") => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Escape") {
      if (phase === "down") event.currentTarget.blur();
      return;
    }
    const keyPress = toKeyPress(event, phase);
    if (!keyPress) return;
    event.preventDefault();
    send(keyPress);
  };
  return {
    onKeyDown: (event: KeyboardEvent<HTMLTextAreaElement>) => press(event, "down"),
    onKeyUp: (event: KeyboardEvent<HTMLTextAreaElement>) => press(event, "up"),
    onInput: (event: FormEvent<HTMLTextAreaElement>) => {
      if (!(event.nativeEvent as InputEvent).isComposing) take(event.currentTarget);
    },
    onCompositionEnd: (event: { currentTarget: HTMLTextAreaElement }) => take(event.currentTarget),
    onPaste: (event: ClipboardEvent<HTMLTextAreaElement>) => {
      event.preventDefault();
      const text = event.clipboardData.getData("text/plain");
      if (text) (paste ?? type)(text);
    },
    onFocus: () => setFocused(true),
    onBlur: () => setFocused(false),
  };
}
