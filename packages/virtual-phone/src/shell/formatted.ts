/** Escapes of `echo` and `printf`, and printf's formats. */

const SIMPLE: Record<string, string> = {
  a: "\u0007",
  b: "\b",
  e: "\u001b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
};

/** Replaces backslash escapes; `\c` ends the output. */
export function replaceEscapes(text: string): { text: string; ended: boolean } {
  let result = "";
  for (let i = 0; i < text.length; i++) {
    const character = text[i] ?? "";
    if (character !== "\\") {
      result += character;
      continue;
    }
    const next = text[i + 1] ?? "";
    if (next === "c") return { text: result, ended: true };
    const number = /^\\(?:0([0-7]{1,3})|x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|([1-7][0-7]{0,2}))/.exec(text.slice(i, i + 8));
    if (number) {
      const octal = number[1] ?? number[4];
      result += String.fromCodePoint(octal ? Number.parseInt(octal, 8) : Number.parseInt(number[2] ?? number[3] ?? "0", 16));
      i += number[0].length - 1;
    } else if (next in SIMPLE) {
      result += SIMPLE[next];
      i++;
    } else result += "\\";
  }
  return { text: result, ended: false };
}

/** Flags, width, precision, conversion. */
const FORMAT = /%(%|([-+ 0#]*)(\*|\d+)?(?:\.(\d+))?([a-zA-Z]))/g;

/** Text as its bytes, one character each: printf's numbers are bytes, and make no character by themselves. */
function bytesOf(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** A format's own escapes: a number has at most three digits, a leading 0 among them. */
function formatBytes(format: string): string {
  return bytesOf(format).replace(/\\([0-7]{1,3}|x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|[\s\S])/g, (all, escaped: string) => {
    const kind = escaped[0] ?? "";
    if (kind >= "0" && kind <= "7") return plain(String.fromCharCode(Number.parseInt(escaped, 8) & 0xff));
    if (kind === "x" && escaped.length > 1) return plain(String.fromCharCode(Number.parseInt(escaped.slice(1), 16)));
    if (kind === "u" && escaped.length > 1) return bytesOf(String.fromCodePoint(Number.parseInt(escaped.slice(1), 16)));
    return SIMPLE[escaped] ?? all;
  });
}

/** A "%" that was written as a number is one, and begins no conversion. */
function plain(character: string): string {
  return character === "%" ? "%%" : character;
}

/** printf's output: the format is used again while arguments are left. */
export function printf(format: string, given: readonly string[]): Uint8Array {
  const text = formatBytes(format);
  const args = given.map(bytesOf);
  let result = "";
  let used = 0;
  do {
    const before = used;
    result += text.replace(FORMAT, (...[all, percent, flags = "", width = "", precision, kind = ""]: string[]) => {
      if (percent === "%") return "%";
      const size = width === "*" ? Number(args[used++] ?? 0) : Number(width || 0);
      const value = args[used++] ?? "";
      const digits = precision === undefined ? undefined : Number(precision);
      return padded(converted({ kind, value, all: all ?? "", precision: digits }), { flags, size: Math.min(size, 10_000), kind });
    });
    if (used === before) break;
  } while (used < args.length && result.length < 1_000_000);
  return Buffer.from(result, "latin1");
}

function converted({
  kind,
  value,
  all,
  precision,
}: {
  kind: string;
  value: string;
  all: string;
  precision: number | undefined;
}): string {
  const integer = /^['"]/.test(value) ? (value.codePointAt(1) ?? 0) : Math.trunc(Number(value) || 0);
  switch (kind) {
    case "s":
      return precision === undefined ? value : value.slice(0, precision);
    case "b":
      return replaceEscapes(value).text;
    case "c":
      return value.slice(0, 1);
    case "d":
    case "i":
    case "u":
      return String(integer);
    case "x":
      return integer.toString(16);
    case "X":
      return integer.toString(16).toUpperCase();
    case "o":
      return integer.toString(8);
    case "f":
    case "e":
    case "g":
      return kind === "e" ? (Number(value) || 0).toExponential(precision ?? 6) : (Number(value) || 0).toFixed(precision ?? 6);
    default:
      return all;
  }
}

function padded(text: string, { flags, size, kind }: { flags: string; size: number; kind: string }): string {
  const signed = flags.includes("+") && "dif".includes(kind) && !text.startsWith("-") ? `+${text}` : text;
  if (flags.includes("-")) return signed.padEnd(size);
  if (flags.includes("0") && kind !== "s") {
    const sign = /^[-+]/.exec(signed)?.[0] ?? "";
    return sign + signed.slice(sign.length).padStart(size - sign.length, "0");
  }
  return signed.padStart(size);
}
