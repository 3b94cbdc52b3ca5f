/**
 * What waits, as leaves that have no place yet, and what is kept beside them: whose they are by their own ids, the hands that wait for their ten seconds to be over,
 * the bulks that leaves commit to. Gives nothing its place (`sequencer.ts`).
 */
import { randomBytes } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import { canonicalJson, concat, gateVersion, type Json, type Leaf, type LeafBody, toHex, utf8 } from "@phonerack/policy";
import { sha256 } from "@phonerack/policy/node";
import {
  bodyOf,
  decisionOf,
  factsOf,
  type Gap,
  gapOf,
  type Heard,
  type NameOf,
  namedIn,
  organisationNamed,
  organisationOf,
  organisationSubject,
  type Whose,
} from "./bodies.js";
import { type Bulk, type Hand, HOUR_MS, type LogStore, type Queued, type Span, type Tally } from "./store.js";

export const WINDOW_MS = 10_000;
const MOST_REMEMBERED = 20_000;
const POLICY = gateVersion(sha256);

export interface Waits {
  /** What a sequencer says first. */
  readonly start: LeafBody | undefined;
  readonly heard: readonly Heard[];
  readonly gaps: readonly Gap[];
  readonly queued: readonly Queued[];
  readonly closed: readonly (Hand & { readonly id: number })[];
  /** Milliseconds since the Unix epoch: hands that come now belong to this window. */
  readonly at: number;
}

/** What becomes leaves in one append. */
export interface Draft {
  readonly bodies: LeafBody[];
  readonly hands: Hand[];
  /** By the place of its leaf in `bodies`. */
  readonly bulks: (Omit<Bulk, "leaf" | "at"> & { readonly place: number })[];
  /** By place: whose lease a decision belongs to, as no leaf says it. */
  readonly whose: Map<number, Whose>;
}

export class Drafter {
  readonly #store: LogStore;
  readonly #names = new Map<string, string>();
  readonly #whose = new Map<string, Whose | null>();

  constructor(store: LogStore) {
    this.#store = store;
  }

  forget(subjects: readonly string[]): void {
    for (const subject of subjects) this.#names.delete(subject);
  }

  async draft({ start, heard, gaps, queued, closed, at }: Waits): Promise<Draft> {
    const draft: Draft = { bodies: start ? [start] : [], hands: [], bulks: [], whose: new Map() };
    const subjects = namedIn(queued, heard);
    for (const key of keysOf(heard, closed)) {
      const whose = await this.#leaseOf(key);
      if (whose) subjects.add(organisationSubject(whose.tenant));
    }
    const name = await this.#namer(subjects);
    for (const one of queued) {
      const body = bodyOf(one, name);
      if (body) draft.bodies.push(body);
    }
    draft.bodies.push(...gaps.map(gapOf));
    for (const one of heard) {
      if (isByHand(one)) draft.hands.push(handOf(one, name, at));
      else add(draft, await this.#leaseOf([one.device, one.facts.leaseEpoch]), (whose) => decisionOf(one, whose, name));
    }
    for (const hands of bundles(closed)) await this.#bundle(draft, hands, name);
    return draft;
  }

  /** The hands of one device in one window become one leaf and the bulk that it commits to. */
  async #bundle(draft: Draft, hands: readonly Hand[], name: NameOf): Promise<void> {
    const [first] = hands;
    if (!first) return;
    const { deviceId: device, epoch, window } = first;
    const bulk = utf8(hands.map(({ entry }) => `${canonicalJson(entry as Json)}\n`).join(""));
    const salt = randomBytes(32);
    const commitment = toHex(sha256(concat(salt, bulk)));
    const rules: Record<string, number> = {};
    for (const { entry } of hands) rules[String(entry.rule)] = (rules[String(entry.rule)] ?? 0) + 1;
    const whose = await this.#leaseOf([device, epoch]);
    const lease = whose?.lease ?? null;
    const policy = typeof first.entry.policy === "string" ? first.entry.policy : POLICY;
    const [from, to] = [window * WINDOW_MS, (window + 1) * WINDOW_MS];
    const packed = deflateRawSync(bulk);
    const tenant = whose?.tenant ?? null;
    draft.bulks.push({ place: draft.bodies.length, commitment, lease, deviceId: device, epoch, tenant, salt, bulk: packed });
    add(draft, whose, () => {
      const organisation = whose ? organisationNamed(whose.tenant, name) : null;
      return {
        kind: "hands",
        device,
        lease,
        tenant: organisation,
        epoch,
        from,
        to,
        count: hands.length,
        rules,
        policy,
        commitment,
      };
    });
  }

