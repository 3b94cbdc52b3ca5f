/** A command that runs until it is stopped: waits for Ctrl-C or SIGTERM, stops its parts within a bound, then ends the process. */

/** Also bounds a start that is still under way when Ctrl-C comes. */
const STOP_WITHIN_MS = 2_700;

/**
 * Call it before anything is started, so that Ctrl-C during the start counts too. `end` waits for the first signal, stops and
 * exits. A second Ctrl-C exits at once.
 */
export function foreground(): { end(stop: () => Promise<void>): Promise<never> } {
  const abort = new AbortController();
  const interrupted = () => {
    if (abort.signal.aborted) process.exit(130);
    setTimeout(() => process.exit(1), STOP_WITHIN_MS);
    abort.abort();
  };
  process.on("SIGINT", interrupted);
  process.on("SIGTERM", interrupted);
  process.on("SIGHUP", interrupted);
  return {
    async end(stop) {
      if (!abort.signal.aborted) await new Promise((resolve) => abort.signal.addEventListener("abort", resolve));
      await stop();
      // Whatever still holds the process (a worker, a socket that lingers) must not keep the terminal.
      process.exit(0);
    },
  };
}
