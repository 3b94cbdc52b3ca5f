/** Folders made, and things moved and removed, on one phone. Each is one script on the phone: where it works is looked at in the same breath. */
import type { ActionResult, DeviceAction } from "@phonerack/contract/bus";
import { quoted } from "../cleaning/ask.js";
import { requireAllowed } from "../tasks/allowed.js";
import { untilAborted } from "../tasks/command.js";
import type { Doing } from "../tasks/doing.js";
import { END, HALF, runScript, splitPath, wordsOf } from "./places.js";

type Action<T extends DeviceAction["type"]> = Extract<DeviceAction, { type: T }>;

const QUICK_MS = 20_000;
/** A folder of a hundred thousand files, or one copied from a card to another. */
const LONG_MS = 15 * 60_000;

/** With the folders above it; one that is there already is done. Fails with `file_exists` where something else is. */
export async function makeFolder(doing: Doing, { path }: Action<"make-folder">): Promise<ActionResult> {
  return change(
    doing,
    [...reach(path), `if there "$p" && [ ! -d "$p" ]; then exit ${END.exists}; fi`, 'mkdir -p "$p"'],
    QUICK_MS,
  );
}

/** Never onto what is there already (`file_exists`). Between two file systems it is copied beside the target first. */
export async function move(doing: Doing, { path, to }: Action<"move">): Promise<ActionResult> {
  const half = `"$d/${HALF}"$$`;
  const lines = [
    `below ${wordsOf(path)}; a=$p; there "$a" || exit ${END.missing}`,
    `below ${wordsOf(to)}; b=$p; d=$r`,
    `[ "$a" = "$b" ] && exit 0`,
    `case "$b" in "$a"/*) exit ${END.within};; esac`,
    // Shared storage takes upper and lower case for the same: a name may be there because it is this very file.
    `if there "$b"; then [ "$a" -ef "$b" ] 2>/dev/null || exit ${END.exists}; mv "$a" "$b"; exit; fi`,
    `if [ "$(stat -c %d "$a")" = "$(stat -c %d "$d")" ]; then mv -n "$a" "$b" || exit; there "$a" && exit ${END.exists}; exit 0; fi`,
    `rm -rf "$d"/${HALF}*`,
    `cp -a "$a" ${half} && mv -n ${half} "$b" && rm -rf "$a" && exit 0; c=$?; rm -rf ${half}; exit $c`,
  ];
  return change(doing, lines, LONG_MS);
}

/** With all that is in it; a link as a link. */
export async function remove(doing: Doing, { path }: Action<"remove">): Promise<ActionResult> {
  const lines = [
    `below ${wordsOf(path)}; there "$p" || exit ${END.missing}`,
    'rm -rf "$p" || exit',
    'if there "$p"; then exit 1; fi',
  ];
  return change(doing, lines, LONG_MS);
}

async function change(doing: Doing, lines: readonly string[], timeoutMs: number): Promise<ActionResult> {
  await requireAllowed(doing, "file");
  await untilAborted(runScript(doing.phone.link(), lines, { timeoutMs }), doing.signal);
  return {};
}

/** Lines that set p to what is to be made, though folders above it are not there yet; d is the folder that it will be in. */
export function reach(path: string): string[] {
  const { folder, name } = splitPath(path);
  return [
    `f=${quoted(folder)}; q=$f; while [ -n "$q" ] && ! there "$q"; do q=\${q%/*}; done`,
    `real "\${q:-/}"; [ -d "$r" ] || exit ${END.noFolder}`,
    `d="$r\${f#"$q"}"; p="$d"/${quoted(name)}; inside "$p"`,
  ];
}
