/** What a bus link needs of a WebSocket, and one end of it: frames in and out, a heartbeat, an end with a reason. */
import { LINK_MAX_FRAME, LINK_PIECE, type LinkFrame, LinkFrameKind, readLinkFrame, writeLinkFrame } from "./link-frames.js";

/** Fits `ws` and the browsers' WebSocket (with `binaryType` "arraybuffer"). */
export interface LinkSocket {
  /** 1: open. */
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(bytes: Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: "message", listener: (event: { data: unknown }) => void): void;
  addEventListener(type: "close", listener: (event: { code: number; reason: string }) => void): void;
  addEventListener(type: "open" | "error", listener: () => void): void;
}

const OPEN = 1;
const LINK_PING_MS = 4_000;
/** Nothing heard for so long: the other end is gone, e.g. behind a pulled cable. */
const LINK_SILENT_MS = 12_000;

/** Close codes of WebSocket (RFC 6455) that a link uses. */
export const LinkClose = { protocol: 1002, policy: 1008, tooLarge: 1009, overloaded: 1013 } as const;

export interface LinkEndEvents {
  frame(frame: LinkFrame): void;
  /** Once, whoever closed. `code` is WebSocket's. */
  closed(code: number, reason: string): void;
}

export class LinkEnd {
  readonly #socket: LinkSocket;
  readonly #events: LinkEndEvents;
  readonly #heartbeat: ReturnType<typeof setInterval>;
  #heard = Date.now();
  #over = false;
  #pieces: Uint8Array[] = [];
  #piecesBytes = 0;

  constructor(socket: LinkSocket, events: LinkEndEvents) {
    this.#socket = socket;
    this.#events = events;
    this.#heartbeat = setInterval(() => this.#beat(), LINK_PING_MS);
    socket.addEventListener("message", (event) => this.#receive(event.data));
    socket.addEventListener("close", (event) => this.#end(event.code, event.reason));
    // An error is followed by close, which is where the end is dealt with.
    socket.addEventListener("error", () => {});
  }

  get waiting(): number {
    return this.#socket.bufferedAmount;
  }

  send(kind: LinkFrameKind, fields: Partial<Omit<LinkFrame, "kind">>): void {
    if (this.#over || this.#socket.readyState !== OPEN) return;
    const bytes = writeLinkFrame(kind, fields);
    if (bytes.length <= LINK_PIECE) return this.#socket.send(bytes);
    for (let at = 0; at < bytes.length; at += LINK_PIECE) {
      const last = at + LINK_PIECE >= bytes.length;
      const payload = bytes.subarray(at, at + LINK_PIECE);
      this.#socket.send(writeLinkFrame(last ? LinkFrameKind.lastPiece : LinkFrameKind.piece, { payload }));
    }
  }

  /** Ends the link at once: the other end is told if it still listens, and is not waited for. */
  close(code: number, reason: string): void {
    if (this.#over) return;
    this.#socket.close(code, reason);
    this.#end(code, reason);
  }

  #receive(data: unknown): void {
    if (this.#over) return;
    this.#heard = Date.now();
    const bytes = data instanceof Uint8Array ? data : data instanceof ArrayBuffer ? new Uint8Array(data) : undefined;
    const frame = bytes && readLinkFrame(bytes);
    if (!frame) this.close(LinkClose.protocol, "not a frame of a bus link");
    else if (frame.kind === LinkFrameKind.ping) this.send(LinkFrameKind.pong, { id: frame.id });
    else if (frame.kind === LinkFrameKind.piece || frame.kind === LinkFrameKind.lastPiece) this.#gather(frame);
    else if (frame.kind !== LinkFrameKind.pong) this.#events.frame(frame);
  }

  #gather({ kind, payload }: LinkFrame): void {
    this.#pieces.push(payload);
    this.#piecesBytes += payload.length;
    if (this.#piecesBytes > LINK_MAX_FRAME) return this.close(LinkClose.tooLarge, "a frame larger than a link carries");
    if (kind === LinkFrameKind.piece) return;
    const whole = new Uint8Array(this.#piecesBytes);
    let at = 0;
    for (const piece of this.#pieces.splice(0)) {
      whole.set(piece, at);
      at += piece.length;
    }
    this.#piecesBytes = 0;
    const frame = readLinkFrame(whole);
    if (!frame || frame.kind >= LinkFrameKind.ping) this.close(LinkClose.protocol, "pieces that are no frame of a bus link");
    else this.#events.frame(frame);
  }

  #beat(): void {
    if (Date.now() - this.#heard > LINK_SILENT_MS) this.close(LinkClose.policy, "nothing heard");
    else this.send(LinkFrameKind.ping, {});
  }

  #end(code: number, reason: string): void {
    if (this.#over) return;
    this.#over = true;
    clearInterval(this.#heartbeat);
    this.#events.closed(code, reason);
  }
}
