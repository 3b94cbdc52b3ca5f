/** Has one thing done on the phones that were chosen, as a job: waits for its end, shows what came of it, and fails when it did not go well everywhere. */
import { setTimeout as sleep } from "node:timers/promises";
import type { DeviceAction, Job, JobOutcome } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import { type Command, InvalidArgumentError } from "commander";
import { client, command, type Flags } from "../api/command.js";
import { JobApi } from "../api/jobs.js";
import { type ChoiceFlags, chosenDevices, withChoice } from "../devices/choice.js";
import { EXIT } from "../failure.js";
import { parseWhole } from "../flags.js";
import { jobLine, outcomeWords, progressLine, wentWell } from "./job-words.js";

/** For the answer of the first request: most are over by then. */
const FIRST_WAIT_MS = 5_000;
const LOOK_MS = 500;

export interface JobFlags extends Flags, ChoiceFlags {
  readonly concurrency?: number;
  readonly wave?: number;
  readonly stopAt?: number;
  readonly agree?: boolean;
  readonly detach?: boolean;
}

/** A command that does one thing on many phones: which, how many at once, when to stop. */
export function jobCommand(program: Command, name: string, summary: string): Command {
  const most = (what: string) => (text: string) => parseWhole(text, { least: 1, most: 1_000, what });
  return withChoice(command(program, name, summary))
    .option("--concurrency <number>", "phones at once; else 50", most("a number of phones"))
    .option("--wave <number>", "phones to a wave: the next begins when all of one are over", most("a number of phones"))
    .option("--stop-at <percent>", "begin no further when more than that part has failed", parsePercent)
    .option("--agree", "other apps may be disabled on phones that no operator has enrolled")
    .option("--detach", "do not wait for its end");
}

/** One phone is named by itself or by the options. Fails with `usage` when it is both. */
export function requireOneChoice(name: string, { devices, chassis, label, lease, all }: ChoiceFlags): void {
  if ([devices, chassis, label, lease, all].some((flag) => flag !== undefined))
    throw new PhonerackError("usage", `${name}: the options say already which phones`);
}

/** Does it; the exit code is 1 unless it went well on all. */
export async function doJob(flags: JobFlags, action: DeviceAction): Promise<void> {
  const done = await runJob(flags, action);
  if (flags.json) process.stdout.write(`${JSON.stringify(done)}\n`);
}

/** Without `outcomes`: it is not waited for. */
export interface JobDone {
  readonly job: Job;
  readonly outcomes?: readonly JobOutcome[];
}

/** As `doJob`, but its JSON is left to the caller. */
export async function runJob(flags: JobFlags, action: DeviceAction): Promise<JobDone> {
  const jobs = new JobApi(await client(flags));
  const devices = await chosenDevices(jobs.api, flags);
  const { concurrency, wave, stopAt, agree, detach } = flags;
  const job = await jobs.create({
    devices: devices.map(({ id }) => id),
    action,
    pace: {
      ...(concurrency !== undefined && { concurrency }),
      ...(wave !== undefined && { wave }),
      ...(stopAt !== undefined && { stopAt }),
    } as Job["pace"],
    ...(agree && { agreed: true }),
    ...(!detach && { wait: FIRST_WAIT_MS }),
  });
  if (!detach) return endOf(jobs, job, flags);
  if (!flags.json) process.stdout.write(`${jobLine(job)}\n`);
  return { job };
}

/** Waits for the end of a job and shows what came of it. */
export async function showEnd(jobs: JobApi, begun: Job, flags: Flags): Promise<void> {
  const done = await endOf(jobs, begun, flags);
  if (flags.json) process.stdout.write(`${JSON.stringify(done)}\n`);
}

async function endOf(jobs: JobApi, begun: Job, flags: Flags): Promise<JobDone> {
  const job = await ended(jobs, begun);
  const outcomes = await jobs.outcomes(job.id);
  const words = `${outcomeWords(outcomes)}\n${job.size > 1 || job.reason !== null ? `${jobLine(job)}\n` : ""}`;
  if (!flags.json) process.stdout.write(words);
  if (!wentWell(job)) process.exitCode = EXIT.failed;
  return { job, outcomes };
}

async function ended(jobs: JobApi, begun: Job): Promise<Job> {
  let job = begun;
  const shown = process.stderr.isTTY;
  const leave = () => {
    process.stderr.write(`\nphonerack: the job goes on; 'phonerack jobs cancel ${job.id}' stops it.\n`);
    process.exit(EXIT.failed);
  };
  process.once("SIGINT", leave);
  try {
    for (; job.state !== "ended"; job = await jobs.get(job.id)) {
      if (shown) process.stderr.write(`\r\u001b[K${job.id}: ${progressLine(job)}`);
      await sleep(LOOK_MS);
    }
  } finally {
    process.off("SIGINT", leave);
    if (shown) process.stderr.write("\r\u001b[K");
  }
  return job;
}

function parsePercent(text: string): number {
  const number = Number(text.replace(/%$/, ""));
  if (!/^\d{1,3}%?$/.test(text) || number > 100) throw new InvalidArgumentError(`'${text}' is no percentage.`);
  return number / 100;
}

/** One word of an action that a person wrote. Fails with `usage`. */
export function fits<T>(
  schema: { safeParse(value: unknown): { success: true; data: T } | { success: false; error: Issues } },
  value: unknown,
): T {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  throw new PhonerackError("usage", read.error.issues.map(({ message }) => message).join("; "));
}

interface Issues {
  readonly issues: readonly { readonly message: string }[];
}
