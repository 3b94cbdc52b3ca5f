/** What a command prints on a phone from before Android 7, which tells no exit code: it is printed last, behind a mark that is taken away here. */
const MARK = "@phonerack-exit=";
/** The mark and what follows it. */
const HELD = 64;

/** The command, its exit code printed after it. */
export function withMark(command: string): string {
  return `( ${command} ) 2>&1; echo ${MARK}$?`;
}

export class PlainOutput {
  #held = Buffer.alloc(0);

  /** @returns what is certainly the command's own. */
  take(chunk: Uint8Array): Uint8Array {
    const all = Buffer.concat([this.#held, chunk]);
    const sure = Math.max(0, all.length - HELD);
    this.#held = all.subarray(sure);
    return all.subarray(0, sure);
  }

  /** @returns the rest of it, and its exit code; undefined when it was cut off. */
  end(): { readonly rest: Uint8Array; readonly exitCode: number | undefined } {
    const at = this.#held.lastIndexOf(MARK);
    if (at < 0) return { rest: this.#held, exitCode: undefined };
    const code = Number.parseInt(this.#held.subarray(at + MARK.length).toString(), 10);
    return { rest: this.#held.subarray(0, at), exitCode: Number.isInteger(code) ? code : undefined };
  }
}
