/** Messages as the bytes that a bus carries, checked on both ways; and how a refusal is answered. What the messages are is `messages.ts`. */
import { z } from "zod";
import { ERRORS, PhonerackError } from "../errors.js";

/** A refused request is answered with this instead of its reply. */
export const BusError = z.object({
  error: z.object({ code: z.enum(Object.keys(ERRORS) as [keyof typeof ERRORS]), detail: z.string().optional() }),
});

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** Checks and encodes; a message of ours that does not fit its own schema is a bug and throws. */
export function encodeMessage<T>(schema: z.ZodType<T>, message: T): Uint8Array {
  return encoder.encode(JSON.stringify(schema.parse(message)));
}

/** Decodes and checks; throws `bad_request`, or the error the other side answered with. */
export function decodeMessage<T>(schema: z.ZodType<T>, payload: Uint8Array): T {
  let json: unknown;
  try {
    json = JSON.parse(decoder.decode(payload));
  } catch (cause) {
    throw new PhonerackError("bad_request", "not JSON", { cause });
  }
  // Asked only of what looks like one: a schema that does not fit costs as much as the message's own.
  const refused = typeof json === "object" && json !== null && "error" in json ? BusError.safeParse(json) : undefined;
  if (refused?.success) throw new PhonerackError(refused.data.error.code, refused.data.error.detail);
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw new PhonerackError("bad_request", z.prettifyError(parsed.error));
  return parsed.data;
}

export function encodeError(error: unknown): Uint8Array {
  const known = error instanceof PhonerackError ? error : new PhonerackError("internal");
  return encoder.encode(
    JSON.stringify({ error: { code: known.code, ...(known.detail === undefined ? {} : { detail: known.detail }) } }),
  );
}
