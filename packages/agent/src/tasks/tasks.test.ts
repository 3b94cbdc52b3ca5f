/** Tasks on real virtual phones: each once, in order, ended with whatever ends the phone's use. */
import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { closeLabs, type LabOptions, openLab } from "../../test/agent-lab.js";
import { GroupLab } from "../../test/group-lab.js";
import { command, TaskLab } from "../../test/task-lab.js";

afterEach(closeLabs);

async function open(options: LabOptions = {}): Promise<{ tasks: TaskLab; id: string }> {
  const lab = await openLab({ models: ["v6", "v4"], ...options });
  const { id } = await lab.leased();
  return { tasks: new TaskLab(lab), id };
}
const log = (tasks: TaskLab) => tasks.lab.phone().run("cat /sdcard/log");

test("runs a command with its exit code and both its streams, within a bound", async () => {
  const { tasks, id } = await open();
  const some = await tasks.do(id, command("echo out; echo err >&2; exit 3"));
  expect(some).toMatchObject({
    state: "failed",
    error: { code: "command_failed" },
    result: { exitCode: 3, stdout: "out\n", stderr: "err\n" },
  });
  const much = await tasks.do(
    id,
    command("i=0; while [ $i -lt 3000 ]; do echo 0123456789012345678901234567890123456789; i=$((i+1)); done"),
  );
  expect(much.result).toMatchObject({ truncated: true, exitCode: 0 });
  expect(much.result?.stdout?.length).toBe(64 * 1024);
  const late = await tasks.do(id, command("sleep 20", 1_000));
  expect(late).toMatchObject({ state: "failed", error: { code: "device_timeout" } });
});

test("does one at a time on a phone, in order, and each once however often it is ordered", async () => {
  const { tasks, id } = await open();
  const orders = ["a", "b", "c"].map((word) => ({
    task: tasks.newTask(),
    action: command(`echo ${word}+ >> /sdcard/log; sleep 0.2; echo ${word}- >> /sdcard/log`),
  }));
  for (const { task, action } of [...orders, ...orders]) await tasks.begin(id, action, { task });
  for (const { task } of orders) expect((await tasks.ended(task)).state).toBe("done");
  for (const { task, action } of orders) await tasks.begin(id, action, { task });
  expect((await log(tasks)).stdout).toBe("a+\na-\nb+\nb-\nc+\nc-\n");
});

test("gives up what has not begun, and lets end what has", async () => {
  const { tasks, id } = await open();
  const first = await tasks.begin(id, command("sleep 0.5; echo done >> /sdcard/log"));
  const second = await tasks.begin(id, command("echo never >> /sdcard/log"));
  await tasks.lab.until(() => tasks.news.find(({ task }) => task === first));
  expect((await tasks.order(id, { order: "cancel", task: second })).state).toBe("cancelled");
  expect((await tasks.order(id, { order: "cancel", task: first })).state).toBe("running");
  expect((await tasks.ended(first)).state).toBe("done");
  const unsent = tasks.newTask();
  expect((await tasks.order(id, { order: "tell", task: unsent })).state).toBe("unknown");
  expect((await tasks.order(id, { order: "cancel", task: unsent })).state).toBe("cancelled");
  await tasks.begin(id, command("echo never >> /sdcard/log"), { task: unsent });
  expect((await log(tasks)).stdout).toBe("done\n");
});

test("ends with the lease: what runs at once, what waits without beginning", async () => {
  const { tasks, id } = await open();
  const first = await tasks.begin(id, command("echo begun > /data/local/tmp/log; sleep 15"));
  const second = await tasks.begin(id, command("echo never"));
  await tasks.lab.until(() => tasks.news.find(({ task }) => task === first));
  await new Promise((resolve) => setTimeout(resolve, 300));
  await tasks.lab.term(id, { phase: "clean" });
  expect(await tasks.ended(first)).toMatchObject({ state: "failed", error: { code: "epoch_stale" } });
  expect((await tasks.ended(second)).state).toBe("stale");
  const older = await tasks.begin(id, command("echo never"), { epoch: 1 });
  expect((await tasks.ended(older)).state).toBe("stale");
});

