/** Which keys go to the phone as keys; everything else that makes a character goes as text, so that any script and any keyboard works. */
import type { HandEvent, KeyName } from "@phonerack/contract/api";

type KeyPress = Extract<HandEvent, { type: "keyPress" }>;

/** By KeyboardEvent.key. */
const KEYS: Readonly<Record<string, KeyName>> = {
  Enter: "ENTER",
  Backspace: "DEL",
  Delete: "FORWARD_DEL",
  Tab: "TAB",
  ArrowUp: "DPAD_UP",
  ArrowDown: "DPAD_DOWN",
  ArrowLeft: "DPAD_LEFT",
  ArrowRight: "DPAD_RIGHT",
  Home: "MOVE_HOME",
  End: "MOVE_END",
  PageUp: "PAGE_UP",
  PageDown: "PAGE_DOWN",
  ContextMenu: "MENU",
};

/** With Ctrl or Cmd, by KeyboardEvent.key in lower case. V is not here: the browser's own paste event brings what is to be pasted. */
const SHORTCUTS: Readonly<Record<string, KeyName>> = { a: "A", c: "C", x: "X", z: "Z" };

/** android.view.KeyEvent.META_SHIFT_ON, META_ALT_ON, META_CTRL_ON. */
const SHIFT = 1;
const ALT = 2;
const CTRL = 4096;

export interface KeyStroke {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
}

/** The press to send; undefined when this stroke is the text field's: characters, dead keys, what an input method composes. */
export function toKeyPress(stroke: KeyStroke, phase: KeyPress["phase"]): KeyPress | undefined {
  const command = stroke.ctrlKey || stroke.metaKey;
  // AltGr is Ctrl+Alt on some systems, and makes characters.
  const key = command && !stroke.altKey ? (SHORTCUTS[stroke.key.toLowerCase()] ?? KEYS[stroke.key]) : KEYS[stroke.key];
  if (!key) return undefined;
  const meta = (stroke.shiftKey ? SHIFT : 0) | (stroke.altKey ? ALT : 0) | (command ? CTRL : 0);
  return { type: "keyPress", key, phase, meta };
}

/** The contract's most for one text. */
export const MOST_TEXT = 10_000;

/** A text in pieces that fit one message, never between the halves of a character. */
export function inPieces(text: string, most = MOST_TEXT): readonly string[] {
  const pieces: string[] = [];
  let piece = "";
  for (const character of text) {
    if (piece.length + character.length > most) {
      pieces.push(piece);
      piece = "";
    }
    piece += character;
  }
  if (piece) pieces.push(piece);
  return pieces;
}
