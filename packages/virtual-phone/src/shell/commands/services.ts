/** cmd, service, ime, appops, dpm, locksettings and others: the front doors of system services. */

import type { AdminResult } from "../../phone/device-admins.js";
import { STOCK_IME } from "../../phone/ime.js";
import { shortComponent } from "../../phone/intent.js";
import type { Call, CommandSet } from "../command.js";
import { readOptions } from "../options.js";
import { am } from "./activities.js";
import { battery, serviceNames } from "./dumpsys.js";
import { input } from "./input.js";
import { location } from "./location.js";
import { pm } from "./packages.js";
import { settings } from "./properties.js";
import { content } from "./settings-provider.js";
import { onOff, svc, svcPower } from "./svc.js";
import { wm } from "./windows.js";

type Verb = (call: Call, args: readonly string[]) => Promise<number>;

const uimode: Verb = async (call, [verb, wanted]) => {
  if (verb !== "night") return call.complain(`Unknown command: ${verb ?? ""}`, 255);
  const store = call.phone.settings;
  const states: Record<string, string> = { yes: "2", no: "1", auto: "0" };
  if (wanted !== undefined) {
    if (!states[wanted]) return call.complain("Error: Invalid argument", 255);
    store.put("secure", "ui_night_mode", states[wanted] ?? "1");
  }
  const now = Object.entries(states).find(([, value]) => value === (store.get("secure", "ui_night_mode") ?? "1"))?.[0] ?? "no";
  return call.say(`Night mode: ${now}`);
};

const connectivity: Verb = async (call, [verb, wanted]) => {
  if (verb !== "airplane-mode") return call.complain(`Unknown command: ${verb ?? ""}`, 255);
  if (wanted === undefined)
    return call.say(call.phone.settings.get("global", "airplane_mode_on") === "1" ? "enabled" : "disabled");
  const on = onOff(wanted);
  if (on === undefined) return call.complain("Error: argument must be enable or disable", 255);
  call.phone.settings.put("global", "airplane_mode_on", on ? "1" : "0");
  return 0;
};

const wifi: Verb = async (call, [verb, wanted]) => {
  const { radios, settings } = call.phone;
  if (verb === "status")
    return call.say(
      `Wifi is ${settings.get("global", "wifi_on") === "0" ? "disabled" : "enabled"}`,
      radios.connected ? 'Wifi is connected to "lab"' : "Wifi is not connected",
    );
  if (verb === "set-wifi-enabled" && (wanted === "enabled" || wanted === "disabled")) radios.setWifi(wanted === "enabled");
  return 0;
};

const statusbar: Verb = async (call, [verb]) => {
  const states = { "expand-notifications": "notifications", "expand-settings": "settings", collapse: "closed" } as const;
  const state = states[verb as keyof typeof states];
  if (!state)
    return verb === "get-status-icons"
      ? call.say("wifi", "battery", "clock")
      : call.complain(`Unknown command: ${verb ?? ""}`, 255);
  call.phone.shade.set(state);
  return 0;
};

const notification: Verb = async (call, args) => {
  const [verb, ...rest] = args;
  if (verb === "post") {
    const { values, rest: words } = readOptions(rest, {
      flags: "v",
      values: "tSi",
      long: ["title=", "verbose", "style=", "icon="],
    });
    const [tag = "tag", text = ""] = words;
    call.phone.shade.post({
      key: `0|com.android.shell|2020|${tag}|2000`,
      package: "com.android.shell",
      title: values.get("t") ?? values.get("title") ?? "Shell",
      text,
      time: call.phone.clock.now(),
    });
    return call.say(
      "posting:",
      `  Notification(channel=shell_cmd shortcut=null contentView=null vibrate=null sound=null defaults=0x0 flags=0x0 color=0x00000000 vis=PRIVATE)`,
    );
  }
  if (verb === "list") return call.sayAll(call.phone.shade.notifications.map(({ key }) => key));
  if (["allow_listener", "disallow_listener", "set_dnd", "allow_assistant", "allow_dnd", "disallow_dnd"].includes(verb ?? ""))
    return 0;
  return call.complain(`Unknown command: ${verb ?? ""}`, 255);
};

const locale: Verb = async (call, [verb, name, , wanted]) => {
  if (verb === "get-app-locales") return call.say(`Locales for ${name} for user 0 are []`);
  if (verb === "set-app-locales") return 0;
  if (verb === "get-device-locale") return call.say(call.phone.locale);
  if (verb === "set-device-locale" && (name ?? wanted)) {
    call.phone.properties.put("persist.sys.locale", name ?? "");
    return 0;
  }
  return call.complain(`Unknown command: ${verb ?? ""}`, 255);
};

