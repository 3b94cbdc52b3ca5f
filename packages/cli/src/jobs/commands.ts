/** `phonerack jobs …` and the commands that do one thing on many phones: run, open, set, clipboard, reboot. */
import { DeviceAction, JobId } from "@phonerack/contract/api";
import { type Command, InvalidArgumentError } from "commander";
import { client, command, example, type Flags, say } from "../api/command.js";
import { JobApi } from "../api/jobs.js";
import { collectList } from "../devices/choice.js";
import { parseSeconds } from "../flags.js";
import { doJob, fits, type JobFlags, jobCommand, showEnd } from "./do.js";
import { jobLine, jobTable, outcomeWords, taskTable } from "./job-words.js";
import { addSettings } from "./settings.js";

export function addJobCommands(program: Command): void {
  addRun(program);
  addOpen(program);
  addSettings(program);
  addReboot(program);
  const jobs = program
    .command("jobs")
    .summary("look at jobs, stop them, try them again")
    .description("A job is one action on up to 1,000 phones, with a result for each.");
  addList(jobs);
  addShow(jobs);
  addEnd(jobs);
  addRetry(jobs);
}

function addRun(program: Command): void {
  jobCommand(program, "run", "run one shell command on many phones; those that print the same are shown together")
    .argument("<command...>", "what to run, after --")
    .option("--timeout <seconds>", "end it on a phone after that long; else 60", parseSeconds)
    .addHelpText(
      "after",
      example(
        "run --lease l-abcdefghij -- getprop ro.build.version.sdk",
        "run --chassis V01 --timeout 10 -- 'pm list packages | wc -l'",
      ),
    )
    .action(async (words: readonly string[], flags: JobFlags & { timeout?: number }) => {
      const { timeout } = flags;
      const action = { type: "shell", command: words.join(" "), ...(timeout !== undefined && { timeoutMs: timeout * 1_000 }) };
      await doJob(flags, fits(DeviceAction, action));
    });
}

function addOpen(program: Command): void {
  jobCommand(program, "open", "open a deep link on phones")
    .argument("<url>", "e.g. notes://note/7")
    .option("--package <name>", "in this app")
    .addHelpText("after", example("open notes://note/7 --devices V01-01,V01-02"))
    .action(async (url: string, flags: JobFlags & { package?: string }) => {
      await doJob(
        flags,
        fits(DeviceAction, { type: "link", url, ...(flags.package !== undefined && { package: flags.package }) }),
      );
    });
}

function addReboot(program: Command): void {
  jobCommand(program, "reboot", "restart phones, and wait until they are ready again")
    .addHelpText("after", example("reboot --devices V01-03", "reboot --lease l-abcdefghij --concurrency 5"))
    .action(async (flags: JobFlags) => doJob(flags, { type: "reboot" }));
}

async function api(flags: Flags): Promise<JobApi> {
  return new JobApi(await client(flags));
}

function parseId(text: string): string {
  if (!JobId.safeParse(text).success) throw new InvalidArgumentError(`'${text}' is no job's id; 'phonerack jobs list' has them.`);
  return text;
}

function addList(jobs: Command): void {
  command(jobs, "list", "list your organisation's jobs, newest first")
    .option("--open", "only those that have not ended")
    .option("--single", "also those on one phone")
    .option("--device <device>", "only those on this one, by id or name")
    .addHelpText("after", example("jobs list --open", "jobs list --json | jq -r .items[].id"))
    .action(async (flags: Flags & { open?: boolean; single?: boolean; device?: string }) => {
      const of = await api(flags);
      const device = flags.device === undefined ? undefined : await of.api.idOf(flags.device);
      const { open, single } = flags;
      const items = await of.list({ ...(open && { open }), ...(single && { single }), ...(device !== undefined && { device }) });
      process.stdout.write(flags.json ? `${JSON.stringify({ items })}\n` : jobTable(items));
    });
}

function addShow(jobs: Command): void {
  command(jobs, "show", "how a job went on each phone, or with --outcomes by what came of it")
    .argument("<id>", "the job's id", parseId)
    .option("--outcomes", "phones whose outcome is the same together")
    .addHelpText("after", example("jobs show j-abcdefghij", "jobs show j-abcdefghij --outcomes"))
    .action(async (id: string, flags: Flags & { outcomes?: boolean }) => {
      const of = await api(flags);
      const job = await of.get(id);
      if (flags.outcomes) {
        const outcomes = await of.outcomes(id);
        return say(flags, { job, outcomes }, `${jobLine(job)}\n${outcomeWords(outcomes)}`);
      }
      const tasks = await of.tasks(id);
      say(flags, { job, tasks }, `${jobLine(job)}\n${taskTable(tasks).trimEnd()}`);
    });
}

function addEnd(jobs: Command): void {
  command(jobs, "wait", "wait until a job has ended; fails when it did not go well everywhere")
    .argument("<id>", "the job's id", parseId)
    .action(async (id: string, flags: Flags) => {
      const of = await api(flags);
      await showEnd(of, await of.get(id), flags);
    });
  command(jobs, "cancel", "begin it on no further phone; what runs is let end")
    .argument("<id>", "the job's id", parseId)
    .action(async (id: string, flags: Flags) => {
      const job = await (await api(flags)).cancel(id);
      say(flags, job, jobLine(job));
    });
}

function addRetry(jobs: Command): void {
  command(jobs, "retry", "once more on the phones where it failed or did not begin")
    .argument("<id>", "the job's id", parseId)
    .option("--devices <list>", "only these, by id or name, with commas between", collectList)
    .addHelpText("after", example("jobs retry j-abcdefghij", "jobs retry j-abcdefghij --devices V01-03"))
    .action(async (id: string, flags: Flags & { devices?: readonly string[] }) => {
      const of = await api(flags);
      const devices = flags.devices && (await Promise.all(flags.devices.map((device) => of.api.idOf(device))));
      await showEnd(of, await of.retry(id, devices), flags);
    });
}
