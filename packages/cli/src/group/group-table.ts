/** Groups, their members and how steps went, for people. */
import type { Device, Group, GroupMember, StepRecord } from "@phonerack/contract/api";
import type { GroupItem } from "../api/groups.js";
import { clock } from "../lease/times.js";
import { table } from "../table.js";

const STEPS_SHOWN = 5;
const MEMBERS_SHOWN = 50;

export type NameOf = (deviceId: string) => string;

export function namesOf(devices: readonly Device[]): NameOf {
  const names = new Map(devices.map(({ id, name }) => [id, name]));
  return (id) => names.get(id) ?? id;
}

/** Ends with a line break; says so in words when there are none. */
export function groupTable(groups: readonly GroupItem[]): string {
  if (groups.length === 0) return "No groups. 'phonerack group start --lease ID' makes one of a lease's phones.\n";
  return table(
    [
      ["ID", ({ id }) => id],
      ["NAME", ({ name }) => name || "-"],
      ["WHO", ({ actorName }) => actorName],
      ["PHONES", ({ size }) => String(size)],
      ["AIM", ({ aim }) => aim],
      ["SINCE", ({ createdAt }) => clock(createdAt)],
      ["STATE", stateOf],
    ],
    groups,
  );
}

function stateOf({ endedAt, endReason, paused, mode, recording }: Omit<Group, "members" | "steps">): string {
  if (endedAt !== null) return `ended: ${endReason ?? "over"}`;
  const words = [
    mode === "replay" ? "replays a flow" : undefined,
    paused ? "paused" : undefined,
    recording ? "records" : undefined,
  ];
  return words.filter((word) => word !== undefined).join(", ") || "driven";
}

/** What it is in a line, how many are how, the last steps, and everyone who does not follow. */
export function groupStatus(group: Group, nameOf: NameOf): string {
  const { id, name, aim, leader, members, steps } = group;
  const head = `${name ? `${name} (${id})` : id}: ${members.length} phones, ${nameOf(leader)} leads, aims by ${aim}, ${stateOf(group)}`;
  const counts = countsOf(members.map(({ state }) => state));
  const others = members.filter(({ state }) => state !== "followed");
  const strays = others.length === 0 ? "" : `\n${memberTable(others.slice(0, MEMBERS_SHOWN), nameOf)}${more(others.length)}`;
  const last = steps.slice(-STEPS_SHOWN);
  const ledger = last.length === 0 ? "" : `\n${table(STEP_COLUMNS, last)}`;
  return `${head}\n${counts}\n${ledger}${strays}`;
}

const STEP_COLUMNS: readonly (readonly [string, (step: StepRecord) => string])[] = [
  ["STEP", ({ seq }) => String(seq)],
  ["WHAT", ({ words }) => words],
  ["HOW IT WENT", outcomes],
];

function memberTable(members: readonly GroupMember[], nameOf: NameOf): string {
  return table(
    [
      ["PHONE", ({ deviceId }) => nameOf(deviceId)],
      ["STATE", ({ state }) => state],
      ["WHY", ({ reason }) => reason ?? ""],
    ],
    members,
  );
}

function more(count: number): string {
  return count > MEMBERS_SHOWN ? `and ${count - MEMBERS_SHOWN} more\n` : "";
}

/** `18 applied, 1 denied, 1 late (312 ms)`. */
export function outcomes({ counts, waiting, ms }: StepRecord): string {
  const words = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([outcome, count]) => `${count} ${outcome}`);
  if (waiting > 0) words.push(`${waiting} not answered yet`);
  return `${words.join(", ") || "nobody"}${ms === null ? "" : ` (${Math.round(ms)} ms)`}`;
}

/** One line, and one for each of those that did not take it. */
export function stepWords(record: StepRecord, nameOf: NameOf): string {
  const lines = record.answers.map(({ deviceId, outcome, error }) => {
    const why = error ? (error.detail ?? error.message) : "";
    return `  ${nameOf(deviceId)}: ${outcome}${why ? `, ${why}` : ""}`;
  });
  return [`${record.words}: ${outcomes(record)}`, ...lines].join("\n");
}

function countsOf(states: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const state of states) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].map(([state, count]) => `${count} ${state}`).join(", ");
}
