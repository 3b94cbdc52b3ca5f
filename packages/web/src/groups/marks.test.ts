import { describe, expect, test } from "vitest";
import { sampleDevice } from "../live/sample-device.js";
import { marksOf } from "./marks.js";
import { sampleGroup, sampleMember } from "./sample-group.js";

const words = { member: ({ name }: { name: string }, state: string) => `${name}: ${state}` };

describe("tiles on the wall", () => {
  test("say who leads, who follows, who is astray and why; nothing of who is out", () => {
    const { members: _, steps: __, ...head } = sampleGroup();
    const members = [
      sampleMember({ deviceId: "d-0000" }),
      sampleMember({ deviceId: "d-0001" }),
      sampleMember({ deviceId: "d-0002", state: "stray", reason: "shows Settings, the leader Notes" }),
      sampleMember({ deviceId: "d-0003", state: "dropped", reason: "dropped by Ann" }),
    ];
    expect([...marksOf([{ head, members }], [], words)]).toEqual([
      ["d-0000", { kind: "leader", words: "Notes 2.4: leads" }],
      ["d-0001", { kind: "followed", words: "Notes 2.4: followed" }],
      ["d-0002", { kind: "stray", words: "shows Settings, the leader Notes" }],
    ]);
  });

  test("say what was denied by hand while that app is in front", () => {
    const denials = { count: 1, last: "bazaar is not yours.", at: 0 };
    const foreground = { package: "com.example.bazaar", activity: ".Shop", standing: "other" as const };
    const marks = marksOf(
      [],
      [sampleDevice({ id: "d-0001", denials, foreground }), sampleDevice({ id: "d-0002", denials })],
      words,
    );
    expect([...marks]).toEqual([["d-0001", { kind: "denied", words: "bazaar is not yours." }]]);
  });
});