test("fails on a phone that is lost, and refuses orders that are late or of somebody else", async () => {
  const { tasks, id } = await open();
  await expect(tasks.begin(id, command("echo x"), { notAfter: Date.now() - 1 })).rejects.toMatchObject({ code: "too_late" });
  expect(await tasks.do(id, command("echo x"), { actor: "u-2" })).toMatchObject({
    state: "failed",
    error: { code: "lease_required" },
  });
  const running = await tasks.begin(id, command("sleep 15"));
  await tasks.lab.until(() => tasks.news.find(({ task }) => task === running));
  tasks.lab.phone().setFault("drop", true);
  expect(await tasks.ended(running)).toMatchObject({ state: "failed", error: { code: "device_not_ready" } });
});

test("after a stop in the middle says interrupted, and does again only what may be done again", async () => {
  const { tasks, id } = await open();
  const { lab } = tasks;
  const slow = await tasks.begin(id, command("echo once >> /sdcard/log; sleep 15"));
  await lab.until(async () => (await log(tasks)).stdout === "once\n" || undefined, 1).catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 500));
  const done = tasks.newTask();
  const text = "a text that is set again";
  // As a crash leaves it: begun, not ended, and a line cut in the middle.
  await lab.agent.stop();
  const path = join(lab.options.dataDir, "tasks.jsonl");
  const begun = (task: string, type: string) => `${JSON.stringify({ begun: task, device: id, type, at: Date.now() })}\n`;
  const removed = tasks.newTask();
  await appendFile(path, `${begun(done, "clipboard")}${begun(removed, "remove")}{"begun":"j-`);
  expect(await readFile(path, "utf8")).toContain(slow);
  await lab.restart();
  await lab.state("ready");
  expect(await tasks.order(id, { order: "tell", task: slow })).toMatchObject({
    state: "interrupted",
    error: { code: "interrupted" },
  });
  await tasks.begin(id, command("echo twice >> /sdcard/log"), { task: slow });
  expect((await tasks.order(id, { order: "tell", task: done })).state).toBe("unknown");
  await tasks.begin(id, { type: "clipboard", text }, { task: done });
  expect((await tasks.ended(done)).state).toBe("done");
  expect(lab.phone().phone.clipboard.get()).toBe(text);
  // What the try before has removed is gone, and that is what was wished; who wishes it anew is told.
  const remove = { type: "remove", path: "/sdcard/Download/gone" } as const;
  await tasks.begin(id, remove, { task: removed });
  expect(await tasks.ended(removed)).toMatchObject({ state: "done", result: { note: expect.stringContaining("gone already") } });
  expect(await tasks.do(id, remove)).toMatchObject({ state: "failed", error: { code: "file_not_found" } });
  expect((await log(tasks)).stdout).toBe("once\n");
  await lab.restart();
  await lab.state("ready");
  expect((await tasks.order(id, { order: "tell", task: done })).state).toBe("done");
});

test("opens links of owned apps alone, for many on a fenced phone, and opens the fence after", async () => {
  const group = new GroupLab(await openLab({ models: ["v6"] }));
  await group.lend();
  const tasks = new TaskLab(group.lab);
  const id = group.leader;
  const link = (url: string) => ({ type: "link", url }) as const;
  expect(await tasks.do(id, link("bazaar://product/1"))).toMatchObject({ state: "failed", error: { code: "denied" } });
  const opened = await tasks.do(id, link("notes://note/1"), { mode: "group" });
  expect(opened).toMatchObject({ state: "done", result: { note: "opened by dev.phonerack.notes" } });
  await group.lab.until(() => group.lab.report()?.foreground?.package === "dev.phonerack.notes");
  expect(await tasks.do(id, { type: "clipboard", text: "for many" }, { mode: "group" })).toMatchObject({ state: "done" });
  await group.lab.until(() => group.lab.report()?.fence === undefined);
  // By hand somebody else's app may be in front; for many the fence sends it away first.
  await group.lab.phone().run("am start -n com.example.bazaar/.MainActivity");
  await group.lab.until(() => group.lab.report()?.foreground?.package === "com.example.bazaar");
  expect(await tasks.do(id, { type: "clipboard", text: "by hand" })).toMatchObject({ state: "done" });
  expect(group.lab.report()?.foreground?.package).toBe("com.example.bazaar");
  expect(await tasks.do(id, { type: "clipboard", text: "for many" }, { mode: "script" })).toMatchObject({ state: "done" });
  expect(group.lab.phone().phone.foreground?.component.package).not.toBe("com.example.bazaar");
});

test("restarts a phone, and ends when it is ready again", async () => {
  const { tasks, id } = await open();
  expect(await tasks.do(id, { type: "reboot" })).toMatchObject({ state: "done" });
  expect(tasks.lab.report()?.state).toBe("ready");
});
