/**
 * What the lab says of itself, signed with its log's key, and what it answers to a platform that wonders about some traffic: which leases were open then, by opaque
 * names, and which apps their organisations have shown to be theirs. Never who they are.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type {
  AbuseAnswer,
  AbuseCase,
  AbuseQuestion,
  CaseMessage,
  EgressChange,
  EgressPrefix,
  Face,
  FaceSettings,
} from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import {
  ANNOUNCED_MS,
  canonicalJson,
  covers,
  formatSignature,
  formatVkey,
  type Json,
  parsePrefix,
  signText,
  wrongWithChange,
} from "@phonerack/policy";
import type { RecordEvent } from "../events/events.js";
import type { LogKey } from "../log/log-key.js";
import { Askers } from "./askers.js";
import { type FaceStore, publicLeases, viewOf } from "./store.js";

const HOUR_MS = 3_600_000;
const DEFAULT_HOURS = 72;
/** As many as there can be devices: none is left out, since what a case names is kept while it is open. */
const MOST_LEASES = 10_000;
const MOST_MESSAGES = 100;
/** Cases that wait: a flood of questions must not fill the disk. Answers are given all the same. */
const MOST_OPEN = 5_000;
/** A log of before that nobody keeps any more is not asked about. */
const OLDEST_MS = 400 * 24 * HOUR_MS;
const LAB = "lab";

export interface FaceParts {
  readonly store: FaceStore;
  readonly key: () => Promise<LogKey>;
  readonly record: RecordEvent;
  /** As the world reaches the lab. */
  readonly publicUrl: string | undefined;
  readonly now?: () => number;
}

export class LabFace {
  readonly #parts: FaceParts;
  readonly #askers = new Askers();

  constructor(parts: FaceParts) {
    this.#parts = parts;
  }

  async get(): Promise<Face> {
    const { store } = this.#parts;
    const [settings, egress] = await Promise.all([store.settings(), store.egress()]);
    return { settings, egress };
  }

  async put(by: string, settings: FaceSettings): Promise<Face> {
    await this.#parts.store.setSettings(settings, by);
    this.#parts.record({ kind: "face.changed", actor: by, tenant: LAB, subject: "face", detail: {} });
    return this.get();
  }

