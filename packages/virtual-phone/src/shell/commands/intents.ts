/** Reads an intent from words as `Intent.parseCommandArgs` does. */
import type { Intent } from "../../phone/intent.js";

export interface ReadIntent {
  readonly intent: Intent;
  /** Words that belong to no option of an intent: the command's own, or a component or URI at the end. */
  readonly rest: readonly string[];
  readonly error: string | undefined;
}

type Extra = string | number | boolean;

const FLAG_OPTIONS: Readonly<Record<string, number>> = {
  "--activity-clear-top": 0x04000000,
  "--activity-clear-task": 0x00008000,
  "--activity-single-top": 0x20000000,
  "--activity-no-history": 0x40000000,
  "--activity-no-animation": 0x00010000,
  "--activity-reorder-to-front": 0x00020000,
  "--activity-brought-to-front": 0x00400000,
  "--activity-reset-task-if-needed": 0x00200000,
  "--activity-previous-is-top": 0x01000000,
  "--activity-exclude-from-recents": 0x00800000,
  "--receiver-foreground": 0x10000000,
  "--receiver-registered-only": 0x40000000,
  "--include-stopped-packages": 0x20,
  "--exclude-stopped-packages": 0x10,
  "--grant-read-uri-permission": 1,
  "--grant-write-uri-permission": 2,
  "--debug-log-resolution": 8,
};

export function readIntent(args: readonly string[]): ReadIntent {
  const extras: Record<string, Extra> = {};
  const categories: string[] = [];
  const rest: string[] = [];
  const intent: { -readonly [Key in keyof Intent]: Intent[Key] } = {};
  let flags = 0;
  let error: string | undefined;
  for (let i = 0; i < args.length; i++) {
    const option = args[i] ?? "";
    const value = (): string => {
      const next = args[++i];
      if (next === undefined) error ??= `Argument expected after "${option}"`;
      return next ?? "";
    };
    if (option === "-a") intent.action = value();
    else if (option === "-d") intent.data = value();
    else if (option === "-t") intent.type = value();
    else if (option === "-c") categories.push(value());
    else if (option === "-n") intent.component = value();
    else if (option === "-p") intent.package = value();
    else if (option === "-f") flags |= Number(value()) || 0;
    else if (option in FLAG_OPTIONS) flags |= FLAG_OPTIONS[option] ?? 0;
    else if (option === "-i" || option === "-x" || option === "--selector") i += option === "--selector" ? 0 : 1;
    else if (/^(-e|--e[siaflzuc]\w*|--esn|--esa|--eia|--ela|--efa|--esal|--ecn|--eu)$/.test(option))
      readExtra(option, { value, extras });
    else rest.push(option);
  }
  finish(intent, rest);
  if (categories.length > 0) intent.categories = categories;
  if (flags !== 0) intent.flags = flags;
  if (Object.keys(extras).length > 0) intent.extras = extras;
  return { intent, rest, error };
}

function readExtra(option: string, { value, extras }: { value: () => string; extras: Record<string, Extra> }): void {
  const key = value();
  if (Object.keys(extras).length >= 100) return;
  if (option === "--esn") return;
  const text = value();
  extras[key] =
    option === "--ez" ? text === "true" || text === "1" : ["--ei", "--el", "--ef"].includes(option) ? Number(text) || 0 : text;
}

/** The last bare word may be a URI, a component or a package (then: its launcher activity). */
function finish(intent: { -readonly [Key in keyof Intent]: Intent[Key] }, rest: string[]): void {
  const last = rest.at(-1);
  if (last === undefined || last.startsWith("-") || intent.component !== undefined) return;
  if (/^[a-zA-Z][\w.]*\/[\w.$]+$/.test(last)) {
    intent.component = last;
    rest.pop();
  } else if (last.includes(":") && intent.data === undefined) {
    intent.data = last;
    intent.action ??= "android.intent.action.VIEW";
    rest.pop();
  }
}
