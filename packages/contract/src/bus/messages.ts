import { z } from "zod";
import { Tier } from "../api/live.js";
import { DeviceId, Hold } from "../devices.js";
import { FencePreview, Grounds } from "../grounds.js";
import {
  GROUP_MAX_DEVICES,
  GroupAim,
  GroupId,
  GroupStep,
  MemberAction,
  MemberState,
  ScreenState,
  StepAnswer,
} from "../groups.js";
import { Input, InputOutcome } from "../input.js";

/**
 * Who says what on which subject. JSON everywhere but on `media`, which carries frames (`media.ts`). All that an agent may say stands below
 * `agent.<its name>` or `media.*.<its name>`, all that it hears below `to.<its name>`: its credentials allow no more.
 *
 * | subject | from → to | payload |
 * |---|---|---|
 * | `agent.<agentId>.beat` | agent → control, every 1.5 s; an agent unheard for 5 s is gone | AgentBeat |
 * | `agent.<agentId>.report.<deviceId>` | agent → control, the whole report at each change | DeviceReport |
 * | `agent.<agentId>.gone.<deviceId>` | agent → control: this phone is no longer mine, forget it | DeviceGone |
 * | `agents.resend` | control → agents: publish all your reports now | empty |
 * | `to.<agentId>.terms` | control → agent, request: who holds which phone from now on, with which epoch | TermsOrder → TermsReply |
 * | `to.<agentId>.<deviceId>.stream` | control → agent: watch (again every 5 s, forgotten after 12 s), credit, unwatch | StreamOrder |
 * | `media.<replica>.<agentId>.<deviceId>.<tier>` | agent → the control replica that watches | frame |
 * | `to.<agentId>.<deviceId>.input` | control → agent, request | InputOrder → InputReply |
 * | `to.<agentId>.<deviceId>.screenshot` | control → agent, request; the PNG goes to `media.<replica>.<agentId>.<deviceId>.shot-<n>` in parts | ScreenshotOrder → ScreenshotReply |
 * | `to.<agentId>.<deviceId>.record` | control → agent, request: the record of the last cleaning | RecordOrder → CleanRecord |
 * | `to.<agentId>.<deviceId>.baseline` | control → agent, request: what is on the phone now is what should be | BaselineOrder → BaselineReply |
 * | `to.<agentId>.<deviceId>.identify` | control → agent, request: show this text full-screen | IdentifyOrder → IdentifyReply |
 * | `to.<agentId>.<deviceId>.identity` | control → agent, request: who a doubtful board is | IdentityOrder → IdentityReply |
 * | `to.<agentId>.grounds` | control → agent, request: what tenants own and were permitted | GroundsOrder → GroundsReply |
 * | `to.<agentId>.<deviceId>.fence` | control → agent, request: what the fence would disable | FenceOrder → FencePreview |
 * | `to.<agentId>.group` | control → agent, request: start, do a step, act on one member, end; answered at once, the rest is news | GroupOrder → GroupReply |
 * | `agent.<agentId>.group` | agent → control: how members are and how they took steps, gathered for some milliseconds | GroupNews |
 * | `to.<agentId>.<deviceId>.ask` | control → agent, request: apps, folders, settings, clipboard | AskOrder → AskReply |
 * | `to.<agentId>.<deviceId>.task` | control → agent, request: do one thing, or say what became of it; answered at once | TaskOrder → TaskReply |
 * | `agent.<agentId>.task` | agent → control: how tasks go on and how they ended | TaskNews |
 * | `agent.<agentId>.crash` | agent → control: an app crashed or does not respond | CrashNews |
 * | `agent.<agentId>.journal` | agent → the control that appends to the log, request: decisions, in order; what was taken need not be kept | JournalBatch → JournalReply |
 * | `bulk.to.<agentId>.open`, `bulk.to.<agentId>.<pipe>`, `bulk.from.<agentId>.<pipe>` | a pipe: bytes both ways (`pipe.ts`) | PipeOrder, frames |
 * | `control.jobs` | control → all controls: these jobs have changed | JobsChanged |
 * | `control.changed` | control → all controls: read these again from the database | ControlChanged |
 * | `control.group` | control → all controls: a step that this one began, for their ledgers | GroupSaid |
 * | `control.recordings` | control → all controls: what this one records | RecordingNews |
 * | `control.recordings.<replica>` | control → that control: about a recording of its | RecordingOrder → RecordingReply |
 */
