/** What runs as the shell user: everything that was started over ADB, also what was told to outlive it. */
import type { Answers, Question } from "./ask.js";

export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly user: string;
  /** One letter, Linux's: T is stopped. "" where the phone does not say. */
  readonly state: string;
  readonly args: string;
}

export interface Running {
  /** Our own shell's. */
  readonly self: number;
  /** adbd's, or what stands between it and our shell. */
  readonly adbd: number;
  readonly list: readonly Process[];
}

/** The shell itself says who its parent is: a name such as "adbd" anybody can take. */
export const PROCESSES: Question = {
  name: "processes",
  command: "echo $$ $PPID; ps -A -o PID,PPID,USER,S,ARGS 2>/dev/null || ps -A 2>/dev/null || ps",
};

/** What the agent itself keeps running on a phone: its event log, its pictures and hands, and questions such as this one. */
const OURS = [
  /(^|\/|\s)logcat -b events -v uid -T 1$/,
  /(^|\s)com\.genymobile\.scrcpy\.Server \S+ scid=[0-9a-f]{8} log_level=info tunnel_forward=true cleanup=false/,
  /(^|\/)sh -c .*@phonerack[-:]/,
];

/** null when the phone does not tell. */
export function readProcesses(answers: Answers): Running | null {
  const lines = answers.get(PROCESSES.name)?.text.split("\n") ?? [];
  const [, self, adbd] = /^(\d+) (\d+)\s*$/.exec(lines[0] ?? "") ?? [];
  const header = (lines[1] ?? "").trim().split(/\s+/);
  const [pid, parent, user, state] = ["PID", "PPID", "USER", "S"].map((title) => header.indexOf(title));
  if (self === undefined || adbd === undefined || pid === undefined || pid < 0 || parent === undefined || parent < 0) return null;
  if (user === undefined || user < 0) return null;
  const list: Process[] = [];
  for (const line of lines.slice(2)) {
    const cells = line.trim().split(/\s+/);
    const one = {
      pid: Number(cells[pid]),
      parent: Number(cells[parent]),
      user: cells[user] ?? "",
      state: state === undefined || state < 0 ? "" : (cells[state] ?? ""),
      args: cells.slice(header.length - 1).join(" "),
    };
    if (Number.isInteger(one.pid) && Number.isInteger(one.parent) && one.pid > 0 && one.state !== "Z") list.push(one);
  }
  return list.some((one) => one.pid === Number(adbd)) ? { self: Number(self), adbd: Number(adbd), list } : null;
}

const likeOurs = ({ args }: Process): boolean => OURS.some((pattern) => pattern.test(args));

/** Processes of the shell user that are neither the system's nor ours. `ours` is asked about those that adbd has started. */
export function strangers({ self, adbd, list }: Running, ours: (one: Process) => boolean = likeOurs): Process[] {
  const byPid = new Map(list.map((one) => [one.pid, one]));
  const spared = (one: Process): boolean => {
    // adbd runs as the shell user too, and Android's own app "Shell" is a child of zygote, which is root's: nobody can pretend that.
    if (one.pid === adbd) return true;
    const above = byPid.get(one.parent);
    if (above?.user === "root" && above.args.startsWith("zygote")) return true;
    for (let at: Process | undefined = one, steps = 0; at && steps < 100; at = byPid.get(at.parent), steps++) {
      if (at.pid === self) return true;
      if (at.parent === adbd && ours(at)) return true;
    }
    return false;
  };
  return list.filter((one) => (one.user === "shell" || one.user === "2000") && !spared(one));
}

/** Ends them, and asks again. First all are stopped, so that none starts another while its brothers die. */
export function killing(found: readonly Process[]): Question {
  const pids = found
    .slice(0, 1_500)
    .map(({ pid }) => pid)
    .join(" ");
  return { ...PROCESSES, command: `kill -STOP ${pids} 2>/dev/null; kill -KILL ${pids} 2>/dev/null; ${PROCESSES.command}` };
}
