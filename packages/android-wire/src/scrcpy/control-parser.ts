/** Reads scrcpy's control messages; see control-message.ts. */
import { type Grammar, Incremental } from "../incremental.js";
import { decodeText, viewOf } from "../text.js";
import { WireError } from "../wire-error.js";
import { type ControlMessage, type ControlPosition, controlMaxMessage } from "./control-message.js";

/** Reads messages in any chunking; holds at most one field (256 KiB). Throws `unknown-control-type`, `message-too-large`. */
export class ControlMessageParser {
  readonly #bytes: Incremental;

  constructor(onMessage: (message: ControlMessage) => void) {
    this.#bytes = new Incremental(this.#messages(onMessage));
  }

  get held(): number {
    return this.#bytes.held;
  }

  push(chunk: Uint8Array): void {
    this.#bytes.push(chunk);
  }

  finish(): void {
    this.#bytes.finish();
  }

  *#messages(onMessage: (message: ControlMessage) => void): Grammar {
    for (;;) {
      const type = (yield 1)[0] ?? 0;
      const message: ControlMessage = yield* readMessage(type);
      this.#bytes.markBoundary();
      onMessage(message);
    }
  }
}

type Reading = Generator<number, ControlMessage, Uint8Array>;

function readMessage(type: number): Reading {
  const read = readers[type];
  if (!read) throw new WireError("unknown-control-type", `scrcpy has no control message of type ${type}.`);
  return read();
}

const readers: readonly (() => Reading)[] = [
  function* injectKeycode() {
    const view = viewOf(yield 13);
    return {
      type: "inject-keycode",
      action: view.getUint8(0),
      keycode: view.getInt32(1),
      repeat: view.getInt32(5),
      metaState: view.getInt32(9),
    };
  },
  function* injectText() {
    return { type: "inject-text", text: decodeText(yield* longField(5)) };
  },
  injectTouch,
  injectScroll,
  function* backOrScreenOn() {
    return { type: "back-or-screen-on", action: viewOf(yield 1).getUint8(0) };
  },
  bare({ type: "expand-notification-panel" }),
  bare({ type: "expand-settings-panel" }),
  bare({ type: "collapse-panels" }),
  function* getClipboard() {
    return { type: "get-clipboard", copyKey: viewOf(yield 1).getUint8(0) };
  },
  function* setClipboard() {
    const view = viewOf(yield 9);
    const sequence = view.getBigUint64(0);
    const paste = view.getUint8(8) !== 0;
    return { type: "set-clipboard", sequence, paste, text: decodeText(yield* longField(14)) };
  },
  function* setDisplayPower() {
    return { type: "set-display-power", on: viewOf(yield 1).getUint8(0) !== 0 };
  },
  bare({ type: "rotate-device" }),
  uhidCreate,
  function* uhidInput() {
    const id = viewOf(yield 2).getUint16(0);
    return { type: "uhid-input", id, data: new Uint8Array(yield* field16()) };
  },
  function* uhidDestroy() {
    return { type: "uhid-destroy", id: viewOf(yield 2).getUint16(0) };
  },
  bare({ type: "open-hard-keyboard-settings" }),
  function* startApp() {
    return { type: "start-app", name: decodeText(yield viewOf(yield 1).getUint8(0)) };
  },
  bare({ type: "reset-video" }),
];

/** A message that is its type and no more. */
function bare(message: ControlMessage): () => Reading {
  return function* nothingMore() {
    yield 0;
    return message;
  };
}

function* injectTouch(): Reading {
  const view = viewOf(yield 31);
  return {
    type: "inject-touch",
    action: view.getUint8(0),
    pointerId: view.getBigInt64(1),
    position: position(view, 9),
    pressure: fromUnsignedFixed(view.getUint16(21)),
    actionButton: view.getInt32(23),
    buttons: view.getInt32(27),
  };
}

function* injectScroll(): Reading {
  const view = viewOf(yield 20);
  return {
    type: "inject-scroll",
    position: position(view, 0),
    // The client sends a sixteenth, so that up to 16 notches fit.
    hScroll: fromSignedFixed(view.getInt16(12)) * 16,
    vScroll: fromSignedFixed(view.getInt16(14)) * 16,
    buttons: view.getInt32(16),
  };
}

function* uhidCreate(): Reading {
  const view = viewOf(yield 7);
  const [id, vendorId, productId] = [view.getUint16(0), view.getUint16(2), view.getUint16(4)];
  const name = decodeText(yield view.getUint8(6));
  return { type: "uhid-create", id, vendorId, productId, name, descriptor: new Uint8Array(yield* field16()) };
}

function* field16(): Generator<number, Uint8Array, Uint8Array> {
  return yield viewOf(yield 2).getUint16(0);
}

/** A field with 32 bits of length, in a message of `fixed` other bytes. */
function* longField(fixed: number): Generator<number, Uint8Array, Uint8Array> {
  const length = viewOf(yield 4).getUint32(0);
  if (length > controlMaxMessage - fixed)
    throw new WireError("message-too-large", `A control message announced ${length} bytes of text.`);
  return yield length;
}

function position(view: DataView, at: number): ControlPosition {
  return { x: view.getInt32(at), y: view.getInt32(at + 4), width: view.getUint16(at + 8), height: view.getUint16(at + 10) };
}

function fromUnsignedFixed(value: number): number {
  return value === 0xffff ? 1 : value / 0x10000;
}

function fromSignedFixed(value: number): number {
  return value === 0x7fff ? 1 : value / 0x8000;
}
