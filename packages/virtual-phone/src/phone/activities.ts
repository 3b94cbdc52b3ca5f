/**
 * Tasks and activities: what is in front, what lies behind, and how they change. Knows nothing of pictures: the user
 * interface asks `visible` and listens to `changes`.
 */
import { ActivityEvents } from "./activity-events.js";
import type { ActivityChange, ActivityRecord, ActivityTraits, StartResult, Task } from "./activity-record.js";
import { type AppCrash, anrReport, crashLines, crashReport } from "./app-errors.js";
import type { Cancel, Clock } from "./clock.js";
import type { DropBox } from "./drop-box.js";
import { ACTION, CATEGORY, type Component, describeIntent, FLAG, type Intent, longComponent } from "./intent.js";
import type { LatencyProfile } from "./latency.js";
import { Listeners } from "./listeners.js";
import type { Logcat } from "./logcat.js";
import type { Packages } from "./packages.js";
import type { Power } from "./power.js";
import { type Processes, UID } from "./processes.js";
import type { Random } from "./random.js";

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
type OwnRecord = Mutable<ActivityRecord>;
interface OwnTask {
  readonly id: number;
  readonly affinity: string;
  readonly home: boolean;
  readonly activities: OwnRecord[];
}

export interface ActivitiesParts {
  readonly sdk: number;
  readonly clock: Clock;
  readonly latency: LatencyProfile;
  readonly random: Random;
  readonly logcat: Logcat;
  readonly dropBox: DropBox;
  readonly packages: Packages;
  readonly processes: Processes;
  readonly power: Power;
  readonly traits: (component: Component) => ActivityTraits;
}

export class Activities {
  readonly #parts: ActivitiesParts;
  readonly #events: ActivityEvents;
  /** Front first. */
  readonly #tasks: OwnTask[] = [];
  #resumed: OwnRecord | null = null;
  #visible: OwnRecord | null = null;
  #pending: Cancel | undefined;
  #nextTask = 1;
  /** After each change of what is resumed, of tasks, or of an intent. */
  readonly changes = new Listeners<ActivityChange>();
  /** An activity is gone for good: its views and its answer are too. */
  readonly destroyed = new Listeners<ActivityRecord>();