export const subjects = {
  beat: (agentId: string) => `agent.${agentId}.beat`,
  resend: "agents.resend",
  report: (agentId: string, deviceId: string) => `agent.${agentId}.report.${deviceId}`,
  gone: (agentId: string, deviceId: string) => `agent.${agentId}.gone.${deviceId}`,
  media: (replica: string, phone: PhoneAddress, tier: string) => `media.${replica}.${phone.agentId}.${phone.id}.${tier}`,
  terms: (agentId: string) => `to.${agentId}.terms`,
  grounds: (agentId: string) => `to.${agentId}.grounds`,
  group: (agentId: string) => `to.${agentId}.group`,
  groupNews: (agentId: string) => `agent.${agentId}.group`,
  fence: (phone: PhoneAddress) => to(phone, "fence"),
  stream: (phone: PhoneAddress) => to(phone, "stream"),
  input: (phone: PhoneAddress) => to(phone, "input"),
  screenshot: (phone: PhoneAddress) => to(phone, "screenshot"),
  record: (phone: PhoneAddress) => to(phone, "record"),
  baseline: (phone: PhoneAddress) => to(phone, "baseline"),
  identify: (phone: PhoneAddress) => to(phone, "identify"),
  identity: (phone: PhoneAddress) => to(phone, "identity"),
  ask: (phone: PhoneAddress) => to(phone, "ask"),
  task: (phone: PhoneAddress) => to(phone, "task"),
  taskNews: (agentId: string) => `agent.${agentId}.task`,
  crash: (agentId: string) => `agent.${agentId}.crash`,
  journal: (agentId: string) => `agent.${agentId}.journal`,
  jobs: "control.jobs",
  changed: "control.changed",
  groupSaid: "control.group",
  recordings: "control.recordings",
  recording: (replica: string) => `control.recordings.${replica}`,
} as const;

/** Where a device is spoken to: by the agent that has it. Every DeviceReport is one. */
export interface PhoneAddress {
  readonly agentId: string;
  readonly id: string;
}

function to({ agentId, id }: PhoneAddress, what: string): string {
  return `to.${agentId}.${id}.${what}`;
}

export const BEAT_MS = 1_500;
export const AGENT_GONE_MS = 5_000;
export const WATCH_RENEW_MS = 5_000;
export const WATCH_FORGET_MS = 12_000;
/** What a control replica lets an agent send ahead per stream, in bytes of whole frames. */
export const STREAM_CREDIT = 512 * 1024;
/** Larger payloads are sent in parts: NATS refuses messages above 1 MiB. */
export const MAX_PAYLOAD = 256 * 1024;

const Name = z.string().regex(/^[A-Za-z0-9-]{1,64}$/);

export const AgentBeat = z.object({
  agentId: Name,
  host: z.string(),
  version: z.string(),
  startedAt: z.number(),
  devices: z.int(),
  /** The version of the grounds that it has of each tenant: control sends what is missing or old. */
  grounds: z.record(z.string(), z.int()).optional(),
  /** Decisions that wait to be carried into the log, for how many milliseconds, and whether they can be written down at all. */
  journal: z.object({ lines: z.int(), waited: z.number(), writes: z.boolean() }).optional(),
});
export type AgentBeat = z.infer<typeof AgentBeat>;

export const DeviceGone = z.object({ agentId: Name });
export type DeviceGone = z.infer<typeof DeviceGone>;

/** The device's number of the lease that an order belongs to; the agent refuses any other than the device's present one. */
const Epoch = z.int().nonnegative();

/**
 * Who may use a phone from now on. The agent takes a term with a higher epoch than it knows, and a change of `until` with the same one;
 * what is older it leaves. leased: until `until` by the agent's own clock at the latest. clean: nobody; it is to be cleaned after whoever
 * had it. free: nobody, and nothing to clean.
 */
export const Term = z.object({
  deviceId: DeviceId,
  epoch: Epoch,
  phase: z.enum(["leased", "clean", "free"]),
  /** Who holds it, as orders name their actor; "" while nobody does. */
  actor: z.string(),
  /** Milliseconds since the Unix epoch; 0 while nobody holds it. */
  until: z.number(),
  /** Cleaning ends with a restart of the phone: the next holder may be of another tenant. */
  reboot: z.boolean(),
  /** The holder's organisation, whose grounds the gate weighs; "" while nobody holds it. */
  tenant: z.string().optional(),
  /** An operator has said that it is a lab device: its fence closes without asking. Virtual phones are. */
  enrolled: z.boolean().optional(),
  /** By the register it gets no route out. Absent: as it was. */
  isolated: z.boolean().optional(),
});
export type Term = z.infer<typeof Term>;

export const TermsOrder = z.object({ terms: z.array(Term).min(1).max(1_000) });
export type TermsOrder = z.infer<typeof TermsOrder>;
/** What the agent's side is now, for each device that it has; those that it does not have are left out. */
export const TermsReply = z.object({ holds: z.array(Hold.extend({ deviceId: DeviceId })) });
export type TermsReply = z.infer<typeof TermsReply>;

