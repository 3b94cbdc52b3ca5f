/**
 * The gate: may this input reach this phone now? One pure, total function over a table of rules, read from the top; the first that
 * applies decides. The agent asks it at each injection, control explains with it, the CLI replays with it: whatever is not in `GateFacts`
 * cannot count. The table stands in docs/lawful-use.md too; a test compares both.
 */
import type { Judged } from "./apps.js";

/** How the input came about: by a hand on one phone, by a hand on a group's leader, or by a program. */
export type GateMode = "unicast" | "group" | "script";

/**
 * tap: a whole tap, or a finger that goes down. drag: a finger that is down already moves or lifts; it costs nothing. navigate: a key that leads
 * out of an app or belongs to the phone (Home, Back, Recents, power, volume), or turning the screen. key: one that presses, moves or deletes. text: also a key that
 * writes, alone or with Ctrl. shell: a shell, adb, or any other service that can put input in. file: reads or writes shared storage. setting: one of the phone's own
 * (rotation, language, dark mode). location: where the phone says it is. look: reads what is on the screen. read: what the phone keeps, its log or a file.
 */
export type GateAction =
  | "tap"
  | "drag"
  | "swipe"
  | "scroll"
  | "navigate"
  | "key"
  | "text"
  | "paste"
  | "install"
  | "launch"
  | "stop"
  | "deep-link"
  | "shell"
  | "file"
  | "setting"
  | "location"
  | "look"
  | "read";

/** Everything a decision rests on, as it stood at the moment of injection. */
export interface GateFacts {
  readonly mode: GateMode;
  readonly action: GateAction;
  /** Who acts, as control knows them; "" for nobody. */
  readonly actor: string;
  /** The epoch that the command carries. */
  readonly epoch: number;
  /** The device's present epoch. */
  readonly leaseEpoch: number;
  /** Whether somebody holds the device: only while it is `leased` does anybody. */
  readonly phase: "free" | "leased" | "cleaning" | "dirty";
  /** Who holds it; "" while nobody does. */
  readonly holder: string;
  /** The app in front and what it is to the holder's tenant; null when it is not known. */
  readonly front: Judged | null;
  /** How long ago the phone last proved that it would have told of a change, in milliseconds; null: it does not tell. */
  readonly knownMs: number | null;
  /** The device was asked at this very step what is in front. */
  readonly fresh: boolean;
  /** The app that a launch, deep link or installation is about; null for other actions. */
  readonly target: Judged | null;
  /** closed: every launchable app that may not be driven by many is disabled. leaky: but for some. */
  readonly fence: "open" | "closed" | "leaky";
  /** By hand, in apps that are nobody's here. */
  readonly budget: {
    /** This device is one of the few on which this person may try such apps freely today. */
    readonly trial: boolean;
    /** Taps and swipes so far, on this device, in the last hour and the last day. */
    readonly hour: number;
    readonly day: number;
  };
  /** A flag has paused the lease, or all that its organisation does. Left out: no. */
  readonly paused?: boolean | undefined;
}

export interface GateDecision {
  readonly decision: "allow" | "deny";
  /** The rule's name, kept in the decision journal. */
  readonly rule: GateRule;
  /** One sentence for people, which names the app. */
  readonly reason: string;
}

/** Knowledge of what is in front is good for so long after the phone's last sign that it would have told. */
export const KNOWN_MS = 5_000;
/** By hand in others' apps, where no trial is: taps and swipes per device. */
export const HOURLY = 20;
export const DAILY = 120;

/** Grows with each change of the table: what was decided before is replayed by the rules of its own time. */
export const GATE_REVISION = 2;

interface Rule {
  readonly name: string;
  /** The first revision that has it; default 1. */
  readonly since?: number;
  readonly decision: GateDecision["decision"];
  /** For the table in the docs. */
  readonly when: string;
  readonly reason: string | ((facts: GateFacts) => string);
  applies(facts: GateFacts): boolean;
}

const many = ({ mode }: GateFacts): boolean => mode !== "unicast";
const kind = ({ mode }: GateFacts): string => (mode === "group" ? "group" : "script");
/** "group taps are". */
const input = (facts: GateFacts): string => `${kind(facts)} ${WORDS[facts.action] ?? "input is"}`;
const WORDS: Partial<Record<GateAction, string>> = {
  tap: "taps are",
  swipe: "swipes are",
  scroll: "scrolling is",
  key: "keys are",
  navigate: "keys are",
  text: "text is",
  paste: "text is",
  shell: "commands are",
  file: "files are",
  setting: "settings are",
  location: "a location is",
};
const named = (app: Judged | null): string => app?.package ?? "What is in front";
const writes = ({ action }: GateFacts): boolean => action === "text" || action === "paste";
const opened = ({ target }: GateFacts): string => target?.package ?? "What would open";
/** What an action is about: the app it opens, else the one in front. */
const opens = ({ action }: GateFacts): boolean =>
  action === "launch" || action === "stop" || action === "deep-link" || action === "install";
