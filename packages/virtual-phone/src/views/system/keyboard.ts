/** The on-screen keyboard: Latin letters, digits and signs. Other scripts come by paste, as with scrcpy. */
import { KEYCODE } from "../../phone/key-characters.js";
import type { IconName } from "../../screen/icons.js";
import type { Kit } from "../kit.js";
import type { TextView } from "../text-view.js";
import type { View } from "../view.js";

export const KEYBOARD_DP = 248;

/** Weight of keys beside letters. */
const WIDE = 1.5;
const LETTERS = ["1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"] as const;
const SIGNS = ["1234567890", "@#$%&-+()=", "*\"':;!?/_", "€£¥[]{}"] as const;

export interface KeyboardActions {
  text(text: string): void;
  key(code: number): void;
}

export class Keyboard {
  readonly root: View;
  readonly #kit: Kit;
  readonly #actions: KeyboardActions;
  readonly #keys: { readonly view: TextView; readonly letter: string; readonly sign: string }[] = [];
  #shift = false;
  #signs = false;

  constructor(kit: Kit, actions: KeyboardActions) {
    this.#kit = kit;
    this.#actions = actions;
    this.root = this.#build();
  }

  #build(): View {
    const { dp } = { dp: (value: number) => this.#kit.dp(value) };
    const rows = LETTERS.map((letters, index) => this.#row(letters, SIGNS[index] ?? "", index));
    return this.#kit.column(
      {
        id: "com.android.inputmethod.latin:id/keyboard_view",
        height: "match",
        background: this.#kit.theme.divider,
        padding: { left: dp(4), right: dp(4), top: dp(6), bottom: dp(4) },
        gap: dp(7),
      },
      [...rows, this.#bottomRow()],
    );
  }

  #row(letters: string, signs: string, index: number): View {
    const keys = Array.from(letters).map((letter, at) => this.#letter(letter, signs[at] ?? letter));
    const side = index === 2 ? this.#kit.dp(17) : 0;
    if (index === 3) {
      keys.unshift(this.#special("shift", "Shift", () => this.#toggleShift()));
      keys.push(this.#special("backspace", "Delete", () => this.#actions.key(KEYCODE.del)));
    }
    return this.#kit.row(
      { weight: 1, height: 0, gap: this.#kit.dp(5), padding: { left: side, right: side, top: 0, bottom: 0 } },
      keys,
    );
  }

  #letter(letter: string, sign: string): View {
    const view = this.#key(letter, 1, () => {
      this.#actions.text(view.text);
      if (this.#shift) this.#toggleShift();
    });
    this.#keys.push({ view, letter, sign });
    return view;
  }

  #bottomRow(): View {
    const signs = this.#key("?123", WIDE, () => this.#toggleSigns(signs));
    return this.#kit.row({ weight: 1, height: 0, gap: this.#kit.dp(5) }, [
      signs,
      this.#key(",", 1, () => this.#actions.text(",")),
      this.#key(" ", 5, () => this.#actions.text(" ")),
      this.#key(".", 1, () => this.#actions.text(".")),
      this.#special("enter", "Enter", () => this.#actions.key(KEYCODE.enter)),
    ]);
  }

  #key(label: string, weight: number, onClick: () => void): TextView {
    const { theme } = this.#kit;
    const looks = { background: theme.dark ? theme.raised : 0xffffffff, radius: this.#kit.dp(6), align: "center" } as const;
    return this.#kit.text(label, 19, {
      ...looks,
      weight,
      width: 0,
      height: "match",
      onClick,
      description: label === " " ? "Space" : label,
      maxLines: 1,
    });
  }

  #special(icon: IconName, description: string, onClick: () => void): View {
    const { theme } = this.#kit;
    const looks = { background: theme.tinted, color: theme.onTinted, radius: this.#kit.dp(6), iconSize: 22 };
    return this.#kit.icon(icon, { ...looks, weight: WIDE, width: 0, height: "match", onClick, description });
  }

  #toggleShift(): void {
    this.#shift = !this.#shift;
    this.#relabel();
  }

  #toggleSigns(button: TextView): void {
    this.#signs = !this.#signs;
    button.text = this.#signs ? "ABC" : "?123";
    this.#relabel();
  }

  #relabel(): void {
    for (const { view, letter, sign } of this.#keys) view.text = this.#signs ? sign : this.#shift ? letter.toUpperCase() : letter;
  }
}
