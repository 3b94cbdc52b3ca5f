/** An agent by script, on a real bus: reports what a test says, records what it is told, sends frames when asked to. */
import {
  AgentBeat,
  type Bus,
  CleanRecord,
  type CrashNews,
  DeviceReport,
  decodeMessage,
  encodeError,
  encodeMessage,
  FrameKind,
  type Grounds,
  GroundsOrder,
  GroundsReply,
  type Hold,
  InputOrder,
  InputReply,
  PhonerackError,
  RecordOrder,
  ScreenshotOrder,
  ScreenshotReply,
  StreamOrder,
  type Subscription,
  subjects,
  type Term,
  TermsOrder,
  TermsReply,
  type Tier,
  writeFrame,
} from "@phonerack/contract/bus";

export function reportOf(id: string, change: Partial<DeviceReport> = {}): DeviceReport {
  return {
    id,
    agentId: "agent-1",
    reach: "virtual",
    address: `tcp:127.0.0.1:5555/${id}`,
    chassis: "V01",
    slot: 1,
    serial: `serial-${id}`,
    manufacturer: "Rackwell",
    model: "R1",
    release: "14",
    sdk: 34,
    screen: { width: 720, height: 1600, density: 320, rotation: 0 },
    battery: { level: 80, charging: true, temperature: 25 },
    foreground: null,
    state: "ready",
    reason: null,
    since: 1_700_000_000_000,
    steps: [],
    notices: [],
    audio: false,
    hold: { epoch: 0, phase: "free", note: null },
    doubt: null,
    ...change,
  };
}

/** An app of its holder crashed. */
export function crashOf(deviceId: string, epoch: number, change: Partial<CrashNews> = {}): CrashNews {
  return {
    agentId: "agent-1",
    deviceId,
    epoch,
    at: Date.now(),
    kind: "crash",
    package: "org.example.app",
    process: "org.example.app",
    versionName: "1.2",
    versionCode: 12,
    exception: "java.lang.IllegalStateException",
    message: "boom",
    stack: "java.lang.IllegalStateException: boom\n\tat a.b.Main.onClick(Main.java:42)\n\tat a.b.Main.run(Main.java:7)",
    ...change,
  };
}

export class FakeAgent {
  readonly orders: (StreamOrder & { deviceId: string })[] = [];
  readonly inputs: (InputOrder & { deviceId: string })[] = [];
  resends = 0;
  /** What the next screenshots show; undefined refuses them. */
  png: Uint8Array | undefined;
  /** Throws instead of delivering. */
  refuseInput: Error | undefined;
  /** Its side of leases, by device. */
  readonly holds = new Map<string, Hold>();
  /** Terms as they came. */
  readonly terms: Term[] = [];
  /** What tenants own and were permitted, as it was told; and in which order with terms. */
  readonly grounds = new Map<string, Grounds>();
  readonly told: ("grounds" | "terms")[] = [];
  /** Cleans as soon as it is told to; false: `finishCleaning` does. */
  cleansAtOnce = true;
  /** What the next cleanings find wrong. */
  dirt: string | undefined;
  /** Hears no terms. */
  deaf = false;
  readonly #reports = new Map<string, DeviceReport>();
  readonly #bus: Bus;
  readonly #agentId: string;
  readonly #subscriptions: Subscription[];
  #pts = 0n;

