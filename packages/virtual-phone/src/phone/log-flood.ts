/** An app that logs as fast as a runaway loop does, at so many lines a second. Costs nothing where nobody reads the log. */
import type { Cancel } from "./clock.js";
import type { Phone } from "./phone.js";

const TICK_MS = 10;
const TAGS = ["Blocks", "GameLoop", "Renderer", "Physics"] as const;
const PACKAGE = "dev.phonerack.blocks";
const FIRST_APP_UID = 10_000;
/** A tick that comes late catches up, but not for longer than this. */
const MOST_LATE_MS = 100;

/** @returns ends it */
export function startLogFlood(phone: Phone, linesPerSecond: number): Cancel {
  const { clock, logcat, processes, packages } = phone;
  const uid = packages.get(PACKAGE)?.uid ?? FIRST_APP_UID;
  const own = processes.ofPackage(PACKAGE)[0] ?? processes.start({ name: PACKAGE, uid, package: PACKAGE });
  let line = 0;
  let at = clock.now();
  const writer = { buffer: "main", pid: own.pid, tid: own.pid + 1, uid: own.uid, priority: "D" } as const;
  const tick = (): void => {
    const now = clock.now();
    const due = Math.round((Math.min(now - at, MOST_LATE_MS) * linesPerSecond) / 1_000);
    at = now;
    for (let left = due; left > 0; left--) {
      line++;
      const tag = TAGS[line & 3] ?? "Blocks";
      logcat.write({ ...writer, tag, message: `frame ${line}: drew 120 blocks, score ${line % 1_000}, nothing to see here` });
    }
    cancel = clock.after(TICK_MS, tick);
  };
  let cancel = clock.after(TICK_MS, tick);
  return () => cancel();
}
