import { PhonerackError } from "@phonerack/contract/bus";
import { expect, test } from "vitest";
import { PhoneLink } from "../transports/link.js";
import { openEventStream } from "./event-stream.js";

const LINE = "11-24 02:13:19.123  1000  1234  1250 I wm_set_resumed_activity: [0,a.b/.C,reason]\n";

/** A phone whose logcat prints these chunks and then stays silent. */
function printing(chunks: readonly string[]): PhoneLink {
  const left = chunks.map((chunk) => Buffer.from(chunk, "latin1"));
  const link: PhoneLink = new PhoneLink({
    shellV2: true,
    connect: async () => ({
      read: async () => left.shift() ?? new Promise<undefined>((end) => link.life.onEnd(() => end(undefined))),
      write: async () => undefined,
      close: () => undefined,
    }),
    close: () => undefined,
  });
  return link;
}

const GARBAGE = "\u00a5garbage\n".repeat(2_000);

test("reads events across chunks, and past lines that are none", async () => {
  const seen: unknown[] = [];
  const link = printing(["--------- beginning of events\n", LINE.slice(0, 30), LINE.slice(30), "x".repeat(10_000), `\n${LINE}`]);
  await openEventStream(link, (event) => seen.push(event));
  await new Promise(setImmediate);
  expect(seen).toHaveLength(2);
  expect(link.life.ended).toBeUndefined();
});

test("lets a log go on whose lines are many and not of ours", async () => {
  const foreign = "11-24 02:13:19.123 10123  1  1 I am_pss: [1]\n".repeat(500);
  const link = printing(Array.from({ length: 8 }, () => foreign));
  await openEventStream(link, () => undefined);
  await new Promise(setImmediate);
  expect(link.life.ended).toBeUndefined();
});

test("ends the connection to a phone whose event log is no log", async () => {
  const link = printing(Array.from({ length: 8 }, () => GARBAGE));
  const events = await openEventStream(link, () => undefined);
  await events.ended;
  expect(link.life.ended).toEqual(new PhonerackError("phone_protocol", "its event log is no log"));
});
