/** dumpsys: the dispatcher and the short services; window, activity and package stand in files of their own. */
import { BAZAAR_DATA } from "../../apps/bazaar/store.js";
import type { BatteryState } from "../../phone/battery.js";
import { inputRecordLines } from "../../phone/input-record.js";
import type { Phone } from "../../phone/phone.js";
import type { Call, CommandSet } from "../command.js";
import { dumpActivity } from "./dump-activity.js";
import { dumpDropBox } from "./dump-dropbox.js";
import { dumpPackage, dumpPackages } from "./dump-package.js";
import { dumpAccounts, dumpDevicePolicy, dumpLockSettings } from "./dump-people.js";
import { dumpWindow } from "./dump-window.js";
import { locationLines } from "./location.js";
import { ownerName } from "./owners.js";

const NAMES: Readonly<Record<string, keyof BatteryState>> = {
  ac: "ac",
  usb: "usb",
  wireless: "wireless",
  status: "status",
  level: "level",
  temp: "temperature",
  temperature: "temperature",
  present: "present",
  health: "health",
  voltage: "voltage",
};

/** Battery commands; also `cmd battery`. */
export async function battery(call: Call, args: readonly string[]): Promise<number> {
  const [verb, name, value] = args.filter((arg) => arg !== "-f");
  const { battery: state } = call.phone;
  switch (verb) {
    case "set": {
      const key = NAMES[name ?? ""];
      if (!key || value === undefined || !/^-?\d+$/.test(value))
        return call.complain(key ? `Bad value: ${value}` : `Unknown set option: ${name}`, 255);
      const flag = typeof state.state[key] === "boolean";
      state.override({ [key]: flag ? value !== "0" : Number(value) });
      return 0;
    }
    case "unplug":
      state.unplug();
      return 0;
    case "reset":
      state.reset();
      return 0;
    case "get":
      return NAMES[name ?? ""]
        ? call.say(String(state.state[NAMES[name ?? ""] ?? "level"]))
        : call.complain(`Unknown get option: ${name}`, 255);
    case undefined:
    case "-a":
    case "--checkin":
      return call.sayAll(batteryLines(call.phone));
    default:
      return call.complain(`Unknown command: ${verb}`, 255);
  }
}

function batteryLines(phone: Phone): string[] {
  const state = phone.battery.state;
  return [
    "Current Battery Service state:",
    ...(phone.battery.overridden ? ["  (UPDATES STOPPED -- use 'reset' to restart)"] : []),
    `  AC powered: ${state.ac}`,
    `  USB powered: ${state.usb}`,
    `  Wireless powered: ${state.wireless}`,
    ...(phone.model.sdk >= 33 ? ["  Dock powered: false"] : []),
    "  Max charging current: 500000",
    "  Max charging voltage: 5000000",
    `  Charge counter: ${state.level * 40_000}`,
    `  status: ${state.status}`,
    `  health: ${state.health}`,
    `  present: ${state.present}`,
    `  level: ${state.level}`,
    `  scale: ${state.scale}`,
    `  voltage: ${state.voltage}`,
    `  temperature: ${state.temperature}`,
    `  technology: ${state.technology}`,
  ];
}

function power(phone: Phone): string[] {
  const { interactive } = phone.power;
  const { level, ac, usb, wireless } = phone.battery.state;
  const stayOn = phone.settings.getInt("global", "stay_on_while_plugged_in", 0);
  const plug = ac ? 1 : usb ? 2 : wireless ? 4 : 0;
  return [
    "POWER MANAGER (dumpsys power)",
    "",
    "Power Manager State:",
    "  mDirty=0x0",
    `  mWakefulness=${interactive ? "Awake" : "Asleep"}`,
    "  mWakefulnessChanging=false",
    `  mIsPowered=${plug !== 0}`,
    `  mPlugType=${plug}`,
    `  mBatteryLevel=${level}`,
    "  mDockState=0",
    `  mStayOn=${(stayOn & plug) !== 0}`,
    "  mProximityPositive=false",
    "  mBootCompleted=true",
    "  mSystemReady=true",
    `  mHalInteractiveModeEnabled=${interactive}`,
    `  mWakeLockSummary=0x${interactive ? "2" : "0"}`,
    `  mUserActivitySummary=0x${interactive ? "1" : "4"}`,
    "  mSandmanScheduled=false",
    "  mDeviceIdleMode=false",
    `  mHoldingWakeLockSuspendBlocker=false`,
    `  mHoldingDisplaySuspendBlocker=${interactive}`,
    "",
    "Settings and Configuration:",
    `  mStayOnWhilePluggedInSetting=${stayOn}`,
    `  mScreenOffTimeoutSetting=${phone.settings.getInt("system", "screen_off_timeout", 60_000)}`,
    "",
    "Wake Locks: size=0",
    "",
    `Display Power: state=${interactive ? "ON" : "OFF"}`,
  ];
}

