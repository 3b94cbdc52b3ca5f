/**
 * Pipes: bytes both ways between somebody and one phone, for as long as they hold it. Over the bus as `bus/pipe.ts` says; to browsers and the CLI as a WebSocket below
 * `/api/v1/devices/{id}/`: `adb` (raw ADB bytes), `shell`, `logs`.
 */
import { z } from "zod";
import { LogWish } from "./log-wish.js";
import { BlobDigest, PhonePath } from "./workbench.js";

export const TerminalSize = z.object({ rows: z.int().min(1).max(1_000), columns: z.int().min(1).max(1_000) });
export type TerminalSize = z.infer<typeof TerminalSize>;

/**
 * What a pipe is for. On `adb` the agent is the device: it asks for the adb key, answers the greeting, and passes services on. On `shell`, data is stdin and stdout, extra is stderr
 * (without a terminal), and the end says the exit code. On `log`, data is whole lines of logcat's own text (`log-line.ts` reads them). On `get`, the first
 * message is `stat`, data the file's bytes from `offset`. On `blob`, data goes to the agent: a file of the lab that its phones need.
 */
export const PipeService = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("adb"),
    /** Whom the agent lets in: Android's public keys, 524 bytes in base64. */
    keys: z.array(z.string().max(800)).max(50),
    agreed: z.boolean(),
  }),
  z.object({
    type: z.literal("shell"),
    /** null: an interactive one. */
    command: z.string().max(100_000).nullable(),
    terminal: TerminalSize.extend({ term: z.string().regex(/^[\w.-]{1,40}$/) }).nullable(),
    agreed: z.boolean(),
  }),
  z.object({ type: z.literal("log"), wish: LogWish }),
  z.object({
    type: z.literal("get"),
    path: PhonePath,
    offset: z.number().int().nonnegative().default(0),
    /** Goes on only with the very same file. */
    version: z.string().max(100).optional(),
  }),
  z.object({ type: z.literal("blob"), sha256: BlobDigest, size: z.number().int().nonnegative() }),
]);
export type PipeService = z.infer<typeof PipeService>;

/** Messages in a pipe, beside its bytes. */
export const PipeMessage = z.discriminatedUnion("type", [
  /** To the phone. */
  z.object({ type: z.literal("resize"), ...TerminalSize.shape }),
  z.object({ type: z.literal("eof") }),
  /** Another wish from now on. */
  z.object({ type: z.literal("wish"), wish: LogWish }),
  /** From the phone. */
  z.object({
    type: z.literal("stat"),
    /** A folder has no bytes: the pipe ends after this. */
    folder: z.boolean().default(false),
    size: z.number().nonnegative(),
    modifiedAt: z.number(),
    /** Changes with the file's content. */
    version: z.string(),
  }),
  /** So many lines came faster than they could be passed on, and are missing here. */
  z.object({ type: z.literal("dropped"), lines: z.int().positive() }),
  /** Of a log: which process each pid is, at first all that the phone knows of, later those that begin. */
  z.object({
    type: z.literal("processes"),
    processes: z.array(z.object({ pid: z.int().nonnegative(), name: z.string().max(300) })).max(3_000),
  }),
  /** How much of a blob the agent has already. */
  z.object({ type: z.literal("have"), bytes: z.number().nonnegative(), whole: z.boolean() }),
  /** The input-capable services stand still, or go on again; in words. */
  z.object({ type: z.literal("stalled"), reason: z.string() }),
  z.object({ type: z.literal("resumed") }),
  /** On `adb`: which key opened it, and each service that was asked for, by its name alone. Control keeps both for the log. */
  z.object({ type: z.literal("let-in"), fingerprint: z.string().max(60) }),
  z.object({ type: z.literal("service"), name: z.string().max(40) }),
]);
export type PipeMessage = z.infer<typeof PipeMessage>;

/** How a pipe ended. */
export const PipeEnd = z.object({
  error: z.object({ code: z.string(), message: z.string(), detail: z.string().optional() }).optional(),
  exitCode: z.int().optional(),
});
export type PipeEnd = z.infer<typeof PipeEnd>;

/**
 * On the WebSockets `shell` and `logs` each binary message is one byte of kind and its payload; `adb` has bytes alone. `end` is the last one, then the socket closes (4000 + nothing: 1000).
 * ```
 * 1 data    bytes
 * 2 extra   bytes
 * 3 message JSON, PipeMessage
 * 4 end     JSON, PipeEnd
 * ```
 */
export const SocketKind = { data: 1, extra: 2, message: 3, end: 4 } as const;
export type SocketKind = (typeof SocketKind)[keyof typeof SocketKind];
