/** Artifacts, recordings and retention for people. */
import type { Artifact, Recording, Retention } from "@phonerack/contract/api";
import { clock } from "../lease/times.js";
import { table } from "../table.js";

const COLUMNS: readonly [title: string, cell: (artifact: Artifact) => string][] = [
  ["ID", ({ id }) => id],
  ["KIND", ({ kind, state }) => (state === "kept" ? kind : `${kind} (${state})`)],
  ["NAME", ({ name }) => name],
  ["SIZE", ({ size }) => bytes(size)],
  ["LENGTH", ({ ms }) => (ms === null ? "" : duration(ms))],
  ["FROM", ({ createdAt }) => clock(createdAt)],
  ["UNTIL", ({ expiresAt }) => (expiresAt === null ? "for good" : clock(expiresAt))],
];

/** Ends with a line break; says so in words when there are none. */
export function artifactTable(artifacts: readonly Artifact[]): string {
  if (artifacts.length === 0) return "No artifacts. 'phonerack record start DEVICE' records one that you hold.\n";
  return table(COLUMNS, artifacts);
}

export function artifactLine({ id, name, size, ms }: Artifact): string {
  return `${id}: ${name}, ${ms === null ? "" : `${duration(ms)}, `}${bytes(size)}`;
}

export function recordingWords({ running, keeping, stopped }: Recording): string {
  const words = [];
  if (running) {
    const sound = running.sound ? ", with sound" : "";
    words.push(`records ${running.artifact} since ${clock(running.since)}, ${bytes(running.bytes)}${sound}`);
  }
  if (keeping) words.push(`keeps the last ${keeping.seconds} s (${duration(keeping.haveMs)} by now)`);
  if (stopped && !running) words.push(`a recording ended by itself at ${clock(stopped.at)}: ${stopped.why}`);
  return words.length === 0 ? "not recorded" : words.join("\n");
}

export function retentionWords({ days, bytes: room, usedBytes }: Retention & { usedBytes: number }): string {
  const time = days === null ? "artifacts stay until somebody removes them" : `artifacts stay ${days} days`;
  return `${time}; ${bytes(usedBytes)} used${room === null ? "" : ` of ${bytes(room)}`}`;
}

const UNITS = ["B", "kB", "MB", "GB", "TB"] as const;

export function bytes(count: number): string {
  let at = 0;
  let value = count;
  for (; value >= 1_000 && at < UNITS.length - 1; at++) value /= 1_000;
  return `${at === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[at]}`;
}

function duration(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  return `${h > 0 ? `${h}:${String(m).padStart(2, "0")}` : m}:${String(s).padStart(2, "0")}`;
}