function inputMethod(phone: Phone): string[] {
  const { shown, field } = phone.ime.state;
  const id = phone.settings.get("secure", "default_input_method") ?? "com.android.inputmethod.latin/.LatinIME";
  return [
    "Current Input Method Manager state:",
    "  Input Methods:",
    `  InputMethod #0:`,
    `    mId=${id} mSettingsActivityName=null mIsVrOnly=false`,
    "  Clients:",
    `  mCurMethodId=${id}`,
    `  mCurSeq=1 mCurFocusedWindowSoftInputMode=STATE_UNSPECIFIED|ADJUST_RESIZE`,
    `  mShowRequested=${shown} mShowExplicitlyRequested=false mShowForced=false mInputShown=${shown}`,
    `  mInputShown=${shown}`,
    `  mIsInputViewShown=${shown}`,
    `  mServedInputConnection=${field === null ? "null" : `RemoteInputConnectionImpl{${field}}`}`,
    `  mSystemReady=true mInteractive=${phone.power.interactive}`,
  ];
}

function display(phone: Phone): string[] {
  const { width, height, density, rotation } = phone.display.state;
  const { physical } = phone.display;
  const state = phone.power.interactive ? "ON" : "OFF";
  return [
    "DISPLAY MANAGER (dumpsys display)",
    "  mOnlyCode=false",
    "Display Devices: size=1",
    `  DisplayDeviceInfo{"Built-in Screen": uniqueId="local:0", ${physical.width} x ${physical.height}, modeId 1, defaultModeId 1, density ${physical.density}, ${physical.density}.0 x ${physical.density}.0 dpi, rotation 0, type INTERNAL, state ${state}}`,
    "Logical Displays: size=1",
    "  Display 0:",
    "    mDisplayId=0",
    `    mBaseDisplayInfo=DisplayInfo{"Built-in Screen", displayId 0, real ${physical.width} x ${physical.height}, largest app ${Math.max(width, height)} x ${Math.max(width, height)}, mode 1, rotation 0, state ${state}, density ${physical.density} (${physical.density}.0 x ${physical.density}.0) dpi}`,
    `    mOverrideDisplayInfo=DisplayInfo{"Built-in Screen", displayId 0, real ${width} x ${height}, app ${width} x ${height}, mode 1, rotation ${rotation}, state ${state}, density ${density} (${density}.0 x ${density}.0) dpi}`,
    `mScreenState=${state}`,
  ];
}

function memory(phone: Phone, packageName: string | undefined): string[] {
  const header = `Applications Memory Usage (in Kilobytes):\nUptime: ${phone.uptime} Realtime: ${phone.uptime}`;
  if (packageName !== undefined) {
    const [process] = phone.processes.ofPackage(packageName);
    if (!process) return [`No process found for: ${packageName}`];
    const row = (name: string, value: number): string => `${name.padStart(20)}: ${String(value).padStart(8)}`;
    return [
      header,
      "",
      `** MEMINFO in pid ${process.pid} [${process.name}] **`,
      " App Summary",
      "                       Pss(KB)",
      row("Java Heap", Math.floor(process.rss / 8)),
      row("Native Heap", Math.floor(process.rss / 6)),
      row("TOTAL PSS", Math.floor(process.rss / 2)),
      `           TOTAL RSS: ${process.rss}`,
    ];
  }
  const all = [...phone.processes.list()].sort((a, b) => b.rss - a.rss).filter(({ rss }) => rss > 0);
  const used = all.reduce((sum, { rss }) => sum + Math.floor(rss / 2), 0);
  const total = phone.model.memoryMb * 1024;
  const number = (value: number): string => `${value.toLocaleString("en-US")}K`;
  return [
    header,
    "",
    "Total PSS by process:",
    ...all.map(({ name, pid, rss }) => `    ${number(Math.floor(rss / 2)).padStart(9)}: ${name} (pid ${pid})`),
    "",
    `Total RAM: ${number(total)} (status normal)`,
    ` Free RAM: ${number(total - used)}`,
    ` Used RAM: ${number(used)}`,
  ];
}

