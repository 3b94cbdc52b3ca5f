/** One thing done to one phone, to its end: a job of one. */
import {
  type ActionResult,
  type DeviceAction,
  type DeviceId,
  isErrorCode,
  PhonerackError,
  TASK_OVER,
} from "@phonerack/contract/api";
import { client } from "../api/client.js";

const WAIT_MS = 30_000;
const LOOK_MS = 1_000;

/** @returns what it gave. Throws why it was not done, with the codes of the error table. */
export async function doOnDevice(deviceId: DeviceId, action: DeviceAction, agreed = false): Promise<ActionResult> {
  let job = await client.jobs.create({ devices: [deviceId], action, agreed, wait: WAIT_MS });
  while (job.state !== "ended") {
    await new Promise((done) => setTimeout(done, LOOK_MS));
    job = await client.jobs.get({ id: job.id });
  }
  const { items } = await client.jobs.tasks({ id: job.id });
  const [task] = items;
  if (!task || !TASK_OVER.has(task.state)) throw new PhonerackError("internal");
  if (task.state === "done") return task.result ?? {};
  if (task.error && isErrorCode(task.error.code)) throw new PhonerackError(task.error.code, task.error.detail);
  if (task.error) throw new PhonerackError("phone_failed", task.error.detail ?? task.error.message);
  throw new PhonerackError(task.state === "interrupted" ? "interrupted" : "lease_over");
}