const lockSettings: Verb = async (call, args) => {
  const { values, rest } = readOptions(args, { long: ["old=", "user="] });
  const [verb, pin] = rest;
  const { power } = call.phone;
  const known = power.checkPin(values.get("old") ?? "");
  // Since Android 9; before, a shell can only set and clear.
  if (call.phone.model.sdk < 28 && ["verify", "get-disabled", "set-disabled"].includes(verb ?? ""))
    return call.complain(`Unknown command: ${verb}`, 255);
  const refused = (): Promise<number> => call.say(`Old password '${values.get("old") ?? ""}' didn't match`).then(() => 0);
  switch (verb) {
    case "set-pin":
      if (!known) return refused();
      if (!power.setPin(pin ?? "")) return call.complain("Error: PIN must be 4 to 16 digits", 255);
      return call.say(`Pin set to '${pin}'`);
    case "clear":
      if (!known) return refused();
      power.setPin(null);
      return call.say("Lock credential cleared");
    case "verify":
      return known ? call.say("Lock credential verified successfully") : refused();
    case "set-disabled":
      call.phone.settings.put("secure", "lockscreen.disabled", pin === "true" ? "1" : "0");
      return call.say(`Lock screen disabled set to ${pin}`);
    case "get-disabled":
      return call.say(String(call.phone.settings.get("secure", "lockscreen.disabled") === "1"));
    default:
      return call.complain(`Unknown command: ${verb ?? ""}`, 255);
  }
};

const ime: Verb = async (call, [verb, id]) => {
  const current = call.phone.settings.get("secure", "default_input_method") ?? STOCK_IME;
  switch (verb) {
    case "list":
      return id === "-s" || id === undefined || id === "-a"
        ? call.say(
            id === "-s"
              ? STOCK_IME
              : `${STOCK_IME}:\n  mId=${STOCK_IME} mSettingsActivityName=null mIsVrOnly=false\n  mIsDefaultResId=0x0`,
          )
        : call.complain(`Unknown option: ${id}`, 255);
    case "enable":
    case "disable":
    case "set":
      if (id !== STOCK_IME)
        return call.complain(
          `Unknown input method ${id ?? ""} cannot be ${verb === "set" ? "selected" : `${verb}d`} for user #0`,
          255,
        );
      if (verb === "set") call.phone.settings.put("secure", "default_input_method", id);
      return call.say(
        verb === "set" ? `Input method ${id} selected for user #0` : `Input method ${id}: now ${verb}d for user #0`,
      );
    case "reset":
      return call.say(
        `Reset current and enabled IMEs for user #0`,
        `  Newly selected IME: ${current}`,
        "  Newly enabled IMEs:",
        `    ${current}`,
      );
    default:
      return call.complain(`Unknown command: ${verb ?? ""}`, 255);
  }
};

const SHELL = "com.android.shell";
const MODES = ["allow", "ignore", "deny", "default", "foreground"];

const appops: Verb = async (call, args) => {
  const { rest } = readOptions(args, { long: ["user=", "uid"] });
  const [verb, name = "", operation, mode] = rest;
  if (verb !== "set" && verb !== "get" && verb !== "reset") return call.complain(`Unknown command: ${verb ?? ""}`, 255);
  const mock = /^(?:android:)?mock_location$/i.test(operation ?? "");
  const { location: place } = call.phone;
  if (verb === "reset") {
    place.mayMock = false;
    return call.say("Reset all modes.");
  }
  if (!call.phone.packages.get(name)) return call.complain(`Error: No UID for ${name} in user 0`, 255);
  if (verb === "get" && mock && name === SHELL && place.mayMock) return call.say("MOCK_LOCATION: allow; time=+1s0ms ago");
  if (verb === "get") return call.say("No operations.");
  if (operation === undefined || !MODES.includes(mode ?? "")) return call.complain(`Error: Mode ${mode ?? ""} is not valid`, 255);
  if (mock && name === SHELL) place.mayMock = mode === "allow";
  return 0;
};

const dpm: Verb = (call, args) => {
  const { rest } = readOptions(args, { long: ["user=", "name=", "affiliated", "device-owner-only"] });
  const [verb, name = ""] = rest;
  const { admins } = call.phone;
  const answered = (result: AdminResult, done: string): Promise<number> => {
    const refusal = ADMIN_REFUSALS[result];
    return refusal === undefined ? call.say(done) : call.complain(refusal.replace("%", name), 255);
  };
  switch (verb) {
    case "list-owners":
    case "list":
      return admins.owner
        ? call.say("1 owner:", `User  0: admin=${shortComponent(admins.owner.component)},DeviceOwner`)
        : call.say("no owners");
    case "set-active-admin":
      return answered(admins.activate(name), `Success: Active admin set to component {${name}}`);
    case "set-device-owner":
      return answered(admins.own(name), `Success: Device owner set to package ${name}`);
    case "remove-active-admin":
      return answered(admins.remove(name, true), `Success: Admin removed {${name}}`);
    case "set-profile-owner":
      return call.complain(`Error: Unknown admin: {${name}}`, 255);
    default:
      return call.complain(`Unknown command: ${verb ?? ""}`, 255);
  }
};

const ADMIN_REFUSALS: Readonly<Record<AdminResult, string | undefined>> = {
  ok: undefined,
  unknown: "java.lang.IllegalArgumentException: Unknown admin: ComponentInfo{%}",
  active: "java.lang.IllegalArgumentException: Admin is already added",
  owned:
    "java.lang.IllegalStateException: Trying to set the device owner (%), but device owner (com.android.shell) is already set.",
  accounts:
    "java.lang.IllegalStateException: Not allowed to set the device owner because there are already some accounts on the device.",
  "not-test-only": "java.lang.SecurityException: Attempt to remove non-test admin ComponentInfo{%} 0",
};