/** What by hand concerns no app. */
const PHONES_OWN: ReadonlySet<GateAction> = new Set<GateAction>(["navigate", "drag", "look", "file", "setting", "read"]);
const strange = (app: Judged | null): boolean => app === null || app.standing === "other";

const RULES = [
  {
    name: "stale-epoch",
    decision: "deny",
    when: "the command belongs to another lease than the present one",
    reason: "The lease this command belongs to is over.",
    applies: (facts) => facts.epoch !== facts.leaseEpoch,
  },
  {
    name: "nobody",
    decision: "deny",
    when: "nobody is named as the one who acts",
    reason: "Nobody is named as the one who acts.",
    applies: (facts) => facts.actor === "",
  },
  {
    name: "no-lease",
    decision: "deny",
    when: "nobody holds the phone",
    reason: "Nobody holds this phone.",
    applies: (facts) => facts.phase !== "leased" || facts.holder === "",
  },
  {
    name: "other-holder",
    decision: "deny",
    when: "somebody else holds the phone",
    reason: "Somebody else holds this phone.",
    applies: (facts) => facts.actor !== facts.holder,
  },
  {
    name: "paused",
    decision: "deny",
    when: "a flag has paused the lease or its organisation: group or script; by hand, all that concerns an app that is nobody's here",
    reason: "A flag has paused this: group and script input, and others' apps. Look at the flag; it can be appealed.",
    applies: (facts) =>
      facts.paused === true &&
      (many(facts) || (!PHONES_OWN.has(facts.action) && strange(opens(facts) ? facts.target : facts.front))),
  },
  {
    name: "reads",
    since: 2,
    decision: "allow",
    when: "whoever asks: the phone's log or one of its files is read",
    reason: "To read the log or a file puts nothing into the phone.",
    applies: ({ action }) => action === "read",
  },
  {
    name: "many-unfenced",
    decision: "deny",
    when: "group or script, and the phone's fence is not closed",
    reason: (facts) => `The fence of this phone is not closed, so ${input(facts)} not delivered.`,
    applies: (facts) => many(facts) && facts.fence === "open",
  },
  {
    name: "shell-unfenced",
    decision: "deny",
    when: "a shell, whoever asks, and the phone's fence is not closed without a gap",
    reason: "A shell opens only on a phone whose fence is closed without a gap.",
    applies: (facts) => facts.action === "shell" && facts.fence !== "closed",
  },
  {
    name: "many-unknown",
    decision: "deny",
    when: "group or script, and the phone cannot tell what is in front (for 5 s, or at all)",
    reason: (facts) => `This phone does not tell what is in front, so ${input(facts)} not delivered.`,
    applies: (facts) => many(facts) && (facts.front === null || facts.knownMs === null || facts.knownMs > KNOWN_MS),
  },
  {
    name: "many-leaky",
    decision: "deny",
    when: "group or script, the fence has a gap, and the phone was not asked at this very step (a finger that is down may go on)",
    reason: "Something on this phone could not be fenced, and it was not asked at this step what is in front.",
    applies: (facts) => many(facts) && facts.fence === "leaky" && !facts.fresh && facts.action !== "drag",
  },
  {
    name: "location-other",
    decision: "deny",
    when: "a made-up location, whoever asks, and the app in front is neither owned nor system",
    reason: (facts) => `${named(facts.front)} is not yours: it is not told a made-up location.`,
    applies: ({ action, front }) => action === "location" && front?.standing !== "owned" && front?.standing !== "system",
  },
  {
    name: "many-target",
    decision: "deny",
    when: "group or script opens, links into, stops or installs an app that is not owned; a part of the system may only be opened",
    reason: (facts) =>
      facts.target
        ? `${facts.target.package} is not yours: ${kind(facts)} input does not open it. Prove ownership or use one phone by hand.`
        : `No app of your own opens this: ${kind(facts)} input does not open others'.`,
    applies: (facts) =>
      many(facts) &&
      opens(facts) &&
      (facts.target === null ||
        facts.target.standing === "other" ||
        facts.target.standing === "permitted" ||
        (facts.target.standing === "system" && facts.action !== "launch")),
  },
  {
    name: "many-opens-owned",
    decision: "allow",
    when: "group or script opens, links into, stops or installs an owned app, or opens a part of the system",
    reason: "It is an app of your own, or a part of the system that is only opened.",
    applies: (facts) => many(facts) && opens(facts),
  },
  {
    name: "many-permitted-shell",
    decision: "allow",
    when: "a shell or adb on a fenced phone, and the app in front is permitted",
    reason: "The app in front was permitted by an operator.",
    applies: (facts) => many(facts) && facts.action === "shell" && facts.front?.standing === "permitted",
  },
  {
    name: "many-other",
    decision: "deny",
    when: "group or script, and the app in front is not owned (permitted included)",
    reason: (facts) =>
      `${named(facts.front)} is not yours: ${input(facts)} not delivered. Prove ownership or use one phone by hand.`,
    applies: (facts) => many(facts) && (facts.front?.standing === "other" || facts.front?.standing === "permitted"),
  },
  {
    name: "many-system-text",
    decision: "deny",
    when: "group or script writes (text, paste) into a part of the system",
    reason: (facts) => `${named(facts.front)} is part of the system: ${kind(facts)} text is not written there.`,
    applies: (facts) => many(facts) && facts.front?.standing === "system" && writes(facts),
  },
  {
    name: "many-owned",
    decision: "allow",
    when: "group or script, and the app in front is owned",
    reason: "The app in front is your own.",
    applies: (facts) => many(facts) && facts.front?.standing === "owned",
  },
  {
    name: "many-system",
    decision: "allow",
    when: "group or script taps, swipes or presses keys in a part of the system",
    reason: "The app in front is part of the system.",
    applies: (facts) => many(facts) && facts.front?.standing === "system",
  },
  {
    name: "hand-navigates",
    decision: "allow",
    when: "by hand: Home, Back, Recents, power, volume, turning, a finger that lifts, only looking, files, the phone's own settings",
    reason: "What is the phone's own is always free by hand.",
    applies: ({ action }) => PHONES_OWN.has(action),
  },
  {
    name: "hand-link-other",
    decision: "deny",
    when: "by hand: a deep link into an app that is nobody's here",
    reason: (facts) => `${opened(facts)} is not yours: links into it are not opened. Prove ownership or ask for a permit.`,
    applies: (facts) => facts.action === "deep-link" && strange(facts.target),
  },
  {
    name: "hand-owned",
    decision: "allow",
    when: "by hand, and the app (the one that is opened, else the one in front) is owned, system or permitted",
    reason: "By hand this app is free.",
    applies: (facts) => !strange(opens(facts) ? facts.target : facts.front),
  },
  {
    name: "hand-trial",
    decision: "allow",
    when: "by hand, on one of the two devices a day on which this person tries others' apps",
    reason: "Somebody tries an app by hand.",
    applies: (facts) => facts.budget.trial,
  },
  {
    name: "hand-text-other",
    decision: "deny",
    when: "by hand beyond those: text, paste, keys, a shell or an installation, in or of an app that is nobody's here",
    reason: (facts) =>
      `${opens(facts) ? opened(facts) : named(facts.front)} is not yours, and this is not one of your two free devices of today: nothing is written into it or installed.`,
    applies: (facts) => writes(facts) || facts.action === "key" || facts.action === "shell" || facts.action === "install",
  },
  {
    name: "hand-hourly",
    decision: "deny",
    when: `by hand beyond those: more than ${HOURLY} taps and swipes in an hour on this device`,
    reason: (facts) => `${named(facts.front)} is not yours: ${HOURLY} taps and swipes an hour on this phone are used up.`,
    applies: (facts) => facts.budget.hour >= HOURLY,
  },
  {
    name: "hand-daily",
    decision: "deny",
    when: `by hand beyond those: more than ${DAILY} taps and swipes in a day on this device`,
    reason: (facts) => `${named(facts.front)} is not yours: ${DAILY} taps and swipes a day on this phone are used up.`,
    applies: (facts) => facts.budget.day >= DAILY,
  },
  {
    name: "hand-budget",
    decision: "allow",
    when: "by hand within those budgets: taps, swipes, scrolling, opening",
    reason: "Within the budget for others' apps by hand.",
    applies: (facts) => facts.mode === "unicast",
  },
] as const satisfies readonly Rule[];

/** What nobody foresaw is denied. */
const OTHERWISE = { rule: "otherwise", decision: "deny", reason: "No rule allows this." } as const;

export type GateRule = (typeof RULES)[number]["name"] | (typeof OTHERWISE)["rule"];

/** The rules as the docs show them, in the order in which they are asked. */
export const GATE_RULES: readonly {
  readonly name: GateRule;
  readonly decision: GateDecision["decision"];
  readonly when: string;
  /** The first revision that has it. */
  readonly since: number;
}[] = RULES.map((rule) => {
  const { name, decision, when } = rule;
  return { name, decision, when, since: "since" in rule ? rule.since : 1 };
});

/** Decides; the same facts always give the same decision, and there is one for all facts. */
export function decide(facts: GateFacts, revision = GATE_REVISION): GateDecision {
  for (const rule of RULES as readonly (Rule & { readonly name: GateRule })[]) {
    if ((rule.since ?? 1) > revision || !rule.applies(facts)) continue;
    const reason = typeof rule.reason === "string" ? rule.reason : rule.reason(facts);
    return { decision: rule.decision, rule: rule.name, reason };
  }
  return OTHERWISE;
}
