/**
 * What a scrcpy client asks of a phone, big-endian. scrcpy v3.3.1, server/src/main/java/com/genymobile/scrcpy/control/ControlMessageReader.java
 * and app/src/control_msg.c; each length is pinned by a golden test.
 */
export const controlType = {
  injectKeycode: 0,
  injectText: 1,
  injectTouch: 2,
  injectScroll: 3,
  backOrScreenOn: 4,
  expandNotificationPanel: 5,
  expandSettingsPanel: 6,
  collapsePanels: 7,
  getClipboard: 8,
  setClipboard: 9,
  setDisplayPower: 10,
  rotateDevice: 11,
  uhidCreate: 12,
  uhidInput: 13,
  uhidDestroy: 14,
  openHardKeyboardSettings: 15,
  startApp: 16,
  resetVideo: 17,
} as const;

/** Longest message the server takes, header included (CONTROL_MSG_MAX_SIZE). */
export const controlMaxMessage = 1 << 18;
/** The client cuts injected text to this many bytes. */
export const controlMaxText = 300;

/** Android's MotionEvent and KeyEvent actions. */
export const motionAction = { down: 0, up: 1, move: 2, cancel: 3, hoverMove: 7, hoverEnter: 9, hoverExit: 10 } as const;
export const keyAction = { down: 0, up: 1 } as const;

/** Pointers with a meaning of their own. */
export const pointerId = { mouse: -1n, genericFinger: -2n, virtualFinger: -3n } as const;

/** Where something happens: in pixels of a picture of `width` × `height`, which the phone compares with what it sends. */
export interface ControlPosition {
  x: number;
  y: number;
  width: number;
  height: number;
}

export type ControlMessage =
  | { type: "inject-keycode"; action: number; keycode: number; repeat: number; metaState: number }
  | { type: "inject-text"; text: string }
  | {
      type: "inject-touch";
      action: number;
      pointerId: bigint;
      position: ControlPosition;
      /** 0 to 1. */
      pressure: number;
      actionButton: number;
      buttons: number;
    }
  /** In notches, -16 to 16. */
  | { type: "inject-scroll"; position: ControlPosition; hScroll: number; vScroll: number; buttons: number }
  | { type: "back-or-screen-on"; action: number }
  | { type: "expand-notification-panel" }
  | { type: "expand-settings-panel" }
  | { type: "collapse-panels" }
  /** `copyKey`: 0 none, 1 copy, 2 cut. */
  | { type: "get-clipboard"; copyKey: number }
  /** A sequence other than 0 is acknowledged with an ack-clipboard message. */
  | { type: "set-clipboard"; sequence: bigint; paste: boolean; text: string }
  | { type: "set-display-power"; on: boolean }
  | { type: "rotate-device" }
  | { type: "uhid-create"; id: number; vendorId: number; productId: number; name: string; descriptor: Uint8Array }
  | { type: "uhid-input"; id: number; data: Uint8Array }
  | { type: "uhid-destroy"; id: number }
  | { type: "open-hard-keyboard-settings" }
  | { type: "start-app"; name: string }
  | { type: "reset-video" };
