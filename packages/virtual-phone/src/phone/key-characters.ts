/** Which characters the virtual keyboard has keys for (Virtual.kcm), and which keys those are. */

/** KeyEvent.KEYCODE_* that the phone reacts to. */
export const KEYCODE = {
  unknown: 0,
  home: 3,
  back: 4,
  d0: 7,
  dpadUp: 19,
  dpadDown: 20,
  dpadLeft: 21,
  dpadRight: 22,
  dpadCenter: 23,
  volumeUp: 24,
  volumeDown: 25,
  power: 26,
  a: 29,
  c: 31,
  v: 50,
  x: 52,
  comma: 55,
  period: 56,
  tab: 61,
  space: 62,
  enter: 66,
  del: 67,
  grave: 68,
  minus: 69,
  equals: 70,
  leftBracket: 71,
  rightBracket: 72,
  backslash: 73,
  semicolon: 74,
  apostrophe: 75,
  slash: 76,
  at: 77,
  plus: 81,
  menu: 82,
  notification: 83,
  pageUp: 92,
  pageDown: 93,
  escape: 111,
  forwardDel: 112,
  moveHome: 122,
  moveEnd: 123,
  numpad0: 144,
  numpadEnter: 160,
  mute: 164,
  appSwitch: 187,
  sleep: 223,
  wakeUp: 224,
  cut: 277,
  copy: 278,
  paste: 279,
} as const;

export const META = { shift: 0x1, alt: 0x2, ctrl: 0x1000, capsLock: 0x100000 } as const;

const SHIFTED_DIGITS = ")!@#$%^&*(";
const PUNCTUATION: ReadonlyMap<number, readonly [plain: string, shifted: string]> = new Map([
  [KEYCODE.comma, [",", "<"]],
  [KEYCODE.period, [".", ">"]],
  [KEYCODE.tab, ["\t", "\t"]],
  [KEYCODE.space, [" ", " "]],
  [KEYCODE.grave, ["`", "~"]],
  [KEYCODE.minus, ["-", "_"]],
  [KEYCODE.equals, ["=", "+"]],
  [KEYCODE.leftBracket, ["[", "{"]],
  [KEYCODE.rightBracket, ["]", "}"]],
  [KEYCODE.backslash, ["\\", "|"]],
  [KEYCODE.semicolon, [";", ":"]],
  [KEYCODE.apostrophe, ["'", '"']],
  [KEYCODE.slash, ["/", "?"]],
  [KEYCODE.at, ["@", "@"]],
  [KEYCODE.plus, ["+", "+"]],
]);

/** What a key types; undefined for keys that type nothing. Ctrl and Alt type nothing either. */
export function characterOf(code: number, meta: number): string | undefined {
  if (meta & (META.ctrl | META.alt)) return undefined;
  const shift = Boolean(meta & META.shift);
  if (code >= KEYCODE.d0 && code < KEYCODE.d0 + 10) return shift ? SHIFTED_DIGITS[code - KEYCODE.d0] : String(code - KEYCODE.d0);
  if (code >= KEYCODE.a && code < KEYCODE.a + 26) {
    const upper = shift !== Boolean(meta & META.capsLock);
    return String.fromCharCode((upper ? 65 : 97) + code - KEYCODE.a);
  }
  if (code >= KEYCODE.numpad0 && code < KEYCODE.numpad0 + 10) return String(code - KEYCODE.numpad0);
  return PUNCTUATION.get(code)?.[shift ? 1 : 0];
}

// Letters with the accents that Virtual.kcm has as dead keys: grave, acute, circumflex, tilde, diaeresis.
const TYPEABLE = /^(?:[\t\n\x20-\x7e]|[a-zA-Z][\u0300\u0301\u0302\u0303\u0308])*$/;

export function canType(text: string): boolean {
  return TYPEABLE.test(text.normalize("NFD"));
}
