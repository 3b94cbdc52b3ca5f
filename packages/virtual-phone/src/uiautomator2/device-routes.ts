/** Routes about the phone: source, screen, keys, orientation, clipboard, alerts, settings. */
import { KEYCODE } from "../phone/key-characters.js";
import { pause } from "../phone/latency.js";
import type { Phone } from "../phone/phone.js";
import type { Window } from "../views/window.js";
import { alertButton, alertText } from "./alerts.js";
import { type Body, number, object, required, text } from "./body.js";
import { windowNumber } from "./elements.js";
import type { Route, RouteCall } from "./route.js";
import { badArgument, MESSAGE, ServerError } from "./server-error.js";
import { takeSnapshot } from "./snapshot.js";
import { sourceXml } from "./source.js";

const LONG_PRESS_MS = 500;

async function source({ session }: RouteCall): Promise<string> {
  await session.wait("source");
  return sourceXml(takeSnapshot(session.phone, { allWindows: session.settings.on("enableMultiWindows") }), session.phone);
}

async function screenshot({ host }: RouteCall): Promise<string> {
  const png = await host.screenshot();
  if (!png) throw new ServerError("unable to capture screen", MESSAGE.screenshot);
  return Buffer.from(png).toString("base64");
}

async function pressKey(call: RouteCall, code: number, { meta = 0, ms = 0 } = {}): Promise<null> {
  const { phone } = call.session;
  call.session.mustInject();
  const down = phone.input.key("down", code, meta);
  if (ms > 0) await pause(phone.clock, ms);
  if (!phone.input.key("up", code, meta) || !down)
    throw new ServerError("invalid element state", `Cannot generate key press event for key code ${code}`);
  await call.session.wait("act");
  return null;
}

function keyOf(call: RouteCall): number {
  return required(number(call.body, "keycode"), "keycode");
}

function orientationOf(phone: Phone): "LANDSCAPE" | "PORTRAIT" {
  return phone.display.rotation % 2 === 1 ? "LANDSCAPE" : "PORTRAIT";
}

function setOrientation({ session, body }: RouteCall): string {
  const wanted = text(body, "orientation")?.toUpperCase();
  if (wanted !== "LANDSCAPE" && wanted !== "PORTRAIT")
    throw badArgument(`Unsupported orientation '${String(wanted)}'. Only [PORTRAIT, LANDSCAPE] values are supported.`);
  session.phone.display.setUserRotation(wanted === "LANDSCAPE" ? 1 : 0);
  return orientationOf(session.phone);
}

function setRotation({ session, body }: RouteCall): string {
  const degrees = required(number(body, "z"), "z");
  const quarter = [0, 90, 180, 270].indexOf(degrees);
  if (quarter < 0) throw badArgument(`Invalid rotation value: ${degrees}`);
  session.phone.display.setUserRotation(quarter as 0 | 1 | 2 | 3);
  return `ROTATION_${session.phone.display.rotation * 90}`;
}

/** Only text can be on this clipboard. */
function mustBePlain(body: Body): void {
  const wanted = text(body, "contentType") ?? "PLAINTEXT";
  if (wanted.toUpperCase() !== "PLAINTEXT")
    throw badArgument(`Only '[PLAINTEXT]' content types are supported. '${wanted}' is given instead`);
}

function deviceInfo(phone: Phone): object {
  const { model, display, properties } = phone;
  const { width, height, density } = display.physical;
  return {
    androidId: phone.settings.get("secure", "android_id"),
    manufacturer: model.manufacturer,
    model: model.name,
    brand: properties.get("ro.product.brand"),
    apiVersion: String(model.sdk),
    platformVersion: model.release,
    carrierName: "",
    realDisplaySize: `${width}x${height}`,
    displayDensity: density,
    networks: [],
    locale: phone.locale.replace("-", "_"),
    timeZone: properties.get("persist.sys.timezone"),
    bluetooth: null,
  };
}

/** AccessibilityWindowInfo.TYPE_*: an app's, the keyboard's, the system's. */
function windowType(window: Window): 1 | 2 | 3 {
  if (window.name.includes("/")) return 1;
  return window.name === "ime" ? 2 : 3;
}

