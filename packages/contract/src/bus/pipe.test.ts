import fc from "fast-check";
import { expect, test } from "vitest";
import { PhonerackError } from "../errors.js";
import type { Bus } from "./bus.js";
import { createInProcessBus } from "./in-process.js";
import { acceptPipes, openPipe } from "./open-pipe.js";
import { PIPE_WINDOW, Pipe } from "./pipe.js";

const ORDER = {
  deviceId: "d-one",
  epoch: 1,
  actor: "u-1",
  mode: "unicast",
  notAfter: 0,
  service: { type: "shell", command: null, terminal: null, agreed: false },
} as const;

/** Opens a pipe whose agent's end is handed over. */
async function both(bus: Bus = createInProcessBus()): Promise<{ control: Pipe; agent: Pipe; bus: Bus; done: () => void }> {
  let agent: Pipe | undefined;
  let done: () => void = () => {};
  const serving = new Promise<void>((resolve) => {
    done = resolve;
  });
  acceptPipes(bus, "a1", async () => (pipe) => {
    agent = pipe;
    return serving;
  });
  const control = await openPipe(bus, "a1", ORDER);
  if (!agent) throw new Error("no agent's end");
  return { control, agent, bus, done };
}

async function all(pipe: Pipe): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for (let frame = await pipe.read(); frame; frame = await pipe.read()) if (frame.kind !== "message") parts.push(frame.bytes);
  return Buffer.concat(parts);
}

test("carries all bytes both ways, in order, whatever pieces they come in", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 300_000 }), { maxLength: 12 }), async (pieces) => {
      const { control, agent, done } = await both();
      const up = all(agent);
      const down = all(control);
      for (const piece of pieces) {
        void control.write(piece).catch(() => undefined);
        void agent.write(piece).catch(() => undefined);
      }
      done();
      control.finish();
      const whole = Buffer.concat(pieces);
      expect((await up).equals(whole)).toBe(true);
      expect((await down).equals(whole) || control.ended !== undefined).toBe(true);
    }),
    { numRuns: 30 },
  );
});

test("sends no more than the reader has room for", async () => {
  const { control, agent } = await both();
  let sent = 0;
  const writing = (async () => {
    for (let n = 0; n < 40; n++) {
      await control.write(new Uint8Array(100_000));
      sent += 100_000;
    }
  })();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(sent).toBeLessThanOrEqual(PIPE_WINDOW);
  const read = all(agent);
  await writing;
  control.finish();
  expect((await read).length).toBe(4_000_000);
});

test("ends on both sides with the same word, after what was written before", async () => {
  const { control, agent } = await both();
  void agent.write(Buffer.from("last words"));
  agent.finish({ exitCode: 3 });
  expect((await all(control)).toString()).toBe("last words");
  expect(await control.over).toEqual({ exitCode: 3 });
  await expect(control.write(Buffer.from("x"))).rejects.toMatchObject({ code: "pipe_broken" });
});

test("tells the asker why it was refused, and leaves nothing open", async () => {
  const bus = createInProcessBus();
  acceptPipes(bus, "a1", async () => {
    throw new PhonerackError("epoch_stale");
  });
  await expect(openPipe(bus, "a1", ORDER)).rejects.toMatchObject({ code: "epoch_stale" });
});

test("ends when a part was lost on the way, rather than be taken for whole", async () => {
  const bus = createInProcessBus();
  let frames = 0;
  const lossy: Bus = {
    publish: (subject, payload) => {
      if (subject.startsWith("bulk.from") && payload[0] === 1 && ++frames === 3) return;
      bus.publish(subject, payload);
    },
    subscribe: (subject, handler) => bus.subscribe(subject, handler),
    request: (subject, payload, options) => bus.request(subject, payload, options),
    onRestored: (listener) => bus.onRestored(listener),
    closed: bus.closed,
    stop: () => bus.stop(),
  };
  const { control, agent } = await both(lossy);
  void agent.write(new Uint8Array(700_000)).catch(() => undefined);
  await all(control);
  expect((await control.over).error?.code).toBe("pipe_broken");
  expect((await agent.over).error?.code).toBe("pipe_broken");
});

test("ends when the other side sends more than it was granted, or what is no pipe's", async () => {
  const bus = createInProcessBus();
  const frame = (kind: number, seq: number, bytes: number) => {
    const made = new Uint8Array(8 + bytes);
    made[0] = kind;
    new DataView(made.buffer).setUint32(4, seq);
    return made;
  };
  for (const bad of [frame(1, 0, 2_000_000), frame(9, 0, 0), frame(3, 0, 4), new Uint8Array(3), frame(1, 7, 1)]) {
    const pipe = new Pipe({ bus, sendOn: "bulk.x.out", hearOn: "bulk.x.in" });
    pipe.grant();
    bus.publish("bulk.x.in", bad);
    expect((await pipe.over).error?.code).toBe("pipe_broken");
  }
});
