/**
 * The line discipline of a pseudo terminal, as Linux's n_tty does it in its usual settings: echo, erase, kill, ^C, ^D, "\r" in to "\n",
 * "\n" out to "\r\n". Escape sequences (arrow keys) are swallowed: there is no history here to move in.
 */

export interface TerminalEvents {
  /** To the host's screen. */
  echo(bytes: Uint8Array): void;
  /** A line, its "\n" included, or what was typed before ^D. */
  line(bytes: Uint8Array): void;
  interrupt(): void;
  /** ^D on an empty line. */
  endOfFile(): void;
}

const longestLine = 4095;
const key = {
  interrupt: 3,
  endOfFile: 4,
  backspace: 8,
  tab: 9,
  lineFeed: 10,
  carriageReturn: 13,
  kill: 21,
  escape: 27,
  delete: 127,
} as const;
const eraseOne = Buffer.from("\b \b");
const caretC = Buffer.from("^C");

export class Terminal {
  #line: number[] = [];
  /** Gathered and sent once for all that was typed together. */
  #echo: number[] = [];
  /** Where in an escape sequence the input stands. */
  #escape: "none" | "started" | "sequence" = "none";
  readonly #events: TerminalEvents;

  constructor(events: TerminalEvents) {
    this.#events = events;
  }

  /** Bytes typed at the host. */
  input(bytes: Uint8Array): void {
    for (const byte of bytes) if (!this.#inEscape(byte)) this.#typed(byte);
    this.#flush();
  }

  #flush(): void {
    const echo = Buffer.from(this.#echo);
    this.#echo = [];
    if (echo.length > 0) this.#events.echo(echo);
  }

  #inEscape(byte: number): boolean {
    if (this.#escape === "none") {
      if (byte === key.escape) this.#escape = "started";
      return byte === key.escape;
    }
    if (this.#escape === "started" && (byte === 0x5b || byte === 0x4f)) this.#escape = "sequence";
    else if (this.#escape === "started" || (byte >= 0x40 && byte <= 0x7e)) this.#escape = "none";
    return true;
  }

  #typed(byte: number): void {
    switch (byte) {
      case key.interrupt:
        this.#line = [];
        this.#echo.push(...caretC);
        this.#flush();
        return this.#events.interrupt();
      case key.endOfFile:
        if (this.#line.length === 0) return this.#events.endOfFile();
        return this.#deliver();
      case key.backspace:
      case key.delete:
        return this.#erase();
      case key.kill:
        while (this.#line.length > 0) this.#erase();
        return;
      case key.carriageReturn:
      case key.lineFeed:
        this.#line.push(key.lineFeed);
        this.#echo.push(key.carriageReturn, key.lineFeed);
        return this.#deliver();
      default:
        this.#append(byte);
    }
  }

  #append(byte: number): void {
    if (byte < 0x20 && byte !== key.tab) return;
    if (this.#line.length >= longestLine) return;
    this.#line.push(byte);
    this.#echo.push(byte);
  }

  #erase(): void {
    // A character of UTF-8 is its last byte and the continuation bytes (10xxxxxx) before it.
    let byte = this.#line.pop();
    if (byte === undefined) return;
    while (byte !== undefined && (byte & 0xc0) === 0x80) byte = this.#line.pop();
    this.#echo.push(...eraseOne);
  }

  #deliver(): void {
    const line = Buffer.from(this.#line);
    this.#line = [];
    this.#events.line(line);
  }
}

/** "\n" → "\r\n", as a terminal's output goes. */
export function terminalOutput(bytes: Uint8Array): Uint8Array {
  let feeds = 0;
  for (const byte of bytes) if (byte === key.lineFeed) feeds++;
  if (feeds === 0) return bytes;
  const out = Buffer.allocUnsafe(bytes.length + feeds);
  let at = 0;
  for (const byte of bytes) {
    if (byte === key.lineFeed) out[at++] = key.carriageReturn;
    out[at++] = byte;
  }
  return out;
}
