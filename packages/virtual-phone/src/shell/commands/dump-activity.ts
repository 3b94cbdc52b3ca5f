/** dumpsys activity: activities, top, recents, services, processes. */
import type { ActivityRecord, Task } from "../../phone/activity-record.js";
import { describeIntent, shortComponent } from "../../phone/intent.js";
import type { Phone } from "../../phone/phone.js";
import { activityText } from "./focus.js";
import { ownerName } from "./owners.js";

/** @param args what stands after `dumpsys activity`. */
export function dumpActivity(phone: Phone, args: readonly string[]): string[] {
  const [section, ...rest] = args.filter((arg) => arg !== "-a" && arg !== "-p");
  switch (section) {
    case undefined:
      return [...activities(phone), "", ...recents(phone), "", ...services(phone, []), "", ...processes(phone)];
    case "activities":
    case "a":
    case "containers":
    case "starter":
      return activities(phone);
    case "top":
      return top(phone);
    case "recents":
    case "r":
      return recents(phone);
    case "services":
    case "service":
    case "s":
      return services(phone, rest);
    case "processes":
    case "p":
    case "oom":
    case "o":
    case "lru":
      return processes(phone);
    case "broadcasts":
    case "b":
      return ["ACTIVITY MANAGER BROADCAST STATE (dumpsys activity broadcasts)"];
    case "intents":
    case "i":
      return ["ACTIVITY MANAGER PENDING INTENTS (dumpsys activity intents)", "  (nothing)"];
    case "providers":
      return ["ACTIVITY MANAGER CONTENT PROVIDERS (dumpsys activity providers)", "  (nothing)"];
    case "lastanr":
      return ["ACTIVITY MANAGER LAST ANR (dumpsys activity lastanr)", "  <no ANR has occurred since boot>"];
    default:
      return [`Bad activity command, or no activities match: ${section}`, "Use -h for help."];
  }
}

function taskText(phone: Phone, task: Task): string {
  const hash = (task.id * 7919 + 0x1000000).toString(16);
  const { sdk } = phone.model;
  if (sdk < 30) return `TaskRecord{${hash} #${task.id} A=${task.affinity} U=0 StackId=${task.id} sz=${task.activities.length}}`;
  const uid = phone.packages.get(task.affinity)?.uid ?? 10_000;
  const visible = phone.activities.visible?.taskId === task.id;
  return `Task{${hash} #${task.id} type=${task.home ? "home" : "standard"} A=${uid}:${task.affinity} U=0 visible=${visible} visibleRequested=${visible} mode=fullscreen translucent=${!visible} sz=${task.activities.length}}`;
}

function history(phone: Phone, record: ActivityRecord, index: number): string[] {
  const process = phone.processes.get(record.pid);
  const uid = phone.packages.get(record.component.package)?.uid ?? 10_000;
  return [
    `      * Hist #${index}: ${activityText(record)}`,
    `          packageName=${record.component.package} processName=${record.component.package}`,
    `          launchedFromUid=1000 launchedFromPackage=android userId=0`,
    `          app=${process ? `ProcessRecord{${process.pid.toString(16)} ${process.pid}:${process.name}/${ownerName(uid).replace("_", "")}}` : "null"}`,
    `          Intent { ${describeIntent(record.intent)
      .replace(/^Intent /, "")
      .replace(/^\{ ?| ?\}$/g, "")} }`,
    `          frontOfTask=${index === 0} task=${taskText(phone, phone.activities.tasks().find(({ id }) => id === record.taskId) ?? { id: record.taskId, affinity: "", home: false, activities: [] })}`,
    `          taskAffinity=${record.component.package}`,
    `          mActivityComponent=${shortComponent(record.component)}`,
    `          state=${record.state.toUpperCase()} finishing=false`,
    `          visible=${record === phone.activities.visible} sleeping=${!phone.power.interactive} idle=true`,
  ];
}

