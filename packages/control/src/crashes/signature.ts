/** What crashes of the same cause have in common: the exception and the topmost frames, without what changes from build to build. */
import type { CrashNews } from "@phonerack/contract/bus";

const FRAMES = 3;
const LONGEST = 500;

export function signatureOf({ kind, exception, stack }: Pick<CrashNews, "kind" | "exception" | "stack">): string {
  const frames = kind === "native" ? nativeFrames(stack) : kind === "anr" ? mainFrames(stack) : javaFrames(stack);
  // An ANR's reason names windows and times.
  const cause = kind === "anr" ? "ANR" : exception;
  return [cause, ...frames.slice(0, FRAMES)].join(" < ").slice(0, LONGEST);
}

/** `\tat a.b.Main.onClick(Main.java:42)`: a.b.Main.onClick */
function javaFrames(stack: string): string[] {
  return Array.from(stack.matchAll(/^\s*at ([^\s(]+)\(/gm), ([, frame = ""]) => frame);
}

/** Of the thread that must answer. */
function mainFrames(stack: string): string[] {
  const main = stack.indexOf('"main"');
  if (main < 0) return [];
  const end = stack.indexOf("\n\n", main);
  return javaFrames(stack.slice(main, end < 0 ? undefined : end));
}

/** `#00 pc 0000000000012f40  /data/app/x/libapp.so (draw_board+64) (BuildId: …)`: libapp.so draw_board */
function nativeFrames(stack: string): string[] {
  const frames = stack.matchAll(/^\s*#\d+ +pc +[0-9a-f]+ +(\S+)(?: +\(([^)+]+)(?:\+\d+)?\))?/gm);
  return Array.from(frames, ([, path = "", name = ""]) => [path.split("/").at(-1), name].filter(Boolean).join(" "));
}
