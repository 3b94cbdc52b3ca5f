/**
 * What this tab has begun and not seen end: files on their way into the lab, and the jobs on phones that follow. Outside React, so that it goes on
 * whatever page is open. A job goes on in the lab also when the tab is closed; an upload does not.
 */
import type { Build, DeviceAction, DeviceId, Job, JobPace, JobRequest } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/api";
import type { SendOptions, SentFile } from "../uploads/send-file.js";
import { Turns } from "../uploads/turns.js";
import { downloadPath, sortFiles } from "./dropped-files.js";

/** uploading: bytes go. reading: control takes it, and reads and verifies files. asked: the fence must be agreed to. working: its job runs. */
export type Stage = "uploading" | "reading" | "asked" | "working" | "ended" | "failed";

export interface DockItem {
  readonly key: number;
  /** The files or the job, as it is called. */
  readonly title: string;
  readonly kind: "install" | "put" | "job" | "build";
  readonly devices: readonly DeviceId[];
  readonly stage: Stage;
  /** From 0 to 1, of this stage. */
  readonly part: number;
  readonly job?: Job;
  /** Of `build`, when it is there. */
  readonly build?: Build;
  readonly error?: unknown;
}

export interface DockParts {
  sendFile(file: File, options: SendOptions): Promise<SentFile>;
  build(files: readonly SentFile[], note: string): Promise<Build>;
  start(request: DockRequest): Promise<Job>;
  job(id: string): Promise<Job>;
  wait(ms: number): Promise<void>;
}

/** As the API is asked, without what it fills in itself. */
export type DockRequest = Pick<JobRequest, "action" | "agreed"> & { devices: DeviceId[]; name?: string; pace?: Partial<JobPace> };

interface Entry {
  item: DockItem;
  readonly end: AbortController;
  /** What is to be agreed to. */
  request?: DockRequest;
}

/** More would only share the same way, and control takes no more than some at once. */
const SENT_AT_ONCE = 3;
const LOOK_MS = 700;
/** What went well is gone by itself after this; what did not stays. */
const GONE_MS = 8_000;
/** A control that does not answer for so many looks (about two minutes) is not asked further; the jobs page knows how it went on. */
const MOST_FAILURES = 170;

export class Dock {
  readonly #parts: DockParts;
  readonly #entries = new Map<number, Entry>();
  readonly #watchers = new Set<() => void>();
  readonly #turns = new Turns(SENT_AT_ONCE);
  #items: readonly DockItem[] = [];
  #next = 1;

  constructor(parts: DockParts) {
    this.#parts = parts;
  }

  /** The oldest first; the same array until something changes. */
  get items(): readonly DockItem[] {
    return this.#items;
  }

  readonly subscribe = (changed: () => void): (() => void) => {
    this.#watchers.add(changed);
    return () => this.#watchers.delete(changed);
  };

  /** Installs the APKs among the files on these phones, and puts the others into their Download folders. */
  take(files: readonly File[], devices: readonly DeviceId[]): void {
    if (files.length === 0 || devices.length === 0) return;
    try {
      const { apks, others } = sortFiles(files);
      if (apks.length > 0) void this.#install(apks, devices);
      for (const file of others) void this.#put(file, devices);
    } catch (error) {
      this.refuse(titleOf(files), devices, error);
    }
  }

  /** Shows why nothing came of what was dropped. */
  refuse(title: string, devices: readonly DeviceId[], error: unknown): void {
    const { item } = this.#add({ title, kind: "install", devices, stage: "failed", part: 0 });
    this.#change(item.key, { error });
  }