export const StreamOrder = z.discriminatedUnion("order", [
  /**
   * `credit` replaces what was granted before when the watch is new, and is ignored when it only renews. `fps`: the most that a viewer of this
   * replica wishes, as it is now; left out: as many as the tier has.
   */
  z.object({
    order: z.literal("watch"),
    replica: Name,
    tier: Tier,
    epoch: Epoch,
    credit: z.int().positive(),
    fps: z.int().min(1).max(60).optional(),
  }),
  z.object({ order: z.literal("credit"), replica: Name, tier: Tier, epoch: Epoch, bytes: z.int().positive() }),
  /** Asks for the cached group of pictures again, e.g. because control lost frames. */
  z.object({ order: z.literal("restart"), replica: Name, tier: Tier, epoch: Epoch }),
  z.object({ order: z.literal("unwatch"), replica: Name, tier: Tier, epoch: Epoch }),
]);
export type StreamOrder = z.infer<typeof StreamOrder>;

export const InputOrder = z.object({
  actor: z.string(),
  mode: z.enum(["unicast", "group", "script"]),
  epoch: Epoch,
  /**
   * Milliseconds since the Unix epoch, at most 2 s ahead: what has not begun by then is `late`. An input that follows a swipe or a pasted
   * text in the same order has that one's time more.
   */
  notAfter: z.number(),
  inputs: z.array(Input).min(1).max(100),
  /** This device is one of those on which this person may freely drive others' apps today. */
  trial: z.boolean().optional(),
});
export type InputOrder = z.infer<typeof InputOrder>;
export const InputReply = z.object({ results: z.array(InputOutcome) });
export type InputReply = z.infer<typeof InputReply>;

export const ScreenshotOrder = z.object({ replica: Name, inbox: Name, epoch: Epoch, notAfter: z.number() });
export type ScreenshotOrder = z.infer<typeof ScreenshotOrder>;
/** Answered after the last part was published. */
export const ScreenshotReply = z.object({ bytes: z.int().nonnegative(), parts: z.int().positive() });
export type ScreenshotReply = z.infer<typeof ScreenshotReply>;

/** Refused with `epoch_stale` when the device was last cleaned at another epoch, `device_busy` while it is being cleaned. */
export const RecordOrder = z.object({ epoch: Epoch });
export type RecordOrder = z.infer<typeof RecordOrder>;

export const BaselineOrder = z.object({ epoch: Epoch, notAfter: z.number() });
export const BaselineReply = z.object({ takenAt: z.number() });

export const IdentifyOrder = z.object({
  epoch: Epoch,
  notAfter: z.number(),
  text: z.string().min(1).max(40),
  seconds: z.int().min(1).max(120),
});
export type IdentifyOrder = z.infer<typeof IdentifyOrder>;
/** Whether the text is on the screen; else this phone cannot show one, and its screen blinks for as long. */
export const IdentifyReply = z.object({ shown: z.boolean() });
export type IdentifyReply = z.infer<typeof IdentifyReply>;

/** Answered with `epoch_stale`, `device_not_ready` or `device_timeout` when it cannot be told. */
export const FenceOrder = z.object({ epoch: Epoch, notAfter: z.number() });
export type FenceOrder = z.infer<typeof FenceOrder>;
export const FenceReply = FencePreview;

export const GroundsOrder = z.object({ grounds: z.array(Grounds).min(1).max(100) });
export type GroundsOrder = z.infer<typeof GroundsOrder>;
/** The versions that it has now. */
export const GroundsReply = z.object({ versions: z.record(z.string(), z.int()) });

export const GroupMode = z.enum(["group", "script"]);
export type GroupMode = z.infer<typeof GroupMode>;

/** What stands at a place on the leader's screen, as it is looked for on others: the strongest that is given counts first. */
export const AimedElement = z.object({
  package: z.string().max(200),
  activity: z.string().max(300),
  /** Whole, with its package; null when it has none. */
  resourceId: z.string().max(300).nullable(),
  description: z.string().max(1_000).nullable(),
  text: z.string().max(1_000).nullable(),
  class: z.string().max(300),
  /** Names of the app's own string resources whose value is the text or description, so that other languages find theirs. */
  textNames: z.array(z.string().max(200)).max(20),
  descriptionNames: z.array(z.string().max(200)).max(20),
  /** The how-manieth of those with the same id (or class, text) on the leader, from 0, and how many there are. */
  index: z.int().nonnegative(),
  of: z.int().positive(),
  /** Where within the element it was touched, 0 to 1. */
  at: z.object({ x: z.number().min(0).max(1), y: z.number().min(0).max(1) }),
  /** The element's bounds as parts of the screen, 0 to 1: which of several alike is meant. */
  bounds: z.object({ left: z.number(), top: z.number(), right: z.number(), bottom: z.number() }),
  /** The nearest ancestor that has an id, and a text near by (a row's title), for elements that have nothing of their own. */
  within: z.string().max(300).nullable(),
  near: z.string().max(1_000).nullable(),
  /** For people: `button "Save" (id/save)`. */
  words: z.string().max(300),
});
export type AimedElement = z.infer<typeof AimedElement>;

