import type { FromBrowser, ToBrowser } from "@phonerack/contract/api";
import { describe, expect, test, vi } from "vitest";
import type { LiveListener } from "../live/connection.js";
import { GroupStore } from "./group-store.js";
import { sampleGroup, sampleMember, sampleStep } from "./sample-group.js";

function connected() {
  const sent: FromBrowser[] = [];
  const listeners: LiveListener[] = [];
  const connection = {
    send: (message: FromBrowser) => {
      sent.push(message);
      return true;
    },
    listen: (listener: LiveListener) => {
      listeners.push(listener);
      return () => undefined;
    },
  };
  let now = 1_000;
  const store = new GroupStore(connection, () => now);
  return {
    sent,
    store,
    tell: (message: ToBrowser) => {
      for (const each of listeners) each.message?.(message);
    },
    open: () => {
      for (const each of listeners) each.opened?.();
    },
    later: (ms: number) => (now += ms),
  };
}

const { members, steps: _, ...head } = sampleGroup();
const id = head.id;
const whole: ToBrowser = { type: "group", id, group: head, members, steps: [sampleStep()] };

describe("a followed group", () => {
  test("is asked for once, however many follow, and left when the last one leaves", () => {
    const { store, sent } = connected();
    const [first, second] = [store.follow(id), store.follow(id)];
    expect(sent).toEqual([{ type: "group", id, follow: true }]);
    first();
    first();
    expect(sent).toHaveLength(1);
    second();
    expect(sent.at(-1)).toEqual({ type: "group", id, follow: false });
  });

  test("is asked for anew when the connection is back", () => {
    const { store, sent, open } = connected();
    store.follow(id);
    open();
    expect(sent).toHaveLength(2);
  });

  test("tells only those who show what changed", () => {
    const { store, tell } = connected();
    store.follow(id);
    tell(whole);
    const told = { head: vi.fn(), members: vi.fn(), steps: vi.fn(), one: vi.fn(), other: vi.fn() };
    for (const part of ["head", "members", "steps"] as const) store.subscribe(id, part, told[part]);
    store.subscribeToMember(id, "d-0001", told.one);
    store.subscribeToMember(id, "d-0002", told.other);
    tell({ type: "group", id, members: [sampleMember({ deviceId: "d-0001", state: "stray", reason: "shows Settings" })] });
    expect(Object.values(told).map(({ mock }) => mock.calls.length)).toEqual([0, 1, 0, 1, 0]);
    expect(store.member(id, "d-0001")?.state).toBe("stray");
    expect(store.members(id)).toHaveLength(3);
  });

  test("keeps its ledger in order, the newer of two records with one number, and 200 at most", () => {
    const { store, tell } = connected();
    store.follow(id);
    tell({ type: "group", id, steps: [sampleStep({ seq: 2 }), sampleStep({ seq: 1, waiting: 3 })] });
    tell({ type: "group", id, steps: [sampleStep({ seq: 1, waiting: 0 })] });
    expect(store.steps(id).map(({ seq, waiting }) => [seq, waiting])).toEqual([
      [1, 0],
      [2, 0],
    ]);
    tell({ type: "group", id, steps: Array.from({ length: 250 }, (__, at) => sampleStep({ seq: at + 3 })) });
    expect(store.steps(id)).toHaveLength(200);
    expect(store.steps(id).at(-1)?.seq).toBe(252);
  });

  test("does not fall back to what the API answered before", () => {
    const { store, tell } = connected();
    store.follow(id);
    tell({ ...whole, group: { ...head, paused: true } });
    store.seed(sampleGroup());
    expect(store.head(id)?.paused).toBe(true);
  });

  test("knows since when it is recorded only if the recording began before its eyes", () => {
    const { store, tell, later } = connected();
    store.follow(id);
    tell({ type: "group", id, group: { ...head, recording: true } });
    expect(store.recordingSince(id)).toBeUndefined();
    tell({ type: "group", id, group: head });
    later(500);
    tell({ type: "group", id, group: { ...head, recording: true } });
    later(500);
    tell({ type: "group", id, group: { ...head, recording: true } });
    expect(store.recordingSince(id)).toBe(1_500);
  });

  test("hears nothing of a group that was left", () => {
    const { store, tell } = connected();
    store.follow(id)();
    tell(whole);
    expect(store.head(id)).toBeUndefined();
  });
});