  constructor(parts: ActivitiesParts) {
    this.#parts = parts;
    this.#events = new ActivityEvents(parts);
    parts.power.changes.add(({ reason }) => this.#powerChanged(reason));
    parts.packages.changes.add(({ kind, package: name }) => {
      const info = parts.packages.get(name);
      const usable = info && parts.packages.starts(info);
      // As ActivityManager does when it hears of PACKAGE_CHANGED: ended, but not "stopped" as by `am force-stop`.
      if (kind === "changed" ? !usable : kind !== "added") this.#endPackage(name, `stop ${name} due to pkg ${kind}`);
    });
    parts.processes.exits.add(({ process, reason }) => this.#processEnded(process.pid, process.package, reason));
  }

  /** The resumed activity; null while the screen is off, locked, or one is on its way. */
  get resumed(): ActivityRecord | null {
    return this.#resumed;
  }

  /** One activity has given way and the next is not there yet. */
  get switching(): boolean {
    return this.#pending !== undefined;
  }

  /** The activity whose window is in front, resumed or not; null before the first start. */
  get visible(): ActivityRecord | null {
    return this.#visible;
  }

  /** What shows from back to front: more than one where the front is translucent. */
  get visibleStack(): readonly ActivityRecord[] {
    const task = this.#tasks.find(({ id }) => id === this.#visible?.taskId);
    const stack: ActivityRecord[] = [];
    for (let i = task?.activities.indexOf(this.#visible as OwnRecord) ?? -1; i >= 0; i--) {
      const record = task?.activities[i];
      if (!record) break;
      stack.unshift(record);
      if (!this.#parts.traits(record.component).translucent) break;
    }
    return stack;
  }

  /** Most recently used first, the home task included. */
  tasks(): readonly Task[] {
    return this.#tasks;
  }

  /** What the recents screen shows, most recent first. */
  recents(): readonly Task[] {
    return this.#tasks.filter(
      ({ home, activities: [root] }) => !home && root && !this.#parts.traits(root.component).excludeFromRecents,
    );
  }

  /** Starts an activity as the shell (uid 2000), an app or the system would. */
  start(intent: Intent, callerUid: number = UID.system): StartResult {
    const component = this.#parts.packages.resolve(intent)[0] ?? null;
    const info = component && this.#parts.packages.get(component.package);
    this.#events.started(describeIntent(component ? { ...intent, component: longComponent(component) } : intent), callerUid);
    if (!component || !info || !this.#parts.packages.starts(info)) return failed("not-found", component);
    const activity = info.activities.find(({ name }) => name === component.activity);
    const privileged = callerUid === UID.system || callerUid === UID.root || callerUid === info.uid;
    if (!activity?.exported && !privileged) return failed("not-exported", component);
    this.#parts.packages.setStopped(component.package, false);
    return this.#launch(component, intent);
  }

  /** Starts an activity on top of another package's task, as `startActivityForResult` does: permission dialogs, pickers. */
  startOver(packageName: string, intent: Intent): ActivityRecord | null {
    const task = this.#tasks.find(({ affinity }) => affinity === packageName);
    const component = this.#parts.packages.resolve(intent)[0];
    if (!task || !component) return null;
    this.#toFront(task);
    this.#push(task, component, intent);
    return task.activities.at(-1) ?? null;
  }

  /** Home button. */
  home(): void {
    const front = this.#tasks[0];
    if (front?.home && this.#visible?.taskId === front.id) return this.changes.emit({ resumed: this.#resumed, reason: "home" });
    this.start({ action: ACTION.main, categories: [CATEGORY.home], flags: FLAG.newTask });
  }

  /** Ends the activity in front, as its own Back does when it handles it not; at the root the task leaves, home shows. */
  finishTop(reason = "app-request"): void {
    if (this.#visible) this.finish(this.#visible.token, reason);
  }

  finish(token: number, reason = "app-request"): void {
    const task = this.#tasks.find(({ activities }) => activities.some((record) => record.token === token));
    const record = task?.activities.find((one) => one.token === token);
    if (!task || !record || (task.home && task.activities.length === 1)) return;
    if (record === this.#resumed) this.#pause();
    task.activities.splice(task.activities.indexOf(record), 1);
    this.#events.finished(record, reason);
    this.destroyed.emit(record);
    if (!task.activities.length) this.#drop(task);
    this.#resumeTop(`finish ${reason}`);
  }

  /** Brings a task to the front, as recents does. @returns false when there is none. */
  moveToFront(taskId: number): boolean {
    const task = this.#tasks.find(({ id }) => id === taskId);
    if (!task) return false;
    this.#toFront(task);
    this.#resumeTop("recents");
    return true;
  }

  /** Swiped away in recents: its activities end, its process too. */
  removeTask(taskId: number): boolean {
    const task = this.#tasks.find(({ id }) => id === taskId);
    if (!task || task.home) return false;
    this.#destroyTask(task, "remove-task");
    if (!this.#tasks.some(({ affinity }) => affinity === task.affinity)) this.#killProcesses(task.affinity, "remove task");
    this.#resumeTop("remove-task");
    return true;
  }

  /** `am force-stop`: every activity and process of a package ends. */
  forceStop(packageName: string, reason = `stop ${packageName} due to from pid ${this.#parts.processes.systemServer}`): void {
    this.#parts.packages.setStopped(packageName, true);
    this.#endPackage(packageName, reason);
  }

  /** The app throws, or a signal ends it: its stack is in the crash buffer and the drop box, its process gone. The dialog is the caller's. */
  crash(packageName: string, crash: AppCrash): void {
    const { processes, logcat, dropBox, packages, clock } = this.#parts;
    const [process] = processes.ofPackage(packageName);
    if (!process) return;
    const subject = { process, app: packages.get(packageName), at: clock.now() };
    for (const line of crashLines(process, crash)) {
      const by = crash.native ? { pid: process.pid + 40, uid: process.uid, tag: "DEBUG" } : { ...process, tag: "AndroidRuntime" };
      logcat.write({ buffer: "crash", pid: by.pid, uid: by.uid, priority: crash.native ? "F" : "E", tag: by.tag, message: line });
    }
    dropBox.add(crash.native ? "data_app_native_crash" : "data_app_crash", crashReport(subject, crash), subject.at);
    this.#events.crashed(process, crash);
    processes.end(process.pid, "crash");
  }

  /** Logs that an app does not answer; its threads' stacks lie in the drop box. The dialog is the caller's. */
  notResponding(packageName: string, reason: string): void {
    const { processes, dropBox, packages, clock } = this.#parts;
    const [process] = processes.ofPackage(packageName);
    if (!process) return;
    const subject = { process, app: packages.get(packageName), at: clock.now() };
    this.#events.notResponding(process, reason);
    dropBox.add("data_app_anr", anrReport(subject, reason), subject.at);
  }

  /** Size, density or rotation changed. */
  configurationChanged(): void {
    this.#events.configurationChanged();
  }

  /** Nothing is left, as before boot. */
  reset(): void {
    this.#pending?.();
    this.#pending = undefined;
    for (const task of this.#tasks.splice(0)) for (const record of task.activities) this.destroyed.emit(record);
    this.#resumed = null;
    this.#visible = null;
  }

  #launch(component: Component, intent: Intent): StartResult {
    const isHome = Boolean(intent.categories?.includes(CATEGORY.home));
    const flags = (intent.flags ?? 0) | FLAG.newTask;
    let task = this.#tasks.find((one) => one.affinity === component.package && one.home === isHome);
    if (task && flags & FLAG.clearTask) {
      this.#destroyTask(task, "clear-task");
      task = undefined;
    }
    if (!task) return this.#startTask(component, intent, isHome);
    const wasFront = this.#tasks[0] === task && this.#visible?.taskId === task.id;
    this.#toFront(task);
    const existing = this.#existing(task, component, intent);
    if (existing) return this.#reuse(existing, intent, wasFront);
    return this.#push(task, component, intent);
  }

  /** The activity that takes the intent instead of a new one: the one on top, or the whole task for a press on its icon. */
  #existing(task: OwnTask, component: Component, intent: Intent): OwnRecord | undefined {
    const top = task.activities.at(-1);
    if (top?.component.activity === component.activity) return top;
    const root = task.activities[0];
    const plain = intent.action === undefined || intent.action === ACTION.main;
    if (root?.component.activity !== component.activity || !plain || intent.data) return undefined;
    if (!((intent.flags ?? 0) & FLAG.clearTop)) return top;
    for (const record of task.activities.splice(1)) this.#end(record, "clear-top");
    return root;
  }

  #reuse(record: OwnRecord, intent: Intent, wasFront: boolean): StartResult {
    const delivered = record.component.activity === (intent.component?.split("/")[1] ?? record.component.activity) || wasFront;
    if (delivered && (intent.data || intent.extras || intent.action !== ACTION.main)) {
      record.intent = intent;
      this.#events.newIntent(record, intent.action, intent.flags ?? 0);
    }
    const launchState = wasFront ? "UNKNOWN" : "HOT";
    const totalTime = wasFront ? 0 : this.#parts.latency.activityStart;
    if (wasFront && this.#resumed === record) this.changes.emit({ resumed: record, reason: "new-intent" });
    else this.#resumeTop("task-to-front");
    return { code: wasFront ? "delivered-to-top" : "task-to-front", component: record.component, launchState, totalTime };
  }

  #startTask(component: Component, intent: Intent, home: boolean): StartResult {
    const task: OwnTask = { id: this.#nextTask++, affinity: component.package, home, activities: [] };
    this.#tasks.unshift(task);
    this.#events.taskCreated(task.id);
    return this.#push(task, component, intent);
  }

  #push(task: OwnTask, component: Component, intent: Intent): StartResult {
    const { packages, processes, random } = this.#parts;
    const info = packages.get(component.package);
    const [running] = processes.ofPackage(component.package);
    const token = random.between(10_000_000, 268_000_000);
    const record: OwnRecord = { token, taskId: task.id, component, intent, state: "stopped", pid: running?.pid ?? 0 };
    task.activities.push(record);
    this.#events.activityCreated(record, intent.action, (intent.flags ?? 0) | FLAG.newTask);
    if (!running && info) {
      const process = processes.start({ name: info.package, uid: info.uid, package: info.package });
      record.pid = process.pid;
      this.#events.processStarted(process, component);
    }
    this.#resumeTop("start", true);
    const totalTime = this.#parts.latency.activityStart;
    return { code: "started", component, launchState: running ? "WARM" : "COLD", totalTime };
  }

  /** Pauses what was in front and resumes what is now; later, when the phone is slow. */
  #resumeTop(reason: string, cold = false): void {
    this.#pending?.();
    this.#pending = undefined;
    const target = this.#tasks[0]?.activities.at(-1);
    if (!target) return this.#goHome();
    if (this.#resumed === target) return this.changes.emit({ resumed: target, reason });
    this.#pause();
    const { latency, clock, power } = this.#parts;
    if (!power.interactive || power.locked) {
      this.#visible = target;
      return this.changes.emit({ resumed: null, reason });
    }
    const run = (): void => this.#resume(target, reason, cold);
    if (latency.activityStart > 0) this.#pending = clock.after(latency.activityStart, run);
    else run();
  }

  #resume(target: OwnRecord, reason: string, cold: boolean): void {
    this.#pending = undefined;
    this.#revive(target);
    target.state = "resumed";
    this.#resumed = target;
    this.#visible = target;
    this.#events.resumed(target, target.pid, cold);
    if (cold) this.#events.launched(target, Math.max(this.#parts.latency.activityStart, this.#parts.random.between(60, 180)));
    this.changes.emit({ resumed: target, reason });
  }

  /** An activity whose process was ended while it was behind gets a new one. */
  #revive(target: OwnRecord): void {
    const { processes, packages } = this.#parts;
    if (processes.get(target.pid)) return;
    const info = packages.get(target.component.package);
    if (!info) return;
    const [running] = processes.ofPackage(info.package);
    const process = running ?? processes.start({ name: info.package, uid: info.uid, package: info.package });
    target.pid = process.pid;
    if (!running) this.#events.processStarted(process, target.component);
  }

  #pause(): void {
    const record = this.#resumed;
    if (!record) return;
    record.state = "paused";
    this.#resumed = null;
    this.#events.paused(record, record.pid);
  }

  #goHome(): void {
    this.#pause();
    this.#visible = null;
    this.home();
  }

  #toFront(task: OwnTask): void {
    if (this.#tasks[0] === task) return;
    this.#tasks.splice(this.#tasks.indexOf(task), 1);
    this.#tasks.unshift(task);
    this.#events.taskToFront(task.id);
  }

  #destroyTask(task: OwnTask, reason: string): void {
    for (const record of task.activities.splice(0).reverse()) this.#end(record, reason);
    this.#drop(task);
  }

  #end(record: OwnRecord, reason: string): void {
    if (record === this.#resumed) this.#pause();
    this.#events.finished(record, reason);
    this.destroyed.emit(record);
  }

  #drop(task: OwnTask): void {
    const index = this.#tasks.indexOf(task);
    if (index >= 0) this.#tasks.splice(index, 1);
    this.#events.taskRemoved(task.id);
    // Back at the root of an app leads home, whatever task was used before it.
    const home = this.#tasks.find((one) => one.home);
    if (index === 0 && home) this.#toFront(home);
  }

