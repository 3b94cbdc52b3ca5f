/**
 * The control socket: carries out what a scrcpy client asks of the phone, and tells it of the clipboard. scrcpy v3.3.1,
 * server/src/main/java/com/genymobile/scrcpy/control/Controller.java.
 */
import {
  type ControlMessage,
  ControlMessageParser,
  type ControlPosition,
  type DeviceMessage,
  encodeDeviceMessage,
  keyAction,
  motionAction,
  pointerId,
  type ScrcpyServerOptions,
} from "@phonerack/android-wire/scrcpy";
import type { LocalSocket } from "../adbd/local-sockets.js";
import { FLAG } from "../phone/intent.js";
import { KEYCODE } from "../phone/key-characters.js";
import { startApp } from "./app-starter.js";
import { Pointers } from "./pointers.js";
import type { ScrcpyPhone } from "./scrcpy-phone.js";
import type { ServerLog } from "./server-log.js";
import type { VideoStream } from "./video-stream.js";

/** Bytes the client has not read above which it is told nothing more. */
const backlog = 1024 * 1024;
const primaryButton = 1;

export interface ControllerParts {
  socket: LocalSocket;
  phone: ScrcpyPhone;
  options: ScrcpyServerOptions;
  log: ServerLog;
  /** Absent in a session without video: positions are device pixels then. */
  video: VideoStream | undefined;
}

export class Controller {
  #pointers = new Pointers();
  #settingClipboard = false;
  #refusalPrinted = false;
  readonly #unlisten: (() => void) | undefined;
  readonly #parts: ControllerParts;
  readonly #phone: ScrcpyPhone["phone"];

