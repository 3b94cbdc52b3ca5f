/**
 * A phone: its parts, wired together. It answers to nobody by itself; adbd, the shell and scrcpy's server are put around it.
 * It has no timers while nothing moves, and makes its windows only when somebody looks at or touches them: a thousand live in
 * one process.
 */
import { stockTraits } from "../apps/registry.js";
import { defaultSettings } from "../models/default-settings.js";
import { type Language, languageOf, type Model } from "../models/model.js";
import { systemPackages } from "../models/system-packages.js";
import { systemProperties } from "../models/system-properties.js";
import { Ui } from "../views/ui.js";
import { UiScreen } from "../views/ui-screen.js";
import { Accounts } from "./accounts.js";
import { Activities } from "./activities.js";
import type { ActivityRecord } from "./activity-record.js";
import { AppData } from "./app-data.js";
import { Battery } from "./battery.js";
import { Clipboard } from "./clipboard.js";
import { type Cancel, type Clock, systemClock } from "./clock.js";
import { DeviceAdmins } from "./device-admins.js";
import { Dialogs } from "./dialogs.js";
import { Display } from "./display.js";
import { DropBox } from "./drop-box.js";
import type { Hierarchy } from "./hierarchy.js";
import { Ime } from "./ime.js";
import { Input } from "./input.js";
import { InputRecord } from "./input-record.js";
import { LATENCY, type LatencyProfile } from "./latency.js";
import { Listeners } from "./listeners.js";
import { Location } from "./location.js";
import { Logcat } from "./logcat.js";
import { Packages } from "./packages.js";
import { PermissionRequests } from "./permission-requests.js";
import { Power } from "./power.js";
import { Processes } from "./processes.js";
import { Properties } from "./properties.js";
import { Radios } from "./radios.js";
import { hash32, Random } from "./random.js";
import { Settings } from "./settings.js";
import { Shade } from "./shade.js";
import { Sound } from "./sound.js";
import { systemText } from "./system-text.js";

/** A shell may set anything; what is no language tag would make every number format throw. */
function isLocale(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length === 1;
  } catch {
    return false;
  }
}

export interface PhoneOptions {
  readonly model: Model;
  readonly serial: string;
  /** Same seed, same phone. Default: from the serial. */
  readonly seed?: number;
  readonly latency?: LatencyProfile;
  readonly clock?: Clock;
}

export class Phone {
  readonly model: Model;
  readonly serial: string;
  readonly clock: Clock;
  readonly latency: LatencyProfile;
  readonly random: Random;
  readonly properties: Properties;
  readonly settings: Settings;
  readonly radios: Radios;
  readonly packages: Packages;
  readonly processes: Processes;
  readonly logcat: Logcat;
  readonly dropBox = new DropBox();
  readonly power: Power;
  readonly display: Display;
  readonly activities: Activities;
  readonly battery: Battery;
  readonly location = new Location();
  readonly clipboard = new Clipboard();
  readonly sound: Sound;
  readonly ime = new Ime();
  readonly shade = new Shade();
  readonly dialogs = new Dialogs();
  readonly permissionRequests: PermissionRequests;
  readonly data: AppData;
  readonly accounts: Accounts;
  readonly admins: DeviceAdmins;
  readonly input: Input;
  readonly inputRecord: InputRecord;
  readonly screen: UiScreen;
  /** Told when the phone goes down (true) and when it is up again (false). */
  readonly rebooting = new Listeners<boolean>();
  /** What stands behind a `content:` address that an app was granted; undefined when there is nothing. Its files are around it. */
  readContent: (uri: string) => Promise<Uint8Array | undefined> = async () => undefined;
  #ui: Ui | undefined;
  #running = true;
  #starting: Cancel | undefined;
  #bootTime: number;

