/** Whose process is whose: ours by the commands that our streams run, and no more of them than streams. */
import { expect, test } from "vitest";
import type { Process, Running } from "../cleaning/processes.js";
import { theirs } from "./freezer.js";

const ADBD = 100;
const process = (pid: number, parent: number, args: string, user = "shell"): Process => ({ pid, parent, user, args, state: "S" });
const running = (...list: Process[]): Running => ({
  self: 1000,
  adbd: ADBD,
  list: [
    process(1, 0, "init", "root"),
    process(50, 1, "zygote64", "root"),
    process(60, 50, "com.android.shell"),
    process(ADBD, 1, "/apex/com.android.adbd/bin/adbd"),
    process(1000, ADBD, "/system/bin/sh -c echo $$"),
    process(1001, 1000, "ps -A"),
    ...list,
  ],
});
const pids = (found: readonly Process[]) => found.map(({ pid }) => pid);

test("spares our own by their commands, also what a shell became, with all below them", () => {
  const ours = [
    "logcat -b events -v uid -T 1",
    "CLASSPATH=/data/local/tmp/x.jar app_process / com.x.Server 3.3.1 scid=00 2>&1",
    'while read n; do log -t m "$n"; done',
  ];
  const found = theirs(
    running(
      process(10, ADBD, "logcat -b events -v uid -T 1"),
      process(11, ADBD, "app_process / com.x.Server 3.3.1 scid=00"),
      process(12, ADBD, '/system/bin/sh -c while read n; do log -t m "$n"; done'),
      process(13, 12, "log -t m 7"),
      process(20, ADBD, "/system/bin/sh -"),
      process(21, 20, "input tap 1 1"),
      process(30, 1, "sh -c while true; do input tap 1 1; done"),
    ),
    ours,
  );
  expect(pids(found.live)).toEqual([20, 21]);
  expect(pids(found.loose)).toEqual([30]);
});

test("spares nobody where more say that they are ours than there are streams", () => {
  const found = theirs(running(process(10, ADBD, "logcat -b events"), process(11, ADBD, "logcat -b events")), [
    "logcat -b events",
  ]);
  expect(pids(found.live)).toEqual([10, 11]);
  expect(pids(theirs(running(process(10, ADBD, "sh")), ["screencap -p; sh"]).live)).toEqual([10]);
  expect(pids(theirs(running(process(10, 1, "logcat -b events")), ["logcat -b events"]).loose)).toEqual([10]);
});