/** The topmost first. */
function windows({ session }: RouteCall): object[] {
  const { ui } = session.phone;
  ui.layout();
  return [...ui.layers].reverse().map((window, index, all) => ({
    windowId: windowNumber(window),
    displayId: 0,
    physicalDisplayId: "0",
    virtualDisplayId: null,
    rect: window.rect,
    packageName: window.package,
    screenshot: null,
    type: windowType(window),
    title: window.name,
    layer: all.length - index - 1,
    isAccessibilityFocused: false,
    isActive: window === ui.focusedWindow,
    isFocused: window === ui.focusedWindow,
    isInPictureInPictureMode: false,
  }));
}

function alertRoute(action: "accept" | "dismiss"): Route {
  return {
    method: "POST",
    path: `/alert/${action}`,
    handle: async (call) => {
      await call.session.click(alertButton(call.session.phone, action, text(call.body, "buttonLabel")), call.signal);
      return null;
    },
  };
}

export const deviceRoutes: readonly Route[] = [
  { method: "GET", path: "/source", handle: source },
  { method: "GET", path: "/screenshot", handle: screenshot },
  { method: "POST", path: "/back", handle: (call) => pressKey(call, KEYCODE.back) },
  {
    method: "POST",
    path: "/appium/device/press_keycode",
    handle: (call) => pressKey(call, keyOf(call), { meta: number(call.body, "metastate") ?? 0 }),
  },
  {
    method: "POST",
    path: "/appium/device/long_press_keycode",
    handle: (call) => pressKey(call, keyOf(call), { meta: number(call.body, "metastate") ?? 0, ms: LONG_PRESS_MS }),
  },
  {
    method: "POST",
    path: "/appium/device/open_notifications",
    handle: ({ session }) => {
      if (session.phone.power.locked) throw new ServerError("invalid element state", "Device failed to open notifications");
      session.phone.shade.set("notifications");
      return null;
    },
  },
  { method: "GET", path: "/orientation", handle: ({ session }) => orientationOf(session.phone) },
  { method: "POST", path: "/orientation", handle: setOrientation },
  { method: "GET", path: "/rotation", handle: ({ session }) => ({ x: 0, y: 0, z: session.phone.display.rotation * 90 }) },
  { method: "POST", path: "/rotation", handle: setRotation },
  {
    method: "GET",
    path: "/window/:handle/size",
    handle: ({ session }) => ({ width: session.phone.display.width, height: session.phone.display.height }),
  },
  { method: "GET", path: "/appium/device/pixel_ratio", handle: ({ session }) => session.phone.display.density / 160 },
  { method: "GET", path: "/appium/device/display_density", handle: ({ session }) => session.phone.display.density },
  {
    method: "GET",
    path: "/appium/device/system_bars",
    handle: ({ session }) => ({ statusBar: session.phone.ui.system.insets.top }),
  },
  { method: "GET", path: "/appium/device/info", handle: ({ session }) => deviceInfo(session.phone) },
  {
    method: "GET",
    path: "/appium/device/battery_info",
    handle: ({ session }) => ({ level: session.phone.battery.state.level / 100, status: session.phone.battery.state.status }),
  },
  {
    method: "POST",
    path: "/appium/device/get_clipboard",
    handle: ({ session, body }) => {
      mustBePlain(body);
      return Buffer.from(session.phone.clipboard.get()).toString("base64");
    },
  },
  {
    method: "POST",
    path: "/appium/device/set_clipboard",
    handle: ({ session, body }) => {
      mustBePlain(body);
      session.phone.clipboard.set(Buffer.from(required(text(body, "content"), "content"), "base64").toString());
      return null;
    },
  },
  { method: "GET", path: "/alert/text", handle: ({ session }) => alertText(session.phone) },
  alertRoute("accept"),
  alertRoute("dismiss"),
  { method: "GET", path: "/appium/settings", handle: ({ session }) => session.settings.all() },
  {
    method: "POST",
    path: "/appium/settings",
    handle: ({ session, body }) => {
      session.settings.update(required(object(body, "settings"), "settings"));
      return null;
    },
  },
  { method: "POST", path: "/appium/reset_ax_cache", handle: () => null },
  { method: "POST", path: "/appium/list_windows", handle: windows },
];
