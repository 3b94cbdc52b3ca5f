/**
 * Puts words of ours between the packets of a shell's output: on stderr, so that no script takes them for the phone's. In the middle of a packet they wait for
 * its end.
 */
import { encodeShellPacket, shellHeaderLength, shellPacketId } from "@phonerack/android-wire/adb";

export class ShellNotes {
  readonly #v2: boolean;
  /** Bytes of the present packet that are still to come. */
  #rest = 0;
  #header = Buffer.alloc(0);
  #waiting = "";

  constructor(v2: boolean) {
    this.#v2 = v2;
  }

  say(words: string): void {
    this.#waiting += `phonerack: ${words}\r\n`;
  }

  /** What is due before anything more comes from the phone; undefined: nothing, or not here. */
  due(): Uint8Array | undefined {
    if (this.#waiting === "" || this.#rest > 0 || this.#header.length > 0) return undefined;
    const bytes = Buffer.from(this.#waiting);
    this.#waiting = "";
    return this.#v2 ? encodeShellPacket(shellPacketId.stderr, bytes) : bytes;
  }

  /** The phone's bytes with ours at the first place where they may stand. */
  pass(chunk: Uint8Array): Uint8Array[] {
    if (!this.#v2) return [this.due(), chunk].filter((part) => part !== undefined);
    const parts: Uint8Array[] = [];
    let begin = 0;
    for (let at = 0; at < chunk.length; ) {
      const note = this.due();
      if (note) {
        if (at > begin) parts.push(chunk.subarray(begin, at));
        parts.push(note);
        begin = at;
      }
      at += this.#follow(at === 0 ? chunk : chunk.subarray(at));
    }
    parts.push(chunk.subarray(begin));
    const note = this.due();
    return note ? [...parts, note] : parts;
  }

  /** @returns how much belongs to the present packet, or to its header. */
  #follow(bytes: Uint8Array): number {
    if (this.#rest > 0) {
      const taken = Math.min(this.#rest, bytes.length);
      this.#rest -= taken;
      return taken;
    }
    if (this.#header.length === 0 && bytes.length >= shellHeaderLength) {
      this.#rest = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1, true);
      return shellHeaderLength;
    }
    const taken = Math.min(shellHeaderLength - this.#header.length, bytes.length);
    this.#header = Buffer.concat([this.#header, bytes.subarray(0, taken)]);
    if (this.#header.length < shellHeaderLength) return taken;
    this.#rest = this.#header.readUInt32LE(1);
    this.#header = Buffer.alloc(0);
    return taken;
  }
}
