/**
 * One virtual phone: its state, files and shell behind its own adbd on its own port, and the faults that can be switched on it.
 * How many there are and which is whose neighbour is chassis.ts's.
 */
import { type Adbd, startAdbd } from "../adbd/adbd.js";
import { LocalSockets } from "../adbd/local-sockets.js";
import type { AdbdParts } from "../adbd/services.js";
import { adbFiles } from "../files/adb-files.js";
import { Storage } from "../files/content.js";
import { PhoneFiles, ROOT } from "../files/file-system.js";
import type { DirNode } from "../files/node.js";
import { readShellContent } from "../files/shell-content.js";
import { InstallSessions } from "../installer/install-sessions.js";
import type { Model } from "../models/model.js";
import { LATENCY, type LatencyName } from "../phone/latency.js";
import { Phone } from "../phone/phone.js";
import { hash32 } from "../phone/random.js";
import { Encoders } from "../scrcpy/scrcpy-phone.js";
import { runScrcpyServer } from "../scrcpy/server.js";
import { drawScreen, screenshotPart, screenshotPng } from "../screen/screenshot.js";
import { programs } from "../shell/commands/programs.js";
import { Jobs } from "../shell/jobs.js";
import { startShell } from "../shell/session.js";
import type { ShellPhone } from "../shell/shell-phone.js";
import { ByteInput, MemorySink } from "../shell/streams.js";
import { Instrumentations } from "../uiautomator2/instrumentation.js";
import { authorisedKeys } from "./authorised-keys.js";
import { FaultSwitches } from "./fault-switches.js";
import type { Fault } from "./faults.js";
import { liveFiles } from "./live-files.js";

export interface VirtualPhoneOptions {
  readonly slot: number;
  readonly serial: string;
  readonly model: Model;
  readonly latency: LatencyName;
  readonly host: string;
  /** 0: any free one, kept from the first start on. */
  readonly port: number;
  /** Hosts need a key that somebody allowed at the phone. */
  readonly auth: boolean;
  readonly base: DirNode;
  /** Bytes of storage. */
  readonly capacity: number;
  readonly spillFolder: () => string;
  /** Where to remember trusted hosts; undefined: nowhere. */
  readonly keysPath: string | undefined;
  /** What `duplicate-serial` says. */
  readonly firstSerial: string;
}

/** How long a reboot takes: down, then booting. */
const REBOOT_MS = { none: 300, real: 8000 } as const;

export class VirtualPhone {
  readonly slot: number;
  readonly serial: string;
  readonly model: Model;
  readonly host: string;
  readonly phone: Phone;
  readonly files: PhoneFiles;
  readonly sockets = new LocalSockets();
  readonly encoders = new Encoders();
  readonly jobs: Jobs;
  readonly #options: VirtualPhoneOptions;
  readonly #parts: AdbdParts;
  readonly #switches: FaultSwitches;
  #adbd: Adbd | undefined;
  #port: number;
  #bootId = "";
  /** Starts and stops run one after the other. */
  #turn: Promise<void> = Promise.resolve();

