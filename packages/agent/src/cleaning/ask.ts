/**
 * Asks a phone many things in one shell command: a phone in a rack is 1 to 30 ms of round trip away, and there are a thousand of them. A
 * question that the phone hangs on is passed over and the others are asked again without it. Names and texts on a phone may hold any bytes,
 * so answers stand between marks that nobody on the phone could have guessed.
 */
import { randomBytes } from "node:crypto";
import { PhonerackError } from "@phonerack/contract/bus";
import type { PhoneLink } from "../transports/link.js";
import type { Contact } from "./contact.js";

export interface Question {
  readonly name: string;
  /** A shell command; what it prints is the answer. */
  readonly command: string;
  /** How long the phone may say nothing while it works on it; default 8 s. */
  readonly patienceMs?: number;
}

export interface Answer {
  /** What was printed, as UTF-8. */
  readonly text: string;
  /** The same, one character a byte. */
  readonly bytes: string;
  readonly exitCode: number;
}

/** By the questions' names. One that is missing was not answered: the phone hung on it. */
export type Answers = ReadonlyMap<string, Answer>;

const PATIENCE_MS = 8_000;
/** Bytes of answers to one command. */
const MOST_BYTES = 32 * 1024 * 1024;
/** A phone that hangs on this many of them hangs on all. */
const MOST_HUNG = 3;
/** adb's server takes 64 KiB, Linux 128 KiB. */
const LONGEST_SCRIPT = 16_000;

/** Fails when the phone cannot be reached at all, or floods. */
export async function ask(contact: Contact, questions: readonly Question[]): Promise<Answers> {
  const answers = new Map<string, Answer>();
  let hung = 0;
  let left = [...questions];
  while (left.length > 0 && hung < MOST_HUNG) {
    const batch = fitting(left);
    const stuck = await contact.with((link) => askOnce(link, batch, answers));
    left = left.filter(({ name }) => !answers.has(name) && name !== stuck);
    if (stuck !== undefined) hung++;
  }
  return answers;
}

/** The first ones that fit into one command; at least one. */
function fitting(questions: readonly Question[]): Question[] {
  let length = 0;
  return questions.filter(({ name, command }, index) => {
    length += command.length + name.length + 120;
    return index === 0 || length <= LONGEST_SCRIPT;
  });
}

/** @returns the question that the phone hung on, if it did. */
async function askOnce(link: PhoneLink, batch: readonly Question[], answers: Map<string, Answer>): Promise<string | undefined> {
  const [first, second] = [randomBytes(8).toString("hex"), randomBytes(8).toString("hex")];
  const mark = `@${first}${second}:`;
  // In two halves, so that the shell's own words in the list of processes are not taken for a mark.
  const pieces = batch.map(({ name, command }) => `echo "$m$n:${name}"; ( ${command} ) 2>&1; echo "$m$n:=$?"`);
  const reader = new AnswerReader(mark, batch);
  // "exec:" carries bytes as they are on every Android; whether all of it came is told by the last mark.
  const socket = await link.open(`exec:m=@${first}; n=${second}; ${pieces.join("; ")}; echo "$m$n:."`);
  try {
    while (!reader.complete) {
      const chunk = await link.life.guard(socket.read(), reader.patienceMs, "a question");
      if (!chunk) break;
      reader.add(chunk);
    }
  } catch (error) {
    if (link.life.ended || !(error instanceof PhonerackError && error.code === "device_timeout")) throw error;
  } finally {
    socket.close();
    reader.into(answers);
  }
  return reader.complete ? undefined : (reader.current ?? batch[0])?.name;
}

class AnswerReader {
  readonly #mark: string;
  readonly #questions: readonly Question[];
  readonly #chunks: string[] = [];
  #bytes = 0;
  #tail = "";
  #at = 0;
  complete = false;

  constructor(mark: string, questions: readonly Question[]) {
    this.#mark = mark;
    this.#questions = questions;
  }

  /** The question being answered. */
  get current(): Question | undefined {
    return this.#questions[this.#at];
  }

  get patienceMs(): number {
    return this.current?.patienceMs ?? PATIENCE_MS;
  }

  add(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    if (this.#bytes > MOST_BYTES) throw new PhonerackError("phone_protocol", `it printed more than ${MOST_BYTES} bytes`);
    const text = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString("latin1");
    this.#chunks.push(text);
    // A mark may be cut by the chunks' borders.
    const seen = this.#tail + text;
    for (let from = seen.indexOf(`${this.#mark}=`); from >= 0; from = seen.indexOf(`${this.#mark}=`, from + 1)) this.#at++;
    this.complete ||= seen.includes(`${this.#mark}.`);
    this.#tail = seen.slice(-this.#mark.length);
  }

  into(answers: Map<string, Answer>): void {
    const pieces = this.#chunks.join("").split(this.#mark);
    pieces.forEach((piece, index) => {
      const name = /^([a-z0-9-]+)\n/.exec(piece)?.[1];
      const exit = /^=(\d+)\s/.exec(pieces[index + 1] ?? "")?.[1];
      if (name && exit !== undefined) answers.set(name, answer(piece.slice(name.length + 1), Number(exit)));
    });
  }
}

function answer(bytes: string, exitCode: number): Answer {
  return {
    bytes,
    exitCode,
    get text() {
      return Buffer.from(bytes, "latin1").toString("utf8");
    },
  };
}

/** A word for the shell, whatever is in it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
