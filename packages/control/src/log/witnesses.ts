/** Asks witnesses to sign a checkpoint (c2sp.org/tlog-witness). One that is away, wrong or lies is told of, and holds nothing up. */
import type { LogWitness, WitnessChoice } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import {
  COSIGNATURE,
  checkSigned,
  formatNote,
  type Note,
  parseSignature,
  parseSize,
  parseVkey,
  readCheckpoint,
  type SignatureLine,
  type Signed,
  toBase64,
  type VerifierKey,
} from "@phonerack/policy";
import { sha256, verifyEd25519 } from "@phonerack/policy/node";
import type { Kept } from "./store.js";

const ANSWER_MS = 10_000;
const MOST_BYTES = 16 * 1024;
/** A witness whose clock is further off is not believed. */
const CLOCK_MS = 10 * 60_000;

type State = Pick<LogWitness, "state" | "reason" | "size" | "at">;

interface Witness {
  readonly choice: WitnessChoice;
  readonly key: VerifierKey;
  readonly url: string;
  /** The size that it is thought to know. */
  known: number;
  state: State;
}

export interface ToWitness {
  readonly size: number;
  readonly note: Note;
  consistency(from: number): Promise<readonly Uint8Array[]>;
}

const WAITING: State = { state: "waiting", reason: null, size: null, at: null };

/** Fails with `bad_request`. */
export function checkWitness({ vkey }: WitnessChoice): VerifierKey {
  const key = parseVkey(sha256, vkey);
  if (key?.type !== COSIGNATURE) throw new PhonerackError("bad_request", `this is no witness's key: ${vkey.slice(0, 80)}`);
  return key;
}

/** As far as a checkpoint itself tells: for controls that do not ask witnesses. */
export function witnessesOf(choices: readonly WitnessChoice[], checkpoint: Kept | undefined): LogWitness[] {
  const note = checkpoint && readCheckpoint(checkpoint.note)?.note;
  return choices.map((choice) => {
    const key = checkWitness(choice);
    const signed = note && checkSigned(note, key, verifyEd25519);
    return { ...choice, name: key.name, ...stateOf(signed, checkpoint) };
  });
}

function stateOf(signed: Signed | undefined, checkpoint: Kept | undefined): State {
  if (!signed || !checkpoint) return WAITING;
  if (signed.state === "good") return { state: "good", reason: null, size: checkpoint.size, at: (signed.time ?? 0) * 1_000 };
  if (signed.state === "bad") return { ...WAITING, state: "bad", reason: "its signature of the newest checkpoint is false" };
  if (Date.now() - checkpoint.at < ANSWER_MS) return WAITING;
  return { ...WAITING, state: "away", reason: "it has not signed the newest checkpoint; the control that appends says why" };
}

export class Witnesses {
  #all: Witness[] = [];

  /** Those that were there before keep what is known of them. @returns whether there is one that was not */
  choose(choices: readonly WitnessChoice[]): boolean {
    let fresh = false;
    this.#all = choices.map((choice) => {
      const known = this.#all.find((one) => one.choice.url === choice.url && one.choice.vkey === choice.vkey);
      fresh ||= known === undefined;
      return known ?? { choice, key: checkWitness(choice), url: choice.url.replace(/\/+$/, ""), known: 0, state: WAITING };
    });
    return fresh;
  }

  get list(): LogWitness[] {
    return this.#all.map(({ choice, key, state }) => ({ ...choice, name: key.name, ...state }));
  }

  /** The cosignatures that came. Never fails. */
  async sign(order: ToWitness): Promise<SignatureLine[]> {
    const lines = await Promise.all(
      this.#all.map((witness) =>
        this.#ask(witness, order).catch((error: unknown) => {
          witness.state = { ...witness.state, state: "away", reason: error instanceof Error ? error.message : String(error) };
          return undefined;
        }),
      ),
    );
    return lines.filter((line) => line !== undefined);
  }

  async #ask(witness: Witness, order: ToWitness, again = true): Promise<SignatureLine | undefined> {
    const from = Math.min(witness.known, order.size);
    const proof = await order.consistency(from);
    const body = `old ${from}\n${proof.map((hash) => `${toBase64(hash)}\n`).join("")}\n${formatNote(order.note)}`;
    const response = await fetch(`${witness.url}/add-checkpoint`, {
      method: "POST",
      body,
      redirect: "error",
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    const said = await bounded(response);
    if (response.status === 409 && again) {
      const size = parseSize(said.trimEnd());
      if (size !== undefined && size <= order.size) {
        witness.known = size;
        return this.#ask(witness, order, false);
      }
      witness.state = {
        ...witness.state,
        state: "refused",
        reason:
          size === undefined
            ? `it answered 409: ${said.slice(0, 200)}`
            : `it has seen ${size} leaves of this log, which has ${order.size}`,
      };
      return undefined;
    }
    if (response.status !== 200) {
      const state = response.status === 422 || response.status === 409 ? "refused" : "away";
      witness.state = { ...witness.state, state, reason: `it answered ${response.status}: ${said.slice(0, 200)}` };
      return undefined;
    }
    return this.#believe(witness, order, said);
  }

  #believe(witness: Witness, { size, note }: ToWitness, said: string): SignatureLine | undefined {
    const lines = said.trimEnd().split("\n").map(parseSignature);
    for (const line of lines) {
      if (!line) continue;
      const checked = checkSigned({ text: note.text, signatures: [line] }, witness.key, verifyEd25519);
      if (checked.state !== "good" || Math.abs((checked.time ?? 0) * 1_000 - Date.now()) > CLOCK_MS) continue;
      witness.known = size;
      witness.state = { state: "good", reason: null, size, at: Date.now() };
      return line;
    }
    witness.state = {
      ...witness.state,
      state: "bad",
      reason: "what it answered is no signature of its for this checkpoint and this time",
    };
    return undefined;
  }
}

async function bounded(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > MOST_BYTES) throw new Error("it answered more than a witness has to say");
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}
