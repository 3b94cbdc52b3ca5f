import { expect, test } from "vitest";
import { sampleDevices } from "../live/sample-device.js";
import { overOf, retriedOf, shownCounts } from "./job-counts.js";
import { NO_COUNTS, sampleTask } from "./sample-job.js";
import { placeTasks } from "./task-places.js";

test("a job's phones stand as in the room, and those that are gone come last", () => {
  const devices = new Map(sampleDevices(45).map((device) => [device.id, device]));
  const tasks = ["d-0044", "d-0003", "d-gone", "d-0002", "d-0019", "d-0020"].map((deviceId) =>
    sampleTask({ deviceId, deviceName: devices.get(deviceId)?.name ?? deviceId }),
  );
  const places = placeTasks(tasks, devices).map(({ chassis, tasks: placed }) => [
    chassis,
    placed.map(({ deviceId }) => deviceId),
  ]);
  expect(places).toEqual([
    ["C01", ["d-0002", "d-0003", "d-0019"]],
    ["C02", ["d-0020"]],
    ["C03", ["d-0044"]],
    [null, ["d-gone"]],
  ]);
});

test("a job's numbers: what is over, what a retry would do again, and only what there is", () => {
  const job = { counts: { ...NO_COUNTS, running: 2, done: 5, failed: 1, cancelled: 3, interrupted: 1 } };
  expect(overOf(job)).toBe(10);
  expect(retriedOf(job)).toBe(5);
  expect(shownCounts(job)).toEqual([
    ["running", 2],
    ["done", 5],
    ["failed", 1],
    ["interrupted", 1],
    ["cancelled", 3],
  ]);
});