  constructor(options: VirtualPhoneOptions) {
    const { model, serial, slot, host, latency } = options;
    this.#options = options;
    this.slot = slot;
    this.serial = serial;
    this.model = model;
    this.host = host;
    this.#port = options.port;
    this.phone = new Phone({ model, serial, latency: LATENCY[latency] });
    const storage = new Storage({ capacity: options.capacity, folder: options.spillFolder, prefix: `${slot}` });
    const live = liveFiles(this.phone, { bootId: () => this.#bootId, told: () => !this.#switches.has("untold-hardware") });
    this.files = new PhoneFiles({ base: options.base, storage, live, now: () => this.phone.clock.now() });
    this.phone.readContent = (uri) => readShellContent(this.files, uri);
    this.jobs = new Jobs(this.phone.processes);
    this.#parts = this.#adbdParts();
    this.#switches = new FaultSwitches({
      phone: this.phone,
      encoders: this.encoders,
      serial,
      firstSerial: options.firstSerial,
      dropConnections: () => this.#adbd?.dropConnections(),
      reboot: () => this.reboot(),
    });
    this.#newBoot();
    this.phone.rebooting.add((down) => this.#rebooted(down));
    this.phone.packages.changes.add(({ kind, package: name }) => {
      if (kind === "cleared" || kind === "removed") this.#emptyAppFolders(name, kind === "removed");
    });
  }

  /** Where its adbd listens; 0 before the first start with a free port. */
  get port(): number {
    return this.#port;
  }
  get up(): boolean {
    return this.#adbd !== undefined;
  }
  /** Hosts connected now. */
  get connections(): number {
    return this.#adbd?.connections() ?? 0;
  }

  faults(): readonly Fault[] {
    return this.#switches.list();
  }

  /** Switches a fault on or off, at once, also for connections that stand. */
  setFault(fault: Fault, on: boolean): void {
    this.#switches.set(fault, on);
    this.#adbd?.setFault(this.#switches.adbd);
  }

  clearFaults(): void {
    for (const fault of this.faults()) this.setFault(fault, false);
  }

  /** Opens its port. Idempotent. Rejects with the system's error when the port cannot be had. */
  start(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#adbd) return;
      this.phone.powerOn();
      const adbd = await startAdbd(this.#parts, { host: this.host, port: this.#port });
      adbd.setFault(this.#switches.adbd);
      this.#adbd = adbd;
      this.#port = adbd.port;
    });
  }

  /** Power cut: the port closes, everything that ran on it ends. What it stored stays. Idempotent. */
  kill(): Promise<void> {
    return this.#inTurn(async () => {
      const adbd = this.#adbd;
      this.#adbd = undefined;
      this.jobs.endAll();
      this.phone.powerOff();
      await adbd?.stop();
    });
  }

  /** Down for a while, then up again with everything that ran gone. */
  reboot(): void {
    this.phone.reboot(REBOOT_MS[this.#options.latency]);
  }

  /** Runs a command in its shell, as `adb shell` would without a terminal: for tests and tools in the same process. */
  async run(
    command: string,
    options: { stdin?: Uint8Array; signal?: AbortSignal } = {},
  ): Promise<{ stdout: string; stderr: string; exitCode: number }> {
    const [stdout, stderr] = [new MemorySink(), new MemorySink()];
    const exitCode = await this.#parts.shell.run({
      command,
      stdin: ByteInput.of(...(options.stdin ? [options.stdin] : [])),
      stdout,
      stderr,
      pty: false,
      term: "dumb",
      size: () => ({ rows: 0, columns: 0 }),
      onInterrupt: () => undefined,
      signal: options.signal ?? new AbortController().signal,
    });
    return { stdout: stdout.text(), stderr: stderr.text(), exitCode };
  }

  /** Ends it for good. Idempotent. */
  async stop(): Promise<void> {
    this.#switches.dispose();
    await this.kill();
    this.files.reset();
  }

  /** An app's own folders on shared storage go with its data; its expansion files only with the app itself. */
  #emptyAppFolders(name: string, removed: boolean): void {
    for (const kind of removed ? ["data", "media", "obb"] : ["data", "media"]) {
      const path = `/storage/emulated/0/Android/${kind}/${name}`;
      if (this.files.exists(path, ROOT)) this.files.remove(path, { recursive: true, as: ROOT });
    }
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  #rebooted(down: boolean): void {
    // The port stays ours while the phone is down, or another process could take it: it closes whoever calls instead.
    if (down) {
      this.jobs.endAll();
      this.#adbd?.setFault("refuse");
      this.#adbd?.dropConnections();
      return;
    }
    this.#newBoot();
    this.#switches.applyAll();
    this.#adbd?.setFault(this.#switches.adbd);
  }

  #newBoot(): void {
    const part = (salt: number): string =>
      hash32(`${this.serial}:${this.phone.clock.now()}:${salt}`).toString(16).padStart(8, "0");
    const hex = part(1) + part(2) + part(3) + part(4);
    this.#bootId = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
  }

  #adbdParts(): AdbdParts {
    const { model } = this;
    const keys = authorisedKeys(this.#options.keysPath);
    const authorisation = {
      keys,
      onKeyPrompt: (fingerprint: string, signal: AbortSignal) => this.phone.askUsbDebugging(fingerprint, signal),
    };
    // Never remembers and never knows a key: whoever asks stays at the prompt until somebody presses "Allow" at the phone.
    const stubborn = { ...authorisation, keys: { all: () => [], add: () => undefined } };
    const wanted = () => (this.#switches.has("unauthorised") ? stubborn : this.#options.auth ? authorisation : undefined);
    return {
      identity: { product: model.device, model: model.name, device: model.device },
      shell: startShell(this.#shellPhone(), programs),
      files: adbFiles(this.files),
      sockets: this.sockets,
      // Asked at each connection: the fault may have been switched since.
      get authorisation() {
        return wanted();
      },
      reboot: () => this.reboot(),
    } as AdbdParts;
  }

  #shellPhone(): ShellPhone {
    const { phone, files, sockets, jobs } = this;
    const port = (): number => this.#port;
    return {
      phone,
      files,
      sockets,
      jobs,
      installs: new InstallSessions(phone, files),
      instrumentations: new Instrumentations({ phone, sockets, screenshot: (part) => screenshotPart(phone.screen, part) }),
      get adbPort() {
        return port();
      },
      screenshot: () => screenshotPng(phone.screen),
      pixels: async () => {
        const { width, height, pixels } = drawScreen(phone.screen);
        return { width, height, rgba: new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength) };
      },
      runScrcpy: (args, io) => runScrcpyServer(args, { phone, sockets, encoders: this.encoders }, io),
      reboot: () => this.reboot(),
    };
  }
}