  async #namer(names: ReadonlySet<string>): Promise<NameOf> {
    const missing = [...names].filter((name) => !this.#names.has(name));
    if (this.#names.size > MOST_REMEMBERED) this.#names.clear();
    if (missing.length > 0) {
      const fresh = (subject: string) =>
        `${organisationOf(subject) === undefined ? "p" : "t"}-${randomBytes(10).toString("hex")}`;
      for (const [subject, pseudonym] of await this.#store.pseudonyms(missing, fresh)) this.#names.set(subject, pseudonym);
    }
    return (subject) => (subject === "" ? "" : (this.#names.get(subject) ?? "p-unknown"));
  }

  async #leaseOf([device, epoch]: readonly [string, number]): Promise<Whose | undefined> {
    const key = `${device} ${epoch}`;
    if (this.#whose.size > MOST_REMEMBERED) this.#whose.clear();
    let found = this.#whose.get(key);
    if (found === undefined) {
      found = (await this.#store.leaseOf(device, epoch)) ?? null;
      this.#whose.set(key, found);
    }
    return found ?? undefined;
  }
}

/** Where the leaves of leases stand: by their own organisations, who ask for them. */
export function spansOf(leaves: readonly Leaf[], whose: ReadonlyMap<number, Whose>): Span[] {
  const spans = new Map<string, Span>();
  for (const [place, leaf] of leaves.entries()) {
    const of = whose.get(place);
    if (!of) continue;
    const { seq } = leaf;
    const denials = leaf.kind === "decision" && leaf.decision === "deny" ? 1 : 0;
    const known = spans.get(of.lease) ?? { ...of, first: seq, last: seq, leaves: 0, denials: 0 };
    spans.set(of.lease, { ...known, last: seq, leaves: known.leaves + 1, denials: known.denials + denials });
  }
  return [...spans.values()];
}

/** By hour and kind. */
export function talliesOf(leaves: readonly Leaf[]): Tally[] {
  const tallies = new Map<string, Tally>();
  for (const leaf of leaves) {
    const hour = Math.floor(leaf.at / HOUR_MS);
    const key = `${hour} ${leaf.kind}`;
    const known = tallies.get(key) ?? { hour, kind: leaf.kind, leaves: 0, denials: 0 };
    const denials = leaf.kind === "decision" && leaf.decision === "deny" ? 1 : 0;
    tallies.set(key, { ...known, leaves: known.leaves + 1, denials: known.denials + denials });
  }
  return [...tallies.values()];
}

function add({ bodies, whose: all }: Draft, whose: Whose | undefined, body: (whose: Whose | undefined) => LeafBody): void {
  if (whose) all.set(bodies.length, whose);
  bodies.push(body(whose));
}

function isByHand({ facts, decision }: Heard): boolean {
  return facts.mode === "unicast" && decision === "allow";
}

/** Of the decisions that become leaves now: their devices and epochs. */
function keysOf(heard: readonly Heard[], closed: readonly Hand[]): (readonly [string, number])[] {
  return [
    ...heard.filter((one) => !isByHand(one)).map(({ device, facts }) => [device, facts.leaseEpoch] as const),
    ...closed.map(({ deviceId, epoch }) => [deviceId, epoch] as const),
  ];
}

function handOf(heard: Heard, name: NameOf, now: number): Hand {
  const { n, at, device, decision, rule, policy, service } = heard;
  const what = service === undefined ? {} : { service };
  const entry = { n, at: Math.round(at), facts: factsOf(heard, name), decision, rule, policy, ...what };
  return { deviceId: device, epoch: heard.facts.leaseEpoch, window: Math.floor(now / WINDOW_MS), entry };
}

/** By device, epoch, window and rules' version. */
function bundles(closed: readonly Hand[]): Hand[][] {
  const found = new Map<string, Hand[]>();
  for (const hand of closed) {
    const key = `${hand.deviceId} ${hand.epoch} ${hand.window} ${String(hand.entry.policy)}`;
    const bundle = found.get(key);
    if (bundle) bundle.push(hand);
    else found.set(key, [hand]);
  }
  return [...found.values()];
}