/**
 * An agent gets only its own members. start: closes their fences and starts engines; again with the same group it adds members. step: is gated and
 * carried out on every member but those in `except`, each on its own. Where the leader is this agent's and the aim is `element`, `aim` finds what is at the
 * place first and answers it; `step` then carries it. resync: bring members to `screen` (or to what `step` launched last). end: engines stop, fences open.
 */
export const GroupOrder = z.discriminatedUnion("order", [
  z.object({
    order: z.literal("start"),
    group: GroupId,
    actor: z.string(),
    mode: GroupMode,
    aim: GroupAim,
    /** The fence may close where nobody enrolled the device. */
    agreed: z.boolean(),
    members: z
      .array(z.object({ deviceId: DeviceId, epoch: Epoch }))
      .min(1)
      .max(GROUP_MAX_DEVICES),
  }),
  z.object({
    order: z.literal("aim"),
    group: GroupId,
    leader: DeviceId,
    /** What is there, before anything is touched. */
    step: GroupStep,
    notAfter: z.number(),
  }),
  z.object({
    order: z.literal("step"),
    group: GroupId,
    seq: z.int().positive(),
    actor: z.string(),
    mode: GroupMode,
    aim: GroupAim,
    leader: DeviceId,
    step: GroupStep,
    /** What `aim` found. Without it, element steps go by the step's own selector, or are refused. */
    element: AimedElement.nullable(),
    notAfter: z.number(),
    except: z.array(DeviceId).max(GROUP_MAX_DEVICES),
    /** Only these, for a retry. */
    only: z.array(DeviceId).max(GROUP_MAX_DEVICES).optional(),
    /** Ask what each shows once it has settled. */
    settle: z.boolean(),
  }),
  z.object({
    order: z.literal("member"),
    group: GroupId,
    deviceId: DeviceId,
    action: MemberAction,
    /** What the leader shows, for `resync`. */
    screen: ScreenState.nullable(),
  }),
  z.object({ order: z.literal("end"), group: GroupId }),
]);
export type GroupOrder = z.infer<typeof GroupOrder>;

/** `element` only for `aim`: null when there is nothing at the place, or no hierarchy. */
export const GroupReply = z.object({ accepted: z.boolean(), element: AimedElement.nullable().optional() });
export type GroupReply = z.infer<typeof GroupReply>;

export const GroupNews = z.object({
  agentId: Name,
  group: GroupId,
  members: z
    .array(
      z.object({
        deviceId: DeviceId,
        state: MemberState,
        reason: z.string().max(500).nullable(),
        screen: ScreenState.nullable(),
        fence: z.enum(["open", "closing", "closed", "leaky", "opening"]),
        engine: z.boolean(),
        /** After which step `screen` was seen; 0: none. */
        seq: z.int().nonnegative(),
      }),
    )
    .max(GROUP_MAX_DEVICES),
  steps: z.array(z.object({ seq: z.int().positive(), answers: z.array(StepAnswer).max(GROUP_MAX_DEVICES) })).max(1_000),
});
export type GroupNews = z.infer<typeof GroupNews>;

/** `same`: the board is that device after all; null: it is one of its own. */
export const IdentityOrder = z.object({ same: DeviceId.nullable() });
export type IdentityOrder = z.infer<typeof IdentityOrder>;
export const IdentityReply = z.object({ id: DeviceId });

/** Rows that one control wrote and the others hold in memory. `lab`: places, labels, names. `access`: accounts, sessions, keys, agents. */
export const ControlChanged = z.object({
  replica: Name,
  leases: z.array(z.string()).optional(),
  devices: z.array(DeviceId).optional(),
  lab: z.boolean().optional(),
  access: z.boolean().optional(),
  /** Apps, permits, trials and enrolments of these tenants. */
  grounds: z.array(z.string()).optional(),
  groups: z.array(GroupId).optional(),
  register: z.boolean().optional(),
});
export type ControlChanged = z.infer<typeof ControlChanged>;

/** A step that one control began: the others keep their ledgers by it. What was typed is not in it, only how long it was. */
export const GroupSaid = z.object({
  replica: Name,
  group: GroupId,
  seq: z.int().positive(),
  at: z.number(),
  by: z.string(),
  step: GroupStep,
  words: z.string().max(500),
  element: AimedElement.nullable(),
  /** Whoever has not answered by then is late. */
  until: z.number(),
  /** Only these were asked again. */
  only: z.array(DeviceId).max(GROUP_MAX_DEVICES).optional(),
});
export type GroupSaid = z.infer<typeof GroupSaid>;
