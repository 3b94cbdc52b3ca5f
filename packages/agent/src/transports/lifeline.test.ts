import { setTimeout as sleep } from "node:timers/promises";
import { PhonerackError } from "@phonerack/contract/bus";
import { expect, test } from "vitest";
import { Lifeline } from "./lifeline.js";

const GONE = new PhonerackError("device_not_ready", "unplugged");

test("gives the answer, the failure, the time-out in words or the end, whichever is first", async () => {
  const life = new Lifeline();
  const never = new Promise<string>(() => undefined);
  expect(await life.guard(Promise.resolve("yes"), 1_000, "asking")).toBe("yes");
  await expect(life.guard(Promise.reject(new Error("no")), 1_000, "asking")).rejects.toThrow("no");
  await expect(life.guard(never, 20, "asking")).rejects.toMatchObject({
    code: "device_timeout",
    detail: "asking: no answer within 0 s",
  });
  const waiting = life.guard(never, 10_000, "asking");
  life.end(GONE);
  await expect(waiting).rejects.toBe(GONE);
});

test("tells the end once, with its first reason, also to who asks later", () => {
  const life = new Lifeline();
  const heard: PhonerackError[] = [];
  life.onEnd((end) => heard.push(end));
  life.onEnd((end) => heard.push(end))();
  life.end(GONE);
  life.end(new PhonerackError("internal"));
  life.onEnd((end) => heard.push(end));
  expect(heard).toEqual([GONE, GONE]);
  expect(life.ended).toBe(GONE);
});

test("calls a failure that the end brought about by the end's name", async () => {
  const life = new Lifeline();
  const broken = sleep(5).then(() => {
    life.end(GONE);
    throw new Error("socket closed");
  });
  await expect(life.guard(broken, 1_000, "asking")).rejects.toBe(GONE);
});