  /** Keeps the APKs as builds, without installing them: together as one where they are parts of one app. */
  keep(files: readonly File[], note: string): void {
    if (files.length === 0) return;
    const entry = this.#add({ title: titleOf(files), kind: "build", devices: [], stage: "uploading", part: 0 });
    void this.#failing(entry, async () => {
      sortFiles(files);
      const [build] = await this.#build(entry, files, note);
      if (!build) return;
      this.#change(entry.item.key, { stage: "ended", part: 1, build, title: `${build.label} ${build.versionName}` });
      await this.#parts.wait(GONE_MS);
      this.drop(entry.item.key);
    });
  }

  /** Begins a job; what it is refused with, or must be agreed to, stands here. */
  begin(request: Omit<DockRequest, "agreed">, title: string): void {
    const entry = this.#add({ title, kind: "job", devices: request.devices, stage: "reading", part: 0 });
    void this.#start(entry, { ...request, agreed: false });
  }

  /** Shows a job that was begun elsewhere on this page until its end. */
  follow(job: Job, devices: readonly DeviceId[]): void {
    const entry = this.#add({ title: job.name, kind: "job", devices, stage: "working", part: job.progress });
    void this.#watch(entry, job);
  }

  /** The fence may close on phones that nobody enrolled; goes on with what waited for it. */
  agree(key: number): void {
    const entry = this.#entries.get(key);
    if (!entry?.request) return;
    void this.#start(entry, { ...entry.request, agreed: true });
  }

  /** Gives an upload up; a job goes on without being shown here. */
  drop(key: number): void {
    this.#entries.get(key)?.end.abort(new Error("given up"));
    this.#entries.delete(key);
    this.#publish();
  }

  async #install(files: readonly File[], devices: readonly DeviceId[]): Promise<void> {
    const entry = this.#add({ title: titleOf(files), kind: "install", devices, stage: "uploading", part: 0 });
    await this.#failing(entry, async () => {
      const builds = await this.#build(entry, files, "");
      for (const [at, { package: name, files: apks }] of builds.entries()) {
        const action: DeviceAction = { type: "install", package: name, files: apks, grant: false, downgrade: false };
        const own = at === 0 ? entry : this.#add({ ...entry.item, title: name });
        await this.#start(own, { devices: [...devices], action, agreed: false });
      }
    });
  }

  async #put(file: File, devices: readonly DeviceId[]): Promise<void> {
    const entry = this.#add({ title: file.webkitRelativePath || file.name, kind: "put", devices, stage: "uploading", part: 0 });
    await this.#failing(entry, async () => {
      const [sent] = await this.#send(entry, [file]);
      if (!sent) return;
      const action: DeviceAction = { type: "put", path: downloadPath(file), sha256: sent.sha256, size: sent.size };
      await this.#start(entry, { devices: [...devices], action, agreed: false });
    });
  }

  /**
   * Which files are parts of one app, control finds when it reads them: together if they can be one build, else each alone. Empty when it was given
   * up; what could not be read alone stands in the dock beside the others.
   */
  async #build(entry: Entry, files: readonly File[], note: string): Promise<readonly Build[]> {
    const sent = await this.#send(entry, files);
    this.#change(entry.item.key, { stage: "reading", part: 1 });
    const builds = await this.#parts.build(sent, note).then(
      (build) => [build],
      (error: unknown) => this.#buildEach(entry, sent, { note, error }),
    );
    return entry.end.signal.aborted ? [] : builds;
  }

  async #buildEach(entry: Entry, sent: readonly SentFile[], { note, error }: { note: string; error: unknown }): Promise<Build[]> {
    if (sent.length < 2 || !(error instanceof PhonerackError) || error.code !== "apk_invalid") throw error;
    const tried = await Promise.allSettled(sent.map((file) => this.#parts.build([file], note)));
    const builds = tried.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    if (builds.length === 0) throw error;
    for (const [at, each] of tried.entries()) {
      if (each.status === "fulfilled") continue;
      const failed = this.#add({ ...entry.item, title: sent[at]?.name ?? "", stage: "failed", part: 0 });
      this.#change(failed.item.key, { error: each.reason });
    }
    return builds;
  }

  /** One after the other: together they would only share the same way. */
  async #send(entry: Entry, files: readonly File[]): Promise<SentFile[]> {
    const { key } = entry.item;
    const all = files.reduce((sum, { size }) => sum + size, 0);
    const sent: SentFile[] = [];
    let before = 0;
    for (const file of files) {
      const onProgress = (part: number) => this.#change(key, { part: all === 0 ? 0 : (before + part * file.size) / all });
      sent.push(
        await this.#turns.take(async () => {
          entry.end.signal.throwIfAborted();
          return this.#parts.sendFile(file, { onProgress, signal: entry.end.signal });
        }),
      );
      before += file.size;
    }
    return sent;
  }

  async #start(entry: Entry, request: DockRequest): Promise<void> {
    const { key } = entry.item;
    await this.#failing(entry, async () => {
      try {
        const job = await this.#parts.start(request);
        this.#change(key, { stage: "working", part: job.progress, title: job.name });
        void this.#watch(entry, job);
      } catch (error) {
        if (!(error instanceof PhonerackError) || error.code !== "fence_unagreed") throw error;
        entry.request = request;
        this.#change(key, { stage: "asked", error });
      }
    });
  }

  async #watch(entry: Entry, first: Job): Promise<void> {
    const { key } = entry.item;
    let job = first;
    let failures = 0;
    this.#change(key, { job, part: job.progress });
    while (job.state !== "ended") {
      await this.#parts.wait(LOOK_MS);
      if (!this.#entries.has(key)) return;
      try {
        job = await this.#parts.job(job.id);
        failures = 0;
        this.#change(key, { job, part: job.progress });
      } catch (error) {
        const refused = error instanceof PhonerackError && error.status < 500;
        if (refused || ++failures > MOST_FAILURES) return this.#change(key, { stage: "failed", error });
      }
    }
    this.#change(key, { stage: "ended", part: 1 });
    if (job.counts.done < job.size) return;
    await this.#parts.wait(GONE_MS);
    this.drop(key);
  }

  async #failing(entry: Entry, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#change(entry.item.key, { stage: "failed", error });
    }
  }

  #add(item: Omit<DockItem, "key">): Entry {
    const key = this.#next++;
    const entry: Entry = { item: { key, ...item }, end: new AbortController() };
    this.#entries.set(key, entry);
    this.#publish();
    return entry;
  }

  #change(key: number, to: Partial<DockItem>): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    entry.item = { ...entry.item, ...(to.stage && !to.error ? { error: undefined } : {}), ...to };
    this.#publish();
  }

  #publish(): void {
    this.#items = [...this.#entries.values()].map(({ item }) => item);
    for (const changed of this.#watchers) changed();
  }
}

function titleOf(files: readonly File[]): string {
  const [first] = files;
  return files.length > 1 ? `${first?.name} + ${files.length - 1}` : (first?.name ?? "");
}