  constructor(options: PhoneOptions) {
    const { model, serial } = options;
    const clock = options.clock ?? systemClock;
    const latency = options.latency ?? LATENCY.none;
    const random = new Random(options.seed ?? hash32(serial));
    this.model = model;
    this.serial = serial;
    this.clock = clock;
    this.latency = latency;
    this.random = random;
    this.#bootTime = clock.now();
    this.properties = new Properties(systemProperties(model));
    this.properties.put("ro.serialno", serial);
    this.properties.put("ro.boot.serialno", serial);
    this.settings = new Settings(defaultSettings(model));
    this.radios = new Radios(this.settings);
    this.settings.put("secure", "android_id", hash32(`${serial}:id`).toString(16).padStart(8, "0").repeat(2));
    this.packages = new Packages({ clock, system: systemPackages(model), sdk: model.sdk, token: () => this.#token() });
    this.processes = new Processes({ clock, random });
    this.logcat = new Logcat({ clock, latency, random });
    this.power = new Power(this.settings);
    this.display = new Display(model, this.settings);
    const { packages, processes, logcat, dropBox, power } = this;
    const sdk = model.sdk;
    this.activities = new Activities({
      sdk,
      clock,
      latency,
      random,
      logcat,
      dropBox,
      packages,
      processes,
      power,
      traits: stockTraits,
    });
    this.battery = new Battery(60 + (hash32(serial) % 41));
    this.sound = new Sound(model.audio);
    this.permissionRequests = new PermissionRequests(this);
    this.data = new AppData(packages);
    this.accounts = new Accounts(packages);
    this.admins = new DeviceAdmins({ packages, accounts: () => this.accounts.list().length });
    this.input = new Input(() => this.ui, power);
    this.inputRecord = new InputRecord({ now: () => clock.now(), display: () => this.display });
    this.screen = new UiScreen(this);
    // Windows are made when somebody looks; an app that does something unseen needs its own now.
    this.activities.changes.add(({ resumed }) => {
      const traits = resumed ? stockTraits(resumed.component) : undefined;
      this.display.demand(resumed ? (traits?.orientation ?? null) : this.display.demanded);
      if (traits?.runsUnseen) void this.ui;
    });
    this.display.changes.add(() => this.activities.configurationChanged());
    this.processes.exits.add(({ process, reason }) => {
      if (reason === "crash" && process.package) void this.#showCrash(process.package);
    });
    this.#boot();
  }

  /** Powered on: booted, or about to be. */
  get running(): boolean {
    return this.#running;
  }

  /** Its window system; made now if it was not. */
  get ui(): Ui {
    if (this.#ui) return this.#ui;
    this.#ui = new Ui(this);
    return this.#ui.start();
  }

  /** Its window system if somebody needed one already. */
  get existingUi(): Ui | undefined {
    return this.#ui;
  }

  /** BCP 47, as `persist.sys.locale`. */
  get locale(): string {
    const wanted = this.properties.get("persist.sys.locale");
    return isLocale(wanted) ? wanted : this.model.locale;
  }

  /** The language its stock apps speak. */
  get language(): Language {
    return languageOf(this.locale);
  }

  /** Milliseconds since boot. */
  get uptime(): number {
    return this.clock.now() - this.#bootTime;
  }

  /** The activity that is resumed: system_server's own truth. */
  get foreground(): ActivityRecord | null {
    return this.activities.resumed;
  }

  /** The window in front as `uiautomator dump` sees it. The dump's slowness is the caller's (`latency.hierarchy`). */
  hierarchy(): Hierarchy {
    return this.ui.hierarchy();
  }

  /** Asks at the phone, full screen. `signal` takes the question away: denied. @param fingerprint `AA:BB:…` */
  async askUsbDebugging(fingerprint: string, signal?: AbortSignal): Promise<"allow" | "always" | "deny"> {
    this.power.wakeUp();
    const text = systemText(this.language);
    const buttons = [
      { id: "always", label: text.usbAlways },
      { id: "allow", label: text.usbAllow },
      { id: "deny", label: text.usbCancel },
    ];
    const title = text.usbTitle;
    const dialog = { kind: "usb-debugging", package: "com.android.systemui", title, message: text.usbMessage, buttons } as const;
    const answer = await this.dialogs.show({ ...dialog, detail: fingerprint, full: true, onBack: "deny" }, signal);
    return answer === "allow" || answer === "always" ? answer : "deny";
  }

  /** An app shows that it does not answer; "wait" leaves it, "close" ends it. */
  async showNotResponding(packageName: string, reason: string): Promise<void> {
    this.activities.notResponding(packageName, reason);
    const text = systemText(this.language);
    const label = this.packages.get(packageName)?.label ?? packageName;
    const buttons = [
      { id: "close", label: text.closeApp },
      { id: "wait", label: text.wait },
    ];
    const title = text.notResponding(label);
    const answer = await this.dialogs.show({
      kind: "not-responding",
      package: "android",
      title,
      message: "",
      buttons,
      onBack: "wait",
    });
    if (answer === "close") this.activities.forceStop(packageName, "user request after error");
  }

  /**
   * Restarts: processes, windows and the log are new, what is stored stays.
   * @param downMs how long it is down.
   */
  reboot(downMs = 0): void {
    this.powerOff();
    if (downMs > 0) this.#starting = this.clock.after(downMs, () => this.powerOn());
    else this.powerOn();
  }

  /** Nothing runs any more, no timer is left; what is stored stays. `rebooting` tells true. Idempotent. */
  powerOff(): void {
    this.#starting?.();
    this.#starting = undefined;
    if (!this.#running) return;
    this.#running = false;
    this.properties.put("sys.boot_completed", "0");
    this.rebooting.emit(true);
    this.dialogs.clear();
    this.shade.cancel();
    this.shade.set("closed");
    this.activities.reset();
    this.processes.endAll();
    this.logcat.clear(["main", "system", "events", "crash", "radio"]);
    this.#ui?.dispose();
    this.#ui = undefined;
    this.ime.detach();
  }

  /** Boots. `rebooting` tells false when up. Idempotent. */
  powerOn(): void {
    this.#starting?.();
    this.#starting = undefined;
    if (this.#running) return;
    this.#running = true;
    this.#bootTime = this.clock.now();
    this.processes.boot();
    this.power.wakeUp();
    this.#boot();
    if (this.power.secure) this.power.lock();
    else this.power.dismissKeyguard();
    this.screen.replaced();
    this.rebooting.emit(false);
  }

  #boot(): void {
    for (const name of ["com.android.systemui", "com.android.inputmethod.latin"]) {
      const info = this.packages.get(name);
      if (info) this.processes.start({ name, uid: info.uid, package: name, rss: 142_000 });
    }
    this.activities.home();
    this.properties.put("sys.boot_completed", "1");
  }

  async #showCrash(packageName: string): Promise<void> {
    const text = systemText(this.language);
    const label = this.packages.get(packageName)?.label ?? packageName;
    const buttons = [{ id: "close", label: text.closeApp }];
    await this.dialogs.show({
      kind: "crash",
      package: "android",
      title: text.stopped(label),
      message: "",
      buttons,
      onBack: "close",
    });
  }

  #token(): string {
    const characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let token = "";
    for (let i = 0; i < 22; i++) token += characters[this.random.between(0, 63)];
    return token;
  }
}
