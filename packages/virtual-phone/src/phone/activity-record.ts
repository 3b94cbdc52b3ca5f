/** What is told of activities and tasks: to the user interface, to `am` and to `dumpsys`. How they change is in activities.ts. */
import type { Component, Intent } from "./intent.js";

export interface ActivityRecord {
  /** The number that stands for it in events. */
  readonly token: number;
  readonly taskId: number;
  readonly component: Component;
  /** The newest intent it was given. */
  readonly intent: Intent;
  readonly state: "resumed" | "paused" | "stopped";
  readonly pid: number;
}

export interface Task {
  readonly id: number;
  /** The package of its root. */
  readonly affinity: string;
  readonly home: boolean;
  /** Root first. */
  readonly activities: readonly ActivityRecord[];
}

/** What an app's activity is like, beyond its manifest. */
export interface ActivityTraits {
  /** What is behind it stays visible: dialogs. */
  readonly translucent?: boolean;
  readonly orientation?: "portrait" | "landscape";
  /** FLAG_SECURE: capture is forbidden. */
  readonly secure?: boolean;
  /** Not shown in recents. */
  readonly excludeFromRecents?: boolean;
  /** Its code does something even while nobody looks (sound, a game). */
  readonly runsUnseen?: boolean;
}

export interface StartResult {
  /** What `am start` says: started; brought to front; delivered to the one on top; no such activity; not allowed. */
  readonly code: "started" | "task-to-front" | "delivered-to-top" | "not-found" | "not-exported";
  readonly component: Component | null;
  readonly launchState: "COLD" | "WARM" | "HOT" | "UNKNOWN";
  /** Milliseconds until it shows. */
  readonly totalTime: number;
}

export interface ActivityChange {
  readonly resumed: ActivityRecord | null;
  readonly reason: string;
}