  /** Fails with `egress_refused`. */
  async announce(by: string, { prefixes, from }: EgressChange): Promise<{ items: EgressPrefix[] }> {
    const { store } = this.#parts;
    const weigh = (known: readonly EgressPrefix[]) => {
      const now = this.#now();
      const at = from ?? (known.length === 0 ? now : now + ANNOUNCED_MS);
      const wrong = wrongWithChange(known, { prefixes, from: at, now });
      if (wrong) throw new PhonerackError("egress_refused", wrong);
      return { from: at, now };
    };
    const at = await store.changeEgress({ prefixes, by, weigh });
    this.#parts.record({
      kind: "egress.announced",
      actor: by,
      tenant: LAB,
      subject: "egress",
      detail: { from: at.from, count: prefixes.length },
    });
    return { items: await store.egress() };
  }

  /** The document below `/.well-known`, with the signature of the log's key over its canonical form. Fails with `face_missing`. */
  async document(): Promise<Readonly<Record<string, Json>>> {
    const { settings, egress } = await this.get();
    if (!settings) throw new PhonerackError("face_missing");
    const { key, sign } = await this.#parts.key();
    const base = this.#parts.publicUrl ?? null;
    const said = {
      version: 1,
      operator: settings.operator,
      purpose:
        "A lab of test devices. Group input and scripts reach only apps whose owner proved it; devices say that they are test devices.",
      abuse: {
        email: settings.abuseEmail,
        url: settings.abuseUrl,
        lookup: base === null ? null : `${base}/api/v1/abuse/lookup`,
        responseHours: settings.responseHours,
      },
      egress: { ptrSuffix: settings.ptrSuffix, prefixes: egress.map((one) => ({ ...one })) },
      log: { vkey: formatVkey(key), url: base === null ? null : `${base}/log` },
    } satisfies Record<string, Json>;
    const signature = formatSignature(signText(key, `${canonicalJson(said)}\n`, sign)).trimEnd();
    return { ...said, signature };
  }

  /** As others publish theirs: what is in force now. */
  async egressDocument(): Promise<Readonly<Record<string, Json>>> {
    const { egress } = await this.get();
    const now = this.#now();
    const current = egress.filter((one) => inForce(one, now));
    const newest = Math.max(0, ...egress.map(({ announcedAt }) => announcedAt));
    return {
      syncToken: String(newest),
      creationTime: new Date(newest).toISOString(),
      prefixes: current.map(({ prefix }) => (prefix.includes(":") ? { ipv6Prefix: prefix } : { ipv4Prefix: prefix })),
    };
  }

  /** `asker`: from where; they may ask so often. Fails with `too_many`, `bad_request`. */
  async lookup(asker: string, question: AbuseQuestion): Promise<AbuseAnswer> {
    const now = this.#now();
    this.#askers.count(asker, now);
    const time = typeof question.time === "number" ? question.time : Date.parse(question.time);
    if (time > now + HOUR_MS || time < now - OLDEST_MS)
      throw new PhonerackError("bad_request", "the time is to come, or too long ago");
    const { settings, egress } = await this.get();
    const ours = egress.some((one) => inForce(one, time) && isIn(one.prefix, question.ip));
    if (!ours) return { ours, leases: [], case: null };
    const leases = await this.#leasesAt(time);
    const opened = await this.#open({ question, time, leases, hours: settings?.responseHours ?? DEFAULT_HOURS });
    return { ours, leases: publicLeases(leases), case: opened };
  }

  /** Fails with `case_not_found`. */
  async follow(id: string, token: string, message?: string) {
    const row = await this.#parts.store.case(id);
    if (!row || !same(digest(token), row.tokenHash)) throw new PhonerackError("case_not_found", id);
    if (message !== undefined && message !== "") {
      this.#roomIn(row.messages);
      await this.#parts.store.say(
        id,
        { at: this.#now(), by: "asker", text: message },
        row.state === "closed" ? undefined : "open",
      );
    }
    const { state, answerBy, messages } = viewOf((await this.#parts.store.case(id)) ?? row, this.#now());
    return { state, answerBy, messages };
  }

  async cases(state: string | undefined, limit: number): Promise<{ items: AbuseCase[]; waiting: number; overdue: number }> {
    const { store } = this.#parts;
    const now = this.#now();
    const [found, counts] = await Promise.all([store.cases(state, limit), store.waitingCases(now)]);
    return { items: found.map((row) => viewOf(row, now)), ...counts };
  }

  /** Fails with `case_not_found`. */
  async case(id: string): Promise<AbuseCase> {
    const row = await this.#parts.store.case(id);
    if (!row) throw new PhonerackError("case_not_found", id);
    return viewOf(row, this.#now());
  }

  /** Fails with `case_not_found`, `case_closed`, `too_many`. */
  async answer(by: string, { id, text, close }: { id: string; text: string; close: boolean }): Promise<AbuseCase> {
    const row = await this.#parts.store.case(id);
    if (!row) throw new PhonerackError("case_not_found", id);
    if (row.state === "closed") throw new PhonerackError("case_closed", id);
    this.#roomIn(row.messages);
    const message: CaseMessage = { at: this.#now(), by: "lab", text };
    await this.#parts.store.say(id, message, close ? "closed" : "answered");
    this.#parts.record({ kind: close ? "case.closed" : "case.answered", actor: by, tenant: LAB, subject: id, detail: {} });
    return this.case(id);
  }

  #roomIn(messages: readonly unknown[]): void {
    if (messages.length >= MOST_MESSAGES) throw new PhonerackError("too_many", "this case has as many messages as it may have");
  }

  async #leasesAt(time: number): Promise<AbuseCase["leases"]> {
    const { store } = this.#parts;
    const leases = await store.leasesAt(time, MOST_LEASES);
    const ids = leases.map(({ lease }) => lease);
    const references = await store.references(ids, () => `r-${randomBytes(10).toString("hex")}`);
    const owned = await store.ownedPackages([...new Set(leases.map(({ tenant }) => tenant))]);
    return leases.map((one) => ({
      reference: references.get(one.lease) ?? "",
      from: Number(one.from),
      until: Number(one.until),
      packages: owned.get(one.tenant) ?? [],
      lease: one.lease,
      tenant: one.tenant,
    }));
  }

  async #open(asked: {
    question: AbuseQuestion;
    time: number;
    leases: AbuseCase["leases"];
    hours: number;
  }): Promise<AbuseAnswer["case"]> {
    const { store, record } = this.#parts;
    if ((await store.openCases()) >= MOST_OPEN) return null;
    const { question, time, leases, hours } = asked;
    const { ip, message = "", contact = "" } = question;
    const [id, token] = [`case-${randomBytes(10).toString("hex")}`, randomBytes(24).toString("base64url")];
    const now = this.#now();
    const answerBy = now + hours * HOUR_MS;
    await store.addCase({
      id,
      asked: { ip, time, contact },
      found: { leases },
      state: "open",
      messages: message === "" ? [] : [{ at: now, by: "asker", text: message }],
      tokenHash: digest(token),
      createdAt: new Date(now),
      dueAt: new Date(answerBy),
    });
    record({ kind: "case.opened", actor: "world", tenant: LAB, subject: id, detail: {} });
    return { id, token, answerBy };
  }

  #now(): number {
    return (this.#parts.now ?? Date.now)();
  }
}

function inForce({ from, until }: EgressPrefix, at: number): boolean {
  return from <= at && (until === null || at < until);
}

function isIn(text: string, ip: string): boolean {
  const prefix = parsePrefix(text);
  return prefix !== undefined && covers(prefix, ip.toLowerCase());
}

function digest(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

function same(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