  #endActivitiesOf(packageName: string, reason: string): boolean {
    let had = false;
    for (const task of this.#tasks.slice()) {
      const gone = task.activities.filter(({ component }) => component.package === packageName);
      if (!gone.length) continue;
      had = true;
      for (const record of gone.reverse()) {
        task.activities.splice(task.activities.indexOf(record), 1);
        this.#end(record, reason);
      }
      if (!task.activities.length) this.#drop(task);
    }
    return had;
  }

  #endPackage(packageName: string, reason: string): void {
    const hadProcess = this.#parts.processes.ofPackage(packageName).length > 0;
    const had = this.#endActivitiesOf(packageName, "force-stop");
    this.#killProcesses(packageName, reason);
    if (had || hadProcess) this.#resumeTop("force-stop");
  }

  #killProcesses(packageName: string, reason: string): void {
    for (const process of this.#parts.processes.ofPackage(packageName)) {
      this.#events.processKilled(process, reason);
      this.#parts.processes.end(process.pid, "force-stop");
    }
  }

  #processEnded(pid: number, packageName: string | undefined, reason: string): void {
    if (!packageName || reason === "force-stop" || reason === "reboot") return;
    const front = this.#visible?.pid === pid;
    this.#events.processDied({ pid, ppid: 1, uid: 0, name: packageName, startTime: 0, rss: 0 });
    // As Android: what was in front is gone; what lay behind comes back when asked for.
    if (front && this.#visible) {
      const top = this.#visible;
      if (this.#tasks.find(({ id }) => id === top.taskId)?.home) {
        this.#pause();
        this.#resumeTop("restart-home", true);
      } else this.finish(top.token, "proc died without state saved");
    }
  }

  #powerChanged(reason: string): void {
    const { interactive, locked } = this.#parts.power;
    if (reason !== "keyguard_dismissed" && reason !== "lock") this.#events.screen(interactive);
    if (reason === "keyguard_dismissed" || locked) this.#events.keyguardShown(locked);
    if (!interactive || locked) {
      this.#pending?.();
      this.#pending = undefined;
      this.#pause();
      this.changes.emit({ resumed: null, reason });
    } else this.#resumeTop("wake");
  }
}

function failed(code: "not-found" | "not-exported", component: Component | null): StartResult {
  return { code, component, launchState: "UNKNOWN", totalTime: 0 };
}
