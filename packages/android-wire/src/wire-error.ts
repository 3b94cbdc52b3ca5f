/**
 * The one error of this package: bytes or calls that break the protocol. The code is for programs, the message for people.
 */
export const wireErrorCodes = [
  "bad-magic",
  "unknown-command",
  "payload-too-large",
  "bad-checksum",
  "bad-banner",
  "bad-payload-limit",
  "bad-okay",
  "too-many-auth-attempts",
  "bad-public-key",
  "window-exceeded",
  "no-credit",
  "too-many-streams",
  "not-connected",
  "shell-packet-too-large",
  "sync-name-too-long",
  "sync-oversize-data",
  "sync-unknown-request",
  "sync-bad-send",
  "bad-forward-request",
  "message-too-large",
  "bad-server-option",
  "version-mismatch",
  "unknown-control-type",
  "unknown-device-message",
  "bad-stream-header",
  "frame-too-large",
  "truncated",
] as const;

export type WireErrorCode = (typeof wireErrorCodes)[number];

/** A protocol was broken. Whoever reads the stream closes it: what follows cannot be trusted. */
export class WireError extends Error {
  constructor(
    readonly code: WireErrorCode,
    message: string,
  ) {
    super(message);
    this.name = "WireError";
  }
}