function cpu(phone: Phone): string[] {
  const rows = phone.processes
    .list()
    .filter(({ package: name }) => name)
    .slice(0, 8);
  return [
    "Load: 0.42 / 0.38 / 0.35",
    `CPU usage from ${60_000}ms to 0ms ago:`,
    ...rows.map(({ pid, name, uid }) => `  0.1% ${pid}/${name}: 0.1% user + 0% kernel / ${ownerName(uid)}`),
    "1.2% TOTAL: 0.8% user + 0.4% kernel",
  ];
}

function surfaceFlinger(phone: Phone, args: readonly string[]): string[] {
  if (args[0] === "--list")
    return [
      ...phone.activities.visibleStack.map(({ component }) => `${component.package}/${component.activity}#0`),
      "StatusBar#0",
      "NavigationBar0#0",
    ];
  if (args[0] === "--display-id") return [`Display 0 (HWC display 0): port=0 pnpId=PRV displayName="phonerack virtual"`];
  if (args[0]?.startsWith("--latency")) return ["16666666"];
  const { width, height } = phone.display.physical;
  return [
    "Build configuration: [sf PRESENT_TIME_OFFSET=0]",
    "Display 0 HWC layers:",
    `  Display 0 (active) ${width}x${height}`,
    "GLES: phonerack, virtual, OpenGL ES 3.1 (software)",
  ];
}

type Dump = (call: Call, args: readonly string[]) => Promise<number>;
const lines =
  (make: (phone: Phone, args: readonly string[]) => readonly string[]): Dump =>
  (call, args) =>
    call.sayAll(make(call.phone, args));