function activities(phone: Phone): string[] {
  const { sdk } = phone.model;
  const { resumed } = phone.activities;
  const lines = ["ACTIVITY MANAGER ACTIVITIES (dumpsys activity activities)", "Display #0 (activities from top to bottom):"];
  for (const task of phone.activities.tasks()) {
    lines.push(
      sdk >= 30 ? `  * ${taskText(phone, task)}` : `  Stack #${task.id}: type=${task.home ? "home" : "standard"} mode=fullscreen`,
    );
    if (sdk < 30) lines.push(`    * ${taskText(phone, task)}`);
    for (let index = task.activities.length - 1; index >= 0; index--) {
      const record = task.activities[index];
      if (record) lines.push(...history(phone, record, index));
    }
    const front = task.activities.at(-1);
    if (front && front === resumed)
      lines.push(
        "",
        sdk >= 31 ? `    mResumedActivity: ${activityText(front)}` : `    mResumedActivity: ${activityText(front)}`,
        `    mLastPausedActivity: ${activityText(front)}`,
      );
  }
  const text = resumed ? activityText(resumed) : "null";
  if (sdk >= 31) lines.push("", `  topResumedActivity=${text}`, `  ResumedActivity: ${text}`);
  else lines.push("", `  ResumedActivity: ${text}`);
  const front = phone.activities.visible;
  if (front) lines.push(`  mFocusedApp=${activityText(front)}`);
  return [
    ...lines,
    `  mSleeping=${!phone.power.interactive}`,
    `  KeyguardController:`,
    `    mKeyguardShowing=${phone.power.locked}`,
    "    mAodShowing=false",
    "    mKeyguardGoingAway=false",
  ];
}

function top(phone: Phone): string[] {
  const record = phone.activities.visible;
  if (!record) return [];
  const uid = phone.packages.get(record.component.package)?.uid ?? 0;
  return [
    `TASK ${record.component.package} id=${record.taskId} userId=0`,
    `  ACTIVITY ${shortComponent(record.component)} ${record.token.toString(16)} pid=${record.pid} userId=0 uid=${uid}`,
    "    Local Activity:",
    `      mResumed=${record.state === "resumed"} mStopped=${record.state === "stopped"} mFinished=false`,
    "      mIsInMultiWindowMode=false mIsInPictureInPictureMode=false",
  ];
}

function recents(phone: Phone): string[] {
  const lines = ["ACTIVITY MANAGER RECENT TASKS (dumpsys activity recents)", "  Recent tasks:"];
  phone.activities.recents().forEach((task, index) => {
    const root = task.activities[0];
    lines.push(`  * Recent #${index}: ${taskText(phone, task)}`);
    if (root)
      lines.push(
        `    userId=0 effectiveUid=u0a${(phone.packages.get(task.affinity)?.uid ?? 10_000) - 10_000}`,
        `    realActivity={${shortComponent(root.component)}}`,
        `    lastActiveTime=${phone.uptime}`,
      );
  });
  return lines;
}

/** Apps here have no services apart from their process: a package that runs counts as one in the foreground, any other as none. */
function services(phone: Phone, [name]: readonly string[]): string[] {
  if (name !== undefined) {
    const [running] = phone.processes.ofPackage(name.split("/")[0] ?? name);
    if (!running) return ["ACTIVITY MANAGER SERVICES (dumpsys activity services)", "  (nothing)"];
    const hash = running.pid.toString(16);
    return [
      "ACTIVITY MANAGER SERVICES (dumpsys activity services)",
      `  User 0 active services:`,
      `  * ServiceRecord{${hash} u0 ${name.includes("/") ? name : `${name}/.ForegroundService`}}`,
      `    packageName=${running.package}`,
      `    app=ProcessRecord{${hash} ${running.pid}:${running.name}}`,
      "    isForeground=true foregroundId=1",
    ];
  }
  return ["ACTIVITY MANAGER SERVICES (dumpsys activity services)", "  (nothing)"];
}

function processes(phone: Phone): string[] {
  const lines = ["ACTIVITY MANAGER RUNNING PROCESSES (dumpsys activity processes)", "  All known processes:"];
  for (const process of phone.processes.list()) {
    if (!process.package) continue;
    lines.push(
      `  *APP* UID ${process.uid} ProcessRecord{${process.pid.toString(16)} ${process.pid}:${process.name}/${ownerName(process.uid).replace("_", "")}}`,
      `    user #0 uid=${process.uid}`,
      `    pid=${process.pid}`,
    );
  }
  return lines;
}
