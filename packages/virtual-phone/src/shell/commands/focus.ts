/** Which window has the focus, and the words that dumpsys uses for windows and activities. */
import type { ActivityRecord } from "../../phone/activity-record.js";
import { shortComponent } from "../../phone/intent.js";
import type { Phone } from "../../phone/phone.js";
import { hash32 } from "../../phone/random.js";

export interface WindowLine {
  readonly hash: string;
  /** As in `Window{hash u0 TITLE}`. */
  readonly title: string;
  readonly packageName: string;
  readonly uid: number;
  readonly type: string;
  readonly secure: boolean;
  readonly focused: boolean;
}

function hashOf(text: string): string {
  return (hash32(text) & 0xfffffff).toString(16);
}

/** The window of the status bar's panel, which is also the keyguard's. */
function shadeTitle(sdk: number): string {
  return sdk >= 30 ? "NotificationShade" : "StatusBar";
}

/** `ActivityRecord{hash u0 a.b/.C t12}` */
export function activityText(record: ActivityRecord): string {
  return `ActivityRecord{${record.token.toString(16)} u0 ${shortComponent(record.component)} t${record.taskId}}`;
}

/** Front first. */
export function windowsOf(phone: Phone): WindowLine[] {
  const { packages, activities, power, shade, dialogs, ime, model } = phone;
  const uidOf = (name: string): number => packages.get(name)?.uid ?? 1000;
  const systemUi = (title: string, type: string): WindowLine => ({
    hash: hashOf(`${phone.serial}${title}`),
    title,
    packageName: "com.android.systemui",
    uid: uidOf("com.android.systemui"),
    type,
    secure: false,
    focused: false,
  });
  const found: WindowLine[] = [systemUi("NavigationBar0", "NAVIGATION_BAR")];
  const panel = systemUi(shadeTitle(model.sdk), model.sdk >= 30 ? "NOTIFICATION_SHADE" : "STATUS_BAR");
  if (model.sdk >= 30) found.push(systemUi("StatusBar", "STATUS_BAR"));
  const dialog = dialogs.current;
  if (dialog) {
    const subject = activities.visible?.component.package ?? "android";
    const title = {
      crash: `Application Error: ${subject}`,
      "not-responding": `Application Not Responding: ${subject}`,
      "usb-debugging": "com.android.systemui/com.android.systemui.usb.UsbDebuggingActivity",
    }[dialog.kind];
    found.push({ ...systemUi(title, "SYSTEM_ALERT"), packageName: dialog.package });
  }
  found.push(panel);
  if (ime.shown)
    found.push({
      ...systemUi("InputMethod", "INPUT_METHOD"),
      packageName: "com.android.inputmethod.latin",
      uid: uidOf("com.android.inputmethod.latin"),
    });
  // From the front to the back.
  for (const record of [...activities.visibleStack].reverse()) {
    const { package: packageName, activity } = record.component;
    const secure = record === activities.visible && phone.screen.secure;
    found.push({
      hash: hashOf(`${record.token}`),
      title: `${packageName}/${activity}`,
      packageName,
      uid: uidOf(packageName),
      type: "BASE_APPLICATION",
      secure,
      focused: false,
    });
  }
  const covered = power.locked || shade.open;
  const front = dialog
    ? found.findIndex(({ type }) => type === "SYSTEM_ALERT")
    : covered
      ? found.indexOf(panel)
      : found.findIndex(({ type }) => type === "BASE_APPLICATION");
  return found.map((window, index) => ({ ...window, focused: index === front && (power.interactive || power.locked) }));
}

/** `Window{hash u0 title}`, or "null" when none has the focus. */
export function currentFocus(phone: Phone): string {
  const front = windowsOf(phone).find(({ focused }) => focused);
  return front ? `Window{${front.hash} u0 ${front.title}}` : "null";
}

export function focusedApp(phone: Phone): string {
  const record = phone.activities.visible;
  if (!record) return "null";
  const text = activityText(record);
  // Up to Android 10 the token stands around the record.
  return phone.model.sdk >= 30
    ? text
    : `AppWindowToken{${hashOf(`token${record.token}`)} token=Token{${hashOf(`t${record.token}`)} ${text}}}`;
}
