import type { LogStatus } from "@phonerack/contract/api";
import { expect, test } from "vitest";
import { statusWords } from "./status-words.js";

const STATUS: LogStatus = {
  origin: "lab.example/1a2b3c4d",
  vkey: "lab.example/1a2b3c4d+5e6f7a8b+AQID",
  size: 812,
  checkpoint: { size: 800, root: "", at: Date.UTC(2026, 0, 2), note: "" },
  appends: true,
  reason: null,
  witnesses: [
    { url: "http://w", vkey: "w", name: "w.example", state: "good", reason: null, size: 800, at: 1 },
    { url: "http://e", vkey: "e", name: "evil\u001b[2J", state: "away", reason: "it answered 500", size: null, at: null },
  ],
  kinds: { change: 12, decision: 800 },
  denials: [0, 1, 4, 8, 0].map((count, hour) => ({ hour, count })),
  behind: [{ agent: "rack-1", lines: 40, waited: 12_400, writes: false }],
};

test("says all that the log says of itself, and nothing that a terminal obeys", () => {
  expect(statusWords(STATUS).split("\n")).toEqual([
    "lab.example/1a2b3c4d: 812 leaves",
    "  lab.example/1a2b3c4d+5e6f7a8b+AQID",
    "  signed at 800 leaves, 2026-01-02T00:00:00.000Z",
    "  12 change, 800 decision",
    "  denied in the last 5 hours: 13 \u00b7\u2581\u2584\u2588\u00b7",
    "  witness w.example: good",
    "  witness evil\\u{1b}[2J: away (it answered 500)",
    "  agent rack-1: cannot write its decisions down and refuses inputs; 40 decisions wait, for 12 s",
  ]);
});

test("says why nothing is appended, and that nothing is signed yet", () => {
  const words = statusWords({
    ...STATUS,
    appends: false,
    reason: "full tiles cannot be stored",
    checkpoint: null,
    behind: [],
    kinds: {},
  });
  expect(words).toContain("812 leaves; nothing is appended: full tiles cannot be stored");
  expect(words).toContain("not signed yet");
});