  constructor(bus: Bus, agentId = "agent-1") {
    this.#bus = bus;
    this.#agentId = agentId;
    const all = { agentId, id: "*" };
    this.#subscriptions = [
      bus.subscribe(subjects.resend, () => {
        this.resends++;
        return undefined;
      }),
      bus.subscribe(subjects.stream(all), ({ subject, payload }) => {
        this.orders.push({ ...decodeMessage(StreamOrder, payload), deviceId: deviceIn(subject) });
        return undefined;
      }),
      bus.subscribe(subjects.input(all), ({ subject, payload }) =>
        this.#input(deviceIn(subject), decodeMessage(InputOrder, payload)),
      ),
      bus.subscribe(subjects.terms(agentId), ({ payload }) => this.#take(decodeMessage(TermsOrder, payload).terms)),
      bus.subscribe(subjects.grounds(agentId), ({ payload }) => this.#learn(decodeMessage(GroundsOrder, payload).grounds)),
      bus.subscribe(subjects.record(all), ({ subject, payload }) =>
        encodeMessage(CleanRecord, this.#recordOf(deviceIn(subject), decodeMessage(RecordOrder, payload).epoch)),
      ),
      bus.subscribe(subjects.screenshot(all), ({ subject, payload }) =>
        this.#shoot(deviceIn(subject), decodeMessage(ScreenshotOrder, payload)),
      ),
    ];
  }

  beat(startedAt = 1): void {
    const grounds = this.#versions();
    const beat = { agentId: this.#agentId, host: "here", version: "0.1.0", startedAt, devices: 1, grounds };
    this.#bus.publish(subjects.beat(this.#agentId), encodeMessage(AgentBeat, beat));
  }

  report(report: DeviceReport): void {
    const hold = this.holds.get(report.id) ?? report.hold;
    const whole = { ...report, agentId: this.#agentId, hold };
    this.#reports.set(report.id, whole);
    this.#bus.publish(subjects.report(this.#agentId, report.id), encodeMessage(DeviceReport, whole));
  }

  /** The device's side of its lease changes by the agent's own doing, and is reported. */
  hold(deviceId: string, hold: Hold): void {
    this.holds.set(deviceId, hold);
    const report = this.#reports.get(deviceId);
    if (report) this.report({ ...report, hold });
  }

  finishCleaning(deviceId: string): void {
    const hold = this.holds.get(deviceId);
    if (hold?.phase === "cleaning") this.hold(deviceId, { ...hold, phase: this.dirt === undefined ? "free" : "dirty" });
  }

  /** Sends one frame of `bytes` bytes, or with that payload, to a control. */
  frame(to: { replica: string; deviceId: string; tier: Tier }, kind: FrameKind, payload: number | Uint8Array = 8): void {
    const bytes = typeof payload === "number" ? new Uint8Array(payload) : payload;
    const frame = writeFrame({ kind, stream: 1, pts: this.#pts++, payload: bytes });
    this.#bus.publish(subjects.media(to.replica, { agentId: this.#agentId, id: to.deviceId }, to.tier), frame);
  }

  ordersOf(deviceId: string): string[] {
    return this.orders.filter((order) => order.deviceId === deviceId).map((order) => order.order);
  }

  stop(): void {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
  }

  #learn(grounds: readonly Grounds[]): Uint8Array | undefined {
    if (this.deaf) return undefined;
    this.told.push("grounds");
    for (const one of grounds) this.grounds.set(one.tenant, one);
    return encodeMessage(GroundsReply, { versions: this.#versions() });
  }

  #versions(): Record<string, number> {
    return Object.fromEntries([...this.grounds.values()].map(({ tenant, version }) => [tenant, version]));
  }

  #take(terms: readonly Term[]): Uint8Array | undefined {
    if (this.deaf) return undefined;
    this.told.push("terms");
    const holds = terms.map((term) => {
      this.terms.push(term);
      const known = this.holds.get(term.deviceId) ?? { epoch: 0, phase: "free" as const, note: null };
      if (term.epoch <= known.epoch) return { deviceId: term.deviceId, ...known };
      const phase = term.phase === "clean" ? ("cleaning" as const) : term.phase;
      const hold = { epoch: term.epoch, phase, note: null };
      this.holds.set(term.deviceId, hold);
      if (phase === "cleaning" && this.cleansAtOnce) setTimeout(() => this.finishCleaning(term.deviceId), 1);
      return { deviceId: term.deviceId, ...hold };
    });
    return encodeMessage(TermsReply, { holds });
  }

  #recordOf(deviceId: string, epoch: number): CleanRecord {
    const at = Date.now();
    const clean = this.holds.get(deviceId)?.phase === "free";
    return { deviceId, epoch, startedAt: at, endedAt: at, clean, reason: clean ? null : (this.dirt ?? "dirty"), items: [] };
  }

  #input(deviceId: string, order: InputOrder): Uint8Array {
    if (this.refuseInput) return encodeError(this.refuseInput);
    if (order.epoch < (this.holds.get(deviceId)?.epoch ?? 0)) {
      const error = new PhonerackError("epoch_stale").toJSON();
      return encodeMessage(InputReply, { results: order.inputs.map(() => ({ outcome: "denied" as const, error })) });
    }
    this.inputs.push({ ...order, deviceId });
    return encodeMessage(InputReply, { results: order.inputs.map(() => ({ outcome: "delivered" as const })) });
  }

  #shoot(deviceId: string, { replica, inbox }: ScreenshotOrder): Uint8Array | undefined {
    const { png } = this;
    if (!png) return undefined;
    const middle = Math.floor(png.length / 2);
    for (const payload of [png.subarray(0, middle), png.subarray(middle)]) {
      const frame = writeFrame({ kind: FrameKind.image, stream: 1, pts: 0n, payload });
      this.#bus.publish(subjects.media(replica, { agentId: this.#agentId, id: deviceId }, inbox), frame);
    }
    return encodeMessage(ScreenshotReply, { bytes: png.length, parts: 2 });
  }
}

function deviceIn(subject: string): string {
  return subject.split(".")[2] ?? "";
}
