/**
 * The phone's own record of what reached its windows: every touch, key and text, with the window that got it and the view that was hit.
 * It stands where windows are chosen, behind everything that could lie about what was sent; tests judge the gate by it, over plain adb.
 */

/** A window as far as the record names it. */
export interface InputReceiver {
  readonly package: string;
  /** `package/class` of an app's activity; the system's own windows have names such as `shade`. */
  readonly name: string;
}

/** What a finger was on, or what had the focus. */
export interface InputView {
  /** `package:id/name`, or empty. */
  readonly id: string;
  readonly text: string;
  readonly description: string;
  readonly className: string;
}

interface RecordedFacts extends InputReceiver {
  /** Counts from 1 and over all; a gap means that older events were dropped. */
  readonly seq: number;
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
  /** Of the display at that moment, in the rotation it had. */
  readonly width: number;
  readonly height: number;
  readonly rotation: number;
  readonly view: InputView | null;
}

export interface RecordedTouch extends RecordedFacts {
  readonly kind: "touch";
  readonly action: "press" | "scroll";
  readonly pointer: number;
  /** Where it went down, in device pixels. */
  readonly x: number;
  readonly y: number;
  /** Where and how it was lifted; `ended` is null while it is down. */
  toX: number;
  toY: number;
  ended: "up" | "cancel" | null;
  /** How long it was down, in milliseconds. */
  ms: number;
}

export interface RecordedKey extends RecordedFacts {
  readonly kind: "key";
  /** KeyEvent.KEYCODE_* and META_*. */
  readonly code: number;
  readonly meta: number;
}

export interface RecordedText extends RecordedFacts {
  readonly kind: "text";
  readonly text: string;
}

export type RecordedInput = RecordedTouch | RecordedKey | RecordedText;

export interface InputCounts {
  touches: number;
  keys: number;
  texts: number;
}

/** Events kept; counters go on without end. */
const MAX_EVENTS = 500;
const MAX_TEXT = 200;

export interface InputRecordParts {
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
  readonly display: () => { readonly width: number; readonly height: number; readonly rotation: number };
}

export class InputRecord {
  readonly #parts: InputRecordParts;
  readonly #counts = new Map<string, InputCounts>();
  /** A ring: the oldest is overwritten. */
  readonly #events: RecordedInput[] = [];
  readonly #down = new Map<number, RecordedTouch>();
  #seq = 0;

  constructor(parts: InputRecordParts) {
    this.#parts = parts;
  }

  /** Counters by package. */
  get counts(): ReadonlyMap<string, Readonly<InputCounts>> {
    return this.#counts;
  }

  /** The last events, oldest first. */
  events(): RecordedInput[] {
    const start = this.#seq > MAX_EVENTS ? this.#seq % MAX_EVENTS : 0;
    return [...this.#events.slice(start), ...this.#events.slice(0, start)];
  }

  reset(): void {
    this.#counts.clear();
    this.#events.length = 0;
    this.#down.clear();
    this.#seq = 0;
  }

  /** A finger went down. */
  press(
    to: InputReceiver,
    at: { readonly pointer: number; readonly x: number; readonly y: number; readonly view: InputView | null },
  ): void {
    this.#down.set(at.pointer, this.#touch(to, "press", at));
  }

  /** A finger went up, or was taken away. */
  lift(pointer: number, at: { readonly x: number; readonly y: number; readonly ended: "up" | "cancel" }): void {
    const touch = this.#down.get(pointer);
    if (!touch) return;
    this.#down.delete(pointer);
    touch.toX = at.x;
    touch.toY = at.y;
    touch.ended = at.ended;
    touch.ms = this.#parts.now() - touch.time;
  }

  /** A wheel turned over a window. */
  scroll(to: InputReceiver, at: { readonly x: number; readonly y: number; readonly view: InputView | null }): void {
    this.#touch(to, "scroll", { ...at, pointer: -1 }).ended = "up";
  }

  key(to: InputReceiver, key: { readonly code: number; readonly meta: number; readonly view: InputView | null }): void {
    this.#count(to).keys++;
    this.#add({ ...this.#facts(to, key.view), kind: "key", code: key.code, meta: key.meta });
  }

  text(to: InputReceiver, text: string, view: InputView | null): void {
    this.#count(to).texts++;
    this.#add({ ...this.#facts(to, view), kind: "text", text: text.slice(0, MAX_TEXT) });
  }

  #touch(
    to: InputReceiver,
    action: RecordedTouch["action"],
    at: { readonly pointer: number; readonly x: number; readonly y: number; readonly view: InputView | null },
  ): RecordedTouch {
    this.#count(to).touches++;
    const { pointer, x, y } = at;
    const touch: RecordedTouch = {
      ...this.#facts(to, at.view),
      kind: "touch",
      action,
      pointer,
      x,
      y,
      toX: x,
      toY: y,
      ended: null,
      ms: 0,
    };
    this.#add(touch);
    return touch;
  }

  #facts(to: InputReceiver, view: InputView | null): RecordedFacts {
    const { width, height, rotation } = this.#parts.display();
    return { seq: ++this.#seq, time: this.#parts.now(), package: to.package, name: to.name, width, height, rotation, view };
  }

  #add(event: RecordedInput): void {
    this.#events[(event.seq - 1) % MAX_EVENTS] = event;
  }

  #count(to: InputReceiver): InputCounts {
    let counts = this.#counts.get(to.package);
    if (!counts) {
      counts = { touches: 0, keys: 0, texts: 0 };
      this.#counts.set(to.package, counts);
    }
    return counts;
  }
}

/** One line for each package and each event, for whoever reads it with a program: what follows the first word is JSON. */
export function inputRecordLines(record: InputRecord): string[] {
  return [
    ...[...record.counts].map(([name, counts]) => `package ${JSON.stringify({ package: name, ...counts })}`),
    ...record.events().map((event) => `event ${JSON.stringify(event)}`),
  ];
}