const alarm: Verb = async (call, [verb, wanted]) => {
  // Android 9 is the first whose alarm service has commands.
  if (call.phone.model.sdk < 28 || (verb !== "set-timezone" && verb !== "set-time"))
    return call.complain(`Unknown command: ${verb ?? ""}`, 255);
  if (verb === "set-timezone") setTimeZone(call, wanted ?? "");
  return 0;
};

/** AlarmManagerService takes what it knows, and says nothing of the rest. */
function setTimeZone(call: Call, zone: string): void {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
  } catch {
    return;
  }
  call.phone.properties.put("persist.sys.timezone", zone);
}

const deviceIdle: Verb = (call, [verb, name]) => {
  if (verb === "whitelist")
    return name === undefined
      ? call.say("system,com.android.shell,2000")
      : call.say(`${name.startsWith("-") ? "Removed" : "Added"}: ${name.slice(1)}`);
  if (verb === "force-idle" || verb === "step" || verb === "unforce" || verb === "enabled")
    return call.say(verb === "force-idle" ? "Now forced in to deep idle mode" : "1");
  return call.complain(`Unknown command: ${verb ?? ""}`, 255);
};

const SERVICES: Readonly<Record<string, Verb>> = {
  activity: (call, args) => am(call.as("am", args)),
  alarm,
  appops,
  battery,
  connectivity,
  device_policy: dpm,
  deviceidle: deviceIdle,
  input: (call, args) => input(call.as("input", args)),
  input_method: ime,
  locale,
  location,
  lock_settings: lockSettings,
  notification,
  overlay: (call, [verb]) => (verb === "list" ? call.say("android") : Promise.resolve(0)),
  package: (call, args) => pm(call.as("pm", args)),
  power: async (call, args) => svcPower(call, args),
  role: async () => 0,
  settings: (call, args) => settings(call.as("settings", args)),
  shortcut: async () => 0,
  statusbar,
  testharness: (call) => call.complain("Error: test harness mode is not available on virtual phones", 255),
  uimode,
  wifi,
  window: (call, args) => wm(call.as("wm", args)),
};

async function cmd(call: Call): Promise<number> {
  const [name, ...args] = call.args[0] === "-w" ? call.args.slice(1) : call.args;
  if (name === undefined) return call.complain("cmd: No service specified; use -l to list all services", 20);
  if (name === "-l") return call.say("Currently running services:", ...serviceNames.map((service) => `  ${service}`));
  const service = Object.hasOwn(SERVICES, name) ? SERVICES[name] : undefined;
  return service ? service(call, args) : call.complain(`cmd: Can't find service: ${name}`, 20);
}

async function service(call: Call): Promise<number> {
  const [verb, name = ""] = call.args;
  switch (verb) {
    case "list":
      return call.say(
        `Found ${serviceNames.length} services:`,
        ...serviceNames.map((one, index) => `${index}\t${one}: [android.${one}.I${one}]`),
      );
    case "check":
      return call.say(`Service ${name}: ${serviceNames.includes(name) ? "found" : "not found"}`);
    case "call":
      if (!serviceNames.includes(name)) return call.say(`service: Service ${name} does not exist`).then(() => 10);
      // IAlarmManager.setTimeZone, the one raw call that tools make before Android 9.
      if (name === "alarm" && call.args[2] === "3" && call.args[3] === "s16") {
        setTimeZone(call, call.args[4] ?? "");
        return call.say("Result: Parcel(00000000    '....')");
      }
      // Raw transactions need the phone's own interface numbers; the clipboard besides refuses a shell that has no focused window.
      return call.say(
        name === "clipboard"
          ? "Result: Parcel(\n  0x00000000: ffffffff 00000047 00680053 006c006c '....G...S.h.e.l.l'\n  Error: -1 java.lang.SecurityException: Denying clipboard access to com.android.shell, application is not in focus)"
          : 'Result: Parcel(Error: 0xffffffffffffffb6 "Not a data message")',
      );
    default:
      return call.complain(
        "Usage: service [-h|-?]\n       service list\n       service check SERVICE\n       service call SERVICE CODE [i32 N | i64 N | f N | d N | s16 STR ] ...",
        10,
      );
  }
}

async function reboot(call: Call): Promise<number> {
  call.host.reboot(call.args[0] ?? "");
  return 0;
}

const run =
  (verb: Verb) =>
  (call: Call): Promise<number> =>
    verb(call, call.args);

export const serviceCommands: CommandSet = {
  toybox: {},
  own: {
    appops: run(appops),
    bmgr: (call) => call.say("Backup Manager currently disabled"),
    cmd,
    content,
    dpm: run(dpm),
    ime: run(ime),
    locksettings: run(lockSettings),
    media: () => 0,
    reboot,
    service,
    svc,
  },
};
