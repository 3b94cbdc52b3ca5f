/**
 * The bytes of a bus link: one WebSocket message is one frame, big-endian, the same layout for all.
 *
 * ```
 * 0   u8   what (LinkFrameKind)
 * 1   u32  id
 * 5   u32  extra
 * 9   u16  length of the subject
 * 11  …    subject, UTF-8
 * …   …    payload
 * ```
 */
export const LinkFrameKind = {
  /** id: the agent's number of this subscription. */
  subscribe: 1,
  unsubscribe: 2,
  publish: 3,
  /** id: the request's number, extra: its time-out in ms. Answered by reply or refused. */
  request: 4,
  /** extra: the subscription it is for. */
  deliver: 5,
  /** id: the request's number, extra: the subscription it is for. Answered by reply or silent. */
  ask: 6,
  reply: 7,
  /** The subscriber has no answer. */
  silent: 8,
  /** Payload: a BusError. */
  refused: 9,
  /** Asks for a pong with the same id: a link whose other end fell silent is closed. */
  ping: 10,
  pong: 11,
  /** Payload: a piece of a frame that is larger than LINK_PIECE; the last piece makes it whole. */
  piece: 12,
  lastPiece: 13,
} as const;
export type LinkFrameKind = (typeof LinkFrameKind)[keyof typeof LinkFrameKind];

export interface LinkFrame {
  readonly kind: LinkFrameKind;
  readonly id: number;
  readonly extra: number;
  readonly subject: string;
  readonly payload: Uint8Array;
}

/** The WebSocket subprotocol; another layout takes another name. */
export const LINK_PROTOCOL = "phonerack-bus.1";
/** NATS's own limit, so that what works on a link works in a lab too. */
export const LINK_MAX_FRAME = 1024 * 1024;
/** The largest WebSocket message of a link: servers bound the messages of all their sockets by one figure, and it is not a picture's. */
export const LINK_PIECE = 64 * 1024;

const HEADER = 11;
const KINDS: ReadonlySet<number> = new Set(Object.values(LinkFrameKind));
const NOTHING = new Uint8Array(0);
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

export function writeLinkFrame(kind: LinkFrameKind, fields: Partial<Omit<LinkFrame, "kind">>): Uint8Array<ArrayBuffer> {
  const subject = encoder.encode(fields.subject ?? "");
  const payload = fields.payload ?? NOTHING;
  const bytes = new Uint8Array(HEADER + subject.length + payload.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = kind;
  view.setUint32(1, fields.id ?? 0);
  view.setUint32(5, fields.extra ?? 0);
  view.setUint16(9, subject.length);
  bytes.set(subject, HEADER);
  bytes.set(payload, HEADER + subject.length);
  return bytes;
}

/** Reads a frame without copying its payload; undefined when the bytes are not one. */
export function readLinkFrame(bytes: Uint8Array): LinkFrame | undefined {
  const kind = bytes[0];
  if (bytes.length < HEADER || bytes.length > LINK_MAX_FRAME || kind === undefined || !KINDS.has(kind)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = HEADER + view.getUint16(9);
  if (end > bytes.length) return undefined;
  try {
    const subject = decoder.decode(bytes.subarray(HEADER, end));
    return {
      kind: kind as LinkFrameKind,
      id: view.getUint32(1),
      extra: view.getUint32(5),
      subject,
      payload: bytes.subarray(end),
    };
  } catch {
    return undefined;
  }
}
