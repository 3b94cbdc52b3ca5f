/** Waits for a job. */
import type { Job } from "../jobs.js";
import type { Client } from "./client.js";

const ASK_MS = 1_000;

export interface WaitOptions {
  readonly signal?: AbortSignal;
  /** Told each time it was asked. */
  readonly onProgress?: (job: Job) => void;
}

/** Resolves with the job when it has ended, whatever came of it. Fails with `job_not_found`, and with the signal's reason. */
export async function finishedJob(client: Client, id: string, { signal, onProgress }: WaitOptions = {}): Promise<Job> {
  for (;;) {
    signal?.throwIfAborted();
    const job = await client.jobs.get({ id });
    onProgress?.(job);
    if (job.state === "ended") return job;
    await new Promise((resolve) => setTimeout(resolve, ASK_MS));
  }
}
