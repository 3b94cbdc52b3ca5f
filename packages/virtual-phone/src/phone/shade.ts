/** The notification shade: how far it is open, and the notifications in it. */
import { Listeners } from "./listeners.js";

export type ShadeState = "closed" | "notifications" | "settings";

export interface Notification {
  readonly key: string;
  readonly package: string;
  readonly title: string;
  readonly text: string;
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
}

/** Android's own limit per package (NotificationManagerService). */
const MAX_NOTIFICATIONS = 50;

export class Shade {
  #state: ShadeState = "closed";
  #notifications: readonly Notification[] = [];
  readonly changes = new Listeners<ShadeState>();

  get state(): ShadeState {
    return this.#state;
  }
  get open(): boolean {
    return this.#state !== "closed";
  }
  /** Newest first. */
  get notifications(): readonly Notification[] {
    return this.#notifications;
  }

  /** `cmd statusbar expand-notifications | expand-settings | collapse`. */
  set(state: ShadeState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.changes.emit(state);
  }

  post(notification: Notification): void {
    const others = this.#notifications.filter((other) => other.key !== notification.key);
    this.#notifications = [notification, ...others].slice(0, MAX_NOTIFICATIONS);
    this.changes.emit(this.#state);
  }

  /** @param key undefined cancels all. */
  cancel(key?: string): void {
    if (!this.#notifications.length) return;
    this.#notifications = key === undefined ? [] : this.#notifications.filter((other) => other.key !== key);
    this.changes.emit(this.#state);
  }
}