  constructor(parts: ControllerParts) {
    this.#parts = parts;
    this.#phone = parts.phone.phone;
    // The phone makes its windows when first touched, which takes a millisecond: now, not between a touch and its answer.
    void this.#phone.ui;
    if (parts.options.clipboardAutosync)
      this.#unlisten = this.#phone.clipboard.changes.add((text) => this.#clipboardChanged(text));
    if (parts.options.powerOn && !this.#phone.power.interactive) this.#phone.input.press(KEYCODE.power);
  }

  /** Reads until the client closes. Rejects with a `WireError` at a message that is none. */
  async run(): Promise<void> {
    const parser = new ControlMessageParser((message) => this.#handle(message));
    for await (const chunk of this.#parts.socket.input) parser.push(chunk);
  }

  /** Lifts what fingers are still down. */
  stop(): void {
    this.#unlisten?.();
    for (const { id, x, y } of this.#pointers.takeAll()) this.#phone.input.touch("cancel", id, { x, y });
  }

  #handle(message: ControlMessage): void {
    switch (message.type) {
      case "inject-keycode":
        return this.#injected(this.#key(message.action, message.keycode, message.metaState));
      case "inject-text":
        return this.#text(message.text);
      case "inject-touch":
        return this.#touch(message);
      case "inject-scroll":
        return this.#scroll(message);
      case "back-or-screen-on":
        return this.#backOrScreenOn(message.action);
      case "get-clipboard":
        return this.#getClipboard(message.copyKey);
      case "set-clipboard":
        return this.#setClipboard(message);
      default:
        return this.#system(message);
    }
  }

  #system(message: ControlMessage): void {
    const phone = this.#phone;
    switch (message.type) {
      case "expand-notification-panel":
        return phone.shade.set("notifications");
      case "expand-settings-panel":
        return phone.shade.set("settings");
      case "collapse-panels":
        return phone.shade.set("closed");
      case "set-display-power":
        // The panel only: what is mirrored stays lit, and this phone has no panel.
        return this.#parts.log.info(`Device display turned ${message.on ? "on" : "off"}`);
      case "rotate-device":
        return phone.display.rotate();
      case "open-hard-keyboard-settings":
        phone.activities.start({ action: "android.settings.HARD_KEYBOARD_SETTINGS", flags: FLAG.newTask });
        return;
      case "start-app":
        return startApp(phone, message.name, this.#parts.log);
      case "reset-video":
        this.#parts.log.info("Video capture reset");
        return this.#parts.video?.reset();
      case "uhid-create":
        return this.#parts.log.error("Could not create UHID device: this phone has no /dev/uhid");
      default:
        return;
    }
  }

  #key(action: number, code: number, meta: number): boolean {
    return this.#phone.input.key(action === keyAction.down ? "down" : "up", code, meta);
  }

  #text(text: string): void {
    for (const character of text) {
      if (this.#phone.input.text(character)) continue;
      const code = character.codePointAt(0) ?? 0;
      this.#parts.log.warn(`Could not inject char u+${code.toString(16).padStart(4, "0")}`);
    }
  }

  /** Device pixels, or `undefined` where the client's picture is not the one being sent: scrcpy drops such an event without a word. */
  #point(position: ControlPosition): { x: number; y: number } | undefined {
    const size = this.#parts.video?.size;
    if (!size) return { x: position.x, y: position.y };
    if (size.width !== position.width || size.height !== position.height) return undefined;
    const device = this.#phone.screen.size();
    return { x: Math.trunc((position.x * device.width) / size.width), y: Math.trunc((position.y * device.height) / size.height) };
  }

  #touch(message: Extract<ControlMessage, { type: "inject-touch" }>): void {
    const point = this.#point(message.position);
    if (!point) return;
    const { input } = this.#phone;
    if (message.action === motionAction.hoverMove) return this.#injected(input.hover(point.x, point.y));
    // A mouse's other buttons click nothing on a touch screen.
    if (message.pointerId === pointerId.mouse && (message.buttons & ~primaryButton) !== 0) return;
    switch (message.action) {
      case motionAction.down: {
        const id = this.#pointers.down(message.pointerId, point);
        if (id === undefined) return this.#parts.log.warn("Too many pointers for touch event");
        return this.#injected(input.touch("down", id, point));
      }
      case motionAction.move:
        return this.#known(message.pointerId, (id) => {
          this.#pointers.moved(message.pointerId, point);
          return input.touch("move", id, point);
        });
      case motionAction.up:
      case motionAction.cancel:
        return this.#known(message.pointerId, (id) => {
          this.#pointers.up(message.pointerId);
          return input.touch(message.action === motionAction.up ? "up" : "cancel", id, point);
        });
      default:
        return;
    }
  }

  #known(pointer: bigint, inject: (id: number) => boolean): void {
    const id = this.#pointers.get(pointer);
    if (id !== undefined) this.#injected(inject(id));
  }

  #scroll(message: Extract<ControlMessage, { type: "inject-scroll" }>): void {
    const point = this.#point(message.position);
    if (!point) return;
    this.#injected(this.#phone.input.scroll(point.x, point.y, { horizontal: message.hScroll, vertical: message.vScroll }));
  }

  #backOrScreenOn(action: number): void {
    if (this.#phone.power.interactive) return this.#injected(this.#key(action, KEYCODE.back, 0));
    // The press that wakes has no release of its own.
    if (action === keyAction.down) this.#injected(this.#phone.input.press(KEYCODE.power));
  }

  #getClipboard(copyKey: number): void {
    if (copyKey === 1) this.#injected(this.#phone.input.press(KEYCODE.copy));
    if (copyKey === 2) this.#injected(this.#phone.input.press(KEYCODE.cut));
    // With autosync the change has been told already, or there was none.
    if (!this.#parts.options.clipboardAutosync) this.#tell({ type: "clipboard", text: this.#phone.clipboard.get() });
  }

  #setClipboard(message: Extract<ControlMessage, { type: "set-clipboard" }>): void {
    this.#settingClipboard = true;
    const done = this.#phone.clipboard.set(message.text);
    this.#settingClipboard = false;
    if (done) this.#parts.log.info("Device clipboard set");
    if (message.paste) this.#injected(this.#phone.input.press(KEYCODE.paste));
    if (message.sequence !== 0n) this.#tell({ type: "ack-clipboard", sequence: message.sequence });
  }

  #clipboardChanged(text: string): void {
    if (!this.#settingClipboard) this.#tell({ type: "clipboard", text });
  }

  #tell(message: DeviceMessage): void {
    if (this.#parts.socket.buffered < backlog) void this.#parts.socket.write(encodeDeviceMessage(message));
  }

  /** Some vendors refuse injection: scrcpy prints the exception, and its user sees nothing happen. */
  #injected(done: boolean): void {
    const refusal = this.#phone.input.refusal;
    if (done || refusal === null || this.#refusalPrinted) return;
    this.#refusalPrinted = true;
    this.#parts.log.error(
      "Could not invoke method",
      `java.lang.reflect.InvocationTargetException\nCaused by: java.lang.SecurityException: ${refusal}`,
    );
  }
}
