/** Reads a command's options the way getopt and toybox do. */

export interface Options {
  /** Single letters and long names that were given. */
  readonly on: ReadonlySet<string>;
  /** Values of options that take one; the last wins. */
  readonly values: ReadonlyMap<string, string>;
  readonly rest: readonly string[];
  /** The first option nobody knows. */
  readonly unknown: string | undefined;
}

export interface OptionSpec {
  /** Letters without a value, e.g. "laR". */
  readonly flags?: string;
  /** Letters with a value, e.g. "n". */
  readonly values?: string;
  /** Long names; with "=" they take a value, e.g. ["user=", "full"]. */
  readonly long?: readonly string[];
  /** Options end at the first operand. */
  readonly strict?: boolean;
}

export function readOptions(args: readonly string[], spec: OptionSpec): Options {
  const on = new Set<string>();
  const values = new Map<string, string>();
  const rest: string[] = [];
  let unknown: string | undefined;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? "";
    if (arg === "--") {
      rest.push(...args.slice(i + 1));
      break;
    }
    if (!arg.startsWith("-") || arg === "-") {
      if (spec.strict) {
        rest.push(...args.slice(i));
        break;
      }
      rest.push(arg);
    } else if (arg.startsWith("--")) {
      const [name, value] = splitOnce(arg.slice(2), "=");
      if (spec.long?.includes(name)) on.add(name);
      else if (spec.long?.includes(`${name}=`)) values.set(name, value ?? args[++i] ?? "");
      else unknown ??= arg;
    } else {
      for (let at = 1; at < arg.length; at++) {
        const letter = arg[at] ?? "";
        if (spec.values?.includes(letter)) {
          values.set(letter, arg.slice(at + 1) || (args[++i] ?? ""));
          break;
        }
        if (spec.flags?.includes(letter)) on.add(letter);
        else unknown ??= letter;
      }
    }
  }
  return { on, values, rest, unknown };
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** toybox's answer to an option it does not know. */
export function unknownOption(name: string, option: string): string {
  return `Unknown option '${option.replace(/^--/, "")}' (see "${name} --help")`;
}
