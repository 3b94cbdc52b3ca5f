import { z } from "zod";
import { isErrorCode, PhonerackError } from "../errors.js";

/** The body of every refused API request, with the status of its row in the error table. */
export const ApiError = z.object({ code: z.string(), message: z.string(), detail: z.string().optional() });
export type ApiError = z.infer<typeof ApiError>;

/**
 * Reads the body of a refused request: what a client gives oRPC's OpenAPILink as `customErrorResponseBodyDecoder`.
 * Undefined when the body is not one of ours, e.g. when a proxy in between answered.
 */
export function readApiError(body: unknown): PhonerackError | undefined {
  const parsed = ApiError.safeParse(body);
  if (!parsed.success || !isErrorCode(parsed.data.code)) return undefined;
  return new PhonerackError(parsed.data.code, parsed.data.detail);
}
