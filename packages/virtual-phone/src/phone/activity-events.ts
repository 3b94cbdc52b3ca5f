/**
 * What system_server and the apps write to the events buffer when activities move. Names and fields follow the platform's
 * EventLogTags.logtags: `am_*` up to API 29, `wm_*` from 30 (the activity manager's half moved to the window manager then).
 * https://android.googlesource.com/platform/frameworks/base/+/refs/tags/android-11.0.0_r1/services/core/java/com/android/server/wm/EventLogTags.logtags
 */
import type { AppCrash } from "./app-errors.js";
import { type Component, longComponent, shortComponent } from "./intent.js";
import type { Logcat } from "./logcat.js";
import { type Process, type Processes, UID } from "./processes.js";

/** ApplicationInfo.flags of an ordinary app. */
const APP_FLAGS = 0x38a8be44;

export interface EventSubject {
  readonly token: number;
  readonly taskId: number;
  readonly component: Component;
}

export class ActivityEvents {
  readonly #sdk: number;
  readonly #logcat: Logcat;
  readonly #processes: Processes;

  constructor(parts: { sdk: number; logcat: Logcat; processes: Processes }) {
    this.#sdk = parts.sdk;
    this.#logcat = parts.logcat;
    this.#processes = parts.processes;
  }

  taskCreated(taskId: number): void {
    this.#system("create_task", this.#sdk >= 34 ? [0, taskId, taskId, 0] : [0, taskId]);
  }

  taskToFront(taskId: number): void {
    this.#system("task_to_front", this.#sdk >= 34 ? [0, taskId, 0] : [0, taskId]);
  }

  taskRemoved(taskId: number): void {
    if (this.#sdk >= 30) this.#system("remove_task", this.#sdk >= 34 ? [taskId, taskId, 0, "remove-task"] : [taskId, taskId]);
  }

  activityCreated(subject: EventSubject, action: string | undefined, flags: number): void {
    const { token, taskId, component } = subject;
    this.#system("create_activity", [0, token, taskId, shortComponent(component), action ?? "NULL", "NULL", "NULL", flags]);
  }

  newIntent(subject: EventSubject, action: string | undefined, flags: number): void {
    const { token, taskId, component } = subject;
    this.#system("new_intent", [0, token, taskId, shortComponent(component), action ?? "NULL", "NULL", "NULL", flags]);
  }

  paused(subject: EventSubject, pid: number): void {
    const { token, component } = subject;
    const more = this.#sdk >= 31 ? ["pauseBackTasks"] : [];
    this.#system("pause_activity", [0, token, shortComponent(component), "userLeaving=true", ...more]);
    this.#app(pid, "on_paused_called", [this.#who(token), component.activity, "performPause"]);
  }

  /** @param cold its process or activity had to be made first. */
  resumed(subject: EventSubject, pid: number, cold: boolean): void {
    const { token, taskId, component } = subject;
    const name = shortComponent(component);
    this.#system(cold ? "restart_activity" : "resume_activity", [0, token, taskId, name]);
    const why = cold ? "minimalResumeActivityLocked" : this.#sdk >= 30 ? "resumeTopActivity" : "resumeTopActivityInnerLocked";
    this.#system("set_resumed_activity", [0, name, this.#sdk >= 33 ? `${why} - onActivityStateChanged` : why]);
    if (cold && this.#sdk >= 29) {
      this.#app(pid, "on_create_called", [this.#who(token), component.activity, "performCreate"]);
      this.#app(pid, "on_start_called", [this.#who(token), component.activity, "handleStartActivity"]);
    }
    this.#app(pid, "on_resume_called", [this.#who(token), component.activity, "RESUME_ACTIVITY"]);
  }

  launched(subject: EventSubject, ms: number): void {
    this.#system("activity_launch_time", [0, subject.token, shortComponent(subject.component), ms]);
    const tag = this.#sdk >= 29 ? "ActivityTaskManager" : "ActivityManager";
    this.#log("system", tag, `Displayed ${shortComponent(subject.component)}: +${ms}ms`);
  }

  finished(subject: EventSubject, reason: string): void {
    const { token, taskId, component } = subject;
    this.#system("finish_activity", [0, token, taskId, shortComponent(component), reason]);
    this.#system("destroy_activity", [0, token, taskId, shortComponent(component), "finish-imm"]);
  }

  started(description: string, fromUid: number): void {
    const tag = this.#sdk >= 29 ? "ActivityTaskManager" : "ActivityManager";
    this.#log("system", tag, `START u0 ${description.replace("{ ", "{").replace(" }", "}")} from uid ${fromUid}`);
  }

  processStarted(process: Process, component: Component): void {
    const modern = this.#sdk >= 30;
    const name = modern ? `{${longComponent(component)}}` : longComponent(component);
    this.#am("am_proc_start", [0, process.pid, process.uid, process.name, modern ? "next-top-activity" : "activity", name]);
    this.#am("am_proc_bound", [0, process.pid, process.name]);
  }

  processKilled(process: Process, reason: string): void {
    this.#am("am_kill", [0, process.pid, process.name, 0, reason]);
    this.processDied(process);
  }

  processDied(process: Process): void {
    this.#am("am_proc_died", [0, process.pid, process.name, 0, 2]);
  }

  crashed(process: Process, { exception, message, file, line }: AppCrash): void {
    this.#am("am_crash", [process.pid, 0, process.name, APP_FLAGS, exception, message, file, line]);
  }

  notResponding(process: Process, reason: string): void {
    this.#am("am_anr", [0, process.pid, process.name, APP_FLAGS, reason]);
  }

  keyguardShown(shown: boolean): void {
    const values = this.#sdk >= 33 ? [0, +shown, 0, 0, 0, "setKeyguardShown"] : [+shown, 0, "setKeyguardShown"];
    this.#system("set_keyguard_shown", values);
  }

  /** The mask says what changed (ActivityInfo.CONFIG_*): orientation and screen size. */
  configurationChanged(): void {
    this.#am("configuration_changed", [0x80 | 0x400]);
  }

  screen(on: boolean): void {
    this.#am("screen_toggled", [+on]);
  }

  /** The app's own events name the user up to API 29 and the activity's token after. */
  #who(token: number): number {
    return this.#sdk >= 30 ? token : 0;
  }

  #system(name: string, values: readonly (string | number)[]): void {
    this.#am(`${this.#sdk >= 30 ? "wm" : "am"}_${name}`, values);
  }

  #am(tag: string, values: readonly (string | number)[]): void {
    // Lists of one print without brackets (liblog's android_log_printBinaryEvent).
    this.#log("events", tag, values.length === 1 ? String(values[0]) : `[${values.join(",")}]`);
  }

  #log(buffer: "events" | "system", tag: string, message: string): void {
    const pid = this.#processes.systemServer;
    this.#logcat.write({ buffer, pid, tid: pid + 21, uid: UID.system, priority: "I", tag, message });
  }

  #app(pid: number, name: string, values: readonly (string | number)[]): void {
    const uid = this.#processes.get(pid)?.uid;
    if (uid === undefined) return;
    const tag = `${this.#sdk >= 30 ? "wm" : "am"}_${name}`;
    this.#logcat.write({ buffer: "events", pid, uid, priority: "I", tag, message: `[${values.join(",")}]` });
  }
}