const SERVICES: Readonly<Record<string, Dump>> = {
  SurfaceFlinger: lines(surfaceFlinger),
  account: lines(dumpAccounts),
  activity: lines(dumpActivity),
  battery,
  cpuinfo: lines(cpu),
  device_policy: lines(dumpDevicePolicy),
  deviceidle: (call, args) =>
    args[0] === "whitelist"
      ? call.say(
          "system-excidle,com.android.shell,2000",
          "system,com.android.shell,2000",
          ...(args[1]?.startsWith("+") ? [`Added: ${args[1].slice(1)}`] : []),
        )
      : call.say("  mLightEnabled=true  mDeepEnabled=true", "  mState=ACTIVE mLightState=ACTIVE"),
  diskstats: (call) =>
    call.say(
      "Latency: 1ms [512B Data Write]",
      `Data-Free: ${Math.floor((call.files.storage.capacity - call.files.storage.used) / 1024)}K / ${Math.floor(call.files.storage.capacity / 1024)}K total`,
    ),
  display: lines(display),
  dropbox: lines(dumpDropBox),
  input: lines((phone) => [
    "INPUT MANAGER (dumpsys input)",
    "",
    "Input Manager State:",
    `  Interactive: ${String(phone.power.interactive)}`,
    "Input Reader State:",
    "  Device 1: phonerack-touch",
    "    Touch Input Mapper (mode - DIRECT):",
    `      SurfaceOrientation: ${phone.display.rotation}`,
    "Input Dispatcher State:",
    "  DispatchEnabled: true",
  ]),
  input_method: lines(inputMethod),
  location: lines(locationLines),
  lock_settings: lines(dumpLockSettings),
  meminfo: lines((phone, args) =>
    memory(
      phone,
      args.find((arg) => !arg.startsWith("-")),
    ),
  ),
  connectivity: lines(({ radios }) => [
    `Active default network: ${radios.connected ? "101" : "none"}`,
    "",
    "Current Networks:",
    ...(radios.connected
      ? [
          "  NetworkAgentInfo{network{101}  handle{437852078093}  ni{WIFI CONNECTED extra: }  Score(60 ; Policies : TRANSPORT_PRIMARY&IS_VALIDATED)  lp{{InterfaceName: wlan0 LinkAddresses: [ 192.0.2.17/24 ] Routes: [ 192.0.2.0/24 -> 0.0.0.0 wlan0 mtu 0,0.0.0.0/0 -> 192.0.2.1 wlan0 mtu 0 ]}}  nc{[ Transports: WIFI Capabilities: NOT_METERED&INTERNET&NOT_RESTRICTED&TRUSTED&NOT_VPN&VALIDATED ]}}",
        ]
      : []),
  ]),
  notification: lines((phone) => [
    "Current Notification Manager state:",
    "  Notification List:",
    ...phone.shade.notifications.map(
      (one) =>
        `    NotificationRecord(0x${one.time.toString(16).slice(-8)}: pkg=${one.package} user=UserHandle{0} id=0 tag=null importance=3 key=${one.key}: Notification(channel=default))\n      extras={\n        android.title=String (${one.title})\n        android.text=String (${one.text})\n      }`,
    ),
  ]),
  package: lines((phone, args) => {
    const name = args.find((arg) => !arg.startsWith("-"));
    return name === "packages" || name === "p" ? dumpPackages(phone) : dumpPackage(phone, name);
  }),
  phonerack_bazaar: lines((phone) => [JSON.stringify(phone.data.get(BAZAAR_DATA).counters)]),
  phonerack_input: (call, args) => {
    if (args[0] !== "reset") return call.sayAll(inputRecordLines(call.phone.inputRecord));
    call.phone.inputRecord.reset();
    return Promise.resolve(0);
  },
  power: lines(power),
  uimode: lines((phone) => [
    "Current UI Mode Service state:",
    `  mNightMode=${phone.settings.get("secure", "ui_night_mode") === "2" ? "2 (yes)" : "1 (no)"} mComputedNightMode=${phone.settings.get("secure", "ui_night_mode") === "2"}`,
  ]),
  user: lines(() => ["Current user: 0", "Users:", "  UserInfo{0:Owner:4c13} serialNo=0 isPrimary=true"]),
  wifi: lines(({ radios }) => {
    const state = radios.connected ? "CONNECTED/CONNECTED" : "DISCONNECTED/DISCONNECTED";
    return [`Wi-Fi is ${radios.wifiOn ? "enabled" : "disabled"}`, `mNetworkInfo [type: WIFI[], state: ${state}]`];
  }),
  window: lines((phone, args) => dumpWindow(phone, args[0])),
};

/** Names of everything that `service list` and `dumpsys -l` know. */
export const serviceNames: readonly string[] = [
  ...Object.keys(SERVICES),
  "alarm",
  "appops",
  "audio",
  "clipboard",
  "dropbox",
  "location",
  "media_session",
  "netstats",
  "statusbar",
  "uimode",
  "usagestats",
  "wallpaper",
]
  .filter((name, index, all) => all.indexOf(name) === index)
  .sort();

async function dumpsys(call: Call): Promise<number> {
  const args = [...call.args];
  if (args[0] === "-t" || args[0] === "-T") args.splice(0, 2);
  if (args[0] === "-l") return call.say("Currently running services:", ...serviceNames.map((name) => `  ${name}`));
  const [name, ...rest] = args;
  if (name === undefined) {
    await call.say("Currently running services:", ...serviceNames.map((service) => `  ${service}`));
    for (const [service, dump] of Object.entries(SERVICES)) {
      if (call.signal.aborted) break;
      await call.say(
        "-------------------------------------------------------------------------------",
        `DUMP OF SERVICE ${service}:`,
      );
      await dump(call, []);
    }
    return 0;
  }
  const dump = Object.hasOwn(SERVICES, name) ? SERVICES[name] : undefined;
  if (dump) return dump(call, rest);
  // A service that is there and has nothing to say, or one that is not.
  return serviceNames.includes(name) ? 0 : call.complain(`Can't find service: ${name}`, 0);
}

export const dumpCommands: CommandSet = { toybox: {}, own: { dumpsys } };
