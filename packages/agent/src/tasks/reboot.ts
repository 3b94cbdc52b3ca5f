/** Restarts one phone and waits until it is ready again. */
import { type ActionResult, PhonerackError } from "@phonerack/contract/bus";
import { requireAllowed } from "./allowed.js";
import { untilAborted } from "./command.js";
import type { Doing } from "./doing.js";

/** A phone that is still there after so long did not restart. */
const GOES_WITHIN_MS = 60_000;

/** Fails with `denied`, `phone_failed` (it stays), or the signal's reason (it does not come back in time). */
export async function reboot(doing: Doing): Promise<ActionResult> {
  const { phone, signal } = doing;
  await requireAllowed(doing, "navigate");
  const watched = watch(doing);
  try {
    doing.progress(0.1, "restarting");
    const socket = await phone.link().open("reboot:");
    // It may answer by hanging up, or not at all.
    socket.read().then(
      () => socket.close(),
      () => undefined,
    );
    await untilAborted(watched.lost, AbortSignal.any([signal, AbortSignal.timeout(GOES_WITHIN_MS)])).catch((error: unknown) => {
      if (signal.aborted) throw error;
      throw new PhonerackError("phone_failed", "it was told to restart, but stays connected");
    });
    doing.progress(0.3, "waiting until it is back");
    await untilAborted(watched.ready, signal);
    return {};
  } finally {
    watched.forget();
  }
}

function watch({ phone }: Doing): { lost: Promise<void>; ready: Promise<void>; forget(): void } {
  let [lose, come] = [(): void => undefined, (): void => undefined];
  const lost = new Promise<void>((resolve) => {
    lose = resolve;
  });
  const ready = new Promise<void>((resolve) => {
    come = resolve;
  });
  let gone = false;
  const forget = phone.watch({
    cut: () => undefined,
    lost: () => {
      gone = true;
      lose();
    },
    ready: () => gone && come(),
  });
  return { lost, ready, forget };
}
