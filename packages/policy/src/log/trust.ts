/** Whom to believe (c2sp.org/tlog-policy): logs, witnesses, and how many of them must have seen a checkpoint. */
import type { Digest } from "./bytes.js";
import {
  COSIGNATURE,
  checkSigned,
  ED25519,
  type Note,
  parseVkey,
  type Signed,
  type VerifierKey,
  type VerifySignature,
} from "./note.js";

export interface TrustPolicy {
  readonly logs: readonly VerifierKey[];
  readonly witnesses: readonly { readonly name: string; readonly key: VerifierKey; readonly url: string | undefined }[];
  readonly groups: ReadonlyMap<string, { readonly least: number; readonly members: readonly string[] }>;
  /** null: nobody needs to have seen it. */
  readonly quorum: string | null;
}

/** What is wrong with a policy, by its line. */
export class BadPolicy extends Error {
  constructor(line: number, what: string) {
    super(`line ${line}: ${what}`);
    this.name = "BadPolicy";
  }
}

const MOST_LINES = 1_000;

/** @throws BadPolicy */
export function parsePolicy(digest: Digest, text: string): TrustPolicy {
  const reader = new PolicyReader(digest);
  const lines = text.split("\n");
  if (lines.length > MOST_LINES) throw new BadPolicy(MOST_LINES, "too many lines");
  for (const [at, line] of lines.entries()) reader.read(line, at + 1);
  return reader.end(lines.length);
}

class PolicyReader {
  readonly #digest: Digest;
  readonly #logs: VerifierKey[] = [];
  readonly #witnesses: { name: string; key: VerifierKey; url: string | undefined }[] = [];
  readonly #groups = new Map<string, { least: number; members: readonly string[] }>();
  readonly #grouped = new Set<string>();
  #quorum: string | null | undefined;

  constructor(digest: Digest) {
    this.#digest = digest;
  }

  read(line: string, at: number): void {
    const [word, ...rest] = line.trim().split(/[ \t]+/);
    if (word === undefined || word === "" || word.startsWith("#")) return;
    if (word === "log") this.#log(rest, at);
    else if (word === "witness") this.#witness(rest, at);
    else if (word === "group") this.#group(rest, at);
    else if (word === "quorum") this.#end(rest, at);
    else throw new BadPolicy(at, `'${word}' is none of log, witness, group, quorum`);
  }

  end(lines: number): TrustPolicy {
    if (this.#quorum === undefined) throw new BadPolicy(lines, "there is no quorum");
    return { logs: this.#logs, witnesses: this.#witnesses, groups: this.#groups, quorum: this.#quorum };
  }

  #log([vkey = "", , more]: string[], at: number): void {
    const key = parseVkey(this.#digest, vkey);
    if (key?.type !== ED25519 || more !== undefined) throw new BadPolicy(at, "this is no key of a log");
    if (this.#logs.some((other) => other.key.join() === key.key.join())) throw new BadPolicy(at, "this log is named twice");
    this.#logs.push(key);
  }

  #witness([name = "", vkey = "", url, more]: string[], at: number): void {
    const key = parseVkey(this.#digest, vkey);
    if (key?.type !== COSIGNATURE || more !== undefined) throw new BadPolicy(at, "this is no key of a witness");
    this.#fresh(name, at);
    if (this.#witnesses.some((other) => other.key.key.join() === key.key.join()))
      throw new BadPolicy(at, "this witness is named twice");
    this.#witnesses.push({ name, key, url });
  }

  #group([name = "", much = "", ...members]: string[], at: number): void {
    this.#fresh(name, at);
    const least = much === "all" ? members.length : much === "any" ? 1 : /^[1-9]\d*$/.test(much) ? Number(much) : 0;
    if (members.length === 0 || least < 1 || least > members.length)
      throw new BadPolicy(at, "a group has all, any or 1 to n of n members");
    for (const member of members) {
      if (!this.#knows(member)) throw new BadPolicy(at, `'${member}' is not named above`);
      if (this.#grouped.has(member)) throw new BadPolicy(at, `'${member}' counts in another group already`);
      this.#grouped.add(member);
    }
    this.#groups.set(name, { least, members });
  }

  #end([name, more]: string[], at: number): void {
    if (this.#quorum !== undefined) throw new BadPolicy(at, "there is a quorum already");
    if (name === undefined || more !== undefined || (name !== "none" && !this.#knows(name)))
      throw new BadPolicy(at, "the quorum is not named above");
    this.#quorum = name === "none" ? null : name;
  }

  #knows(name: string): boolean {
    return this.#groups.has(name) || this.#witnesses.some((witness) => witness.name === name);
  }

  #fresh(name: string, at: number): void {
    if (name === "" || name === "none" || this.#knows(name)) throw new BadPolicy(at, `'${name}' cannot be a name here`);
  }
}

export interface Trusted {
  readonly log: Signed | undefined;
  readonly witnesses: readonly (Signed & { readonly name: string })[];
  /** Signed by one of the logs, and seen by as many as the policy asks. */
  readonly good: boolean;
}

/** What a policy says of a checkpoint's note. */
export function checkTrust(note: Note, policy: TrustPolicy, verify: VerifySignature): Trusted {
  const logs = policy.logs.map((key) => checkSigned(note, key, verify));
  const log = logs.find(({ state }) => state === "good") ?? logs.find(({ state }) => state === "bad") ?? logs[0];
  const witnesses = policy.witnesses.map(({ name, key }) => ({ name, ...checkSigned(note, key, verify) }));
  const seen = (name: string): boolean => {
    const group = policy.groups.get(name);
    if (group) return group.members.filter(seen).length >= group.least;
    return witnesses.some((witness) => witness.name === name && witness.state === "good");
  };
  const signed = policy.logs.length === 0 || log?.state === "good";
  return { log, witnesses, good: signed && (policy.quorum === null || seen(policy.quorum)) };
}
