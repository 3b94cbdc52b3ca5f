/** Turns whatever failed into a row of the error table. Only what the table says, and a detail without secrets, leaves the process. */

import { ORPCError } from "@orpc/server";
import { PhonerackError } from "@phonerack/contract/bus";
import { z } from "zod";

/** `requestId` goes into the detail of `internal`, so that the log can be searched for it. */
export function toPhonerackError(error: unknown, requestId: string): PhonerackError {
  if (error instanceof PhonerackError) return error;
  if (error instanceof ORPCError) return fromOrpc(error, requestId);
  if (isDatabaseAway(error)) return new PhonerackError("database_away", undefined, { cause: error });
  const { code, statusCode, message } = (error ?? {}) as { code?: string; statusCode?: number; message?: string };
  if (statusCode === 413) return new PhonerackError("too_large", undefined, { cause: error });
  if (statusCode === 429) return new PhonerackError("too_many", undefined, { cause: error });
  if (statusCode === 404) return new PhonerackError("not_found", undefined, { cause: error });
  // Fastify's own: a body that is no JSON, another content type, an address that cannot be decoded.
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new PhonerackError("bad_request", code === "FST_ERR_CTP_INVALID_MEDIA_TYPE" ? "send application/json" : message, {
      cause: error,
    });
  }
  return new PhonerackError("internal", `request ${requestId}`, { cause: error });
}

/** A server that is gone, starts or stops (SQLSTATE classes 08 and 57P), as pg says it; drizzle wraps what a query met. */
function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, message } = (error.message.startsWith("Failed query") ? error.cause : error) as {
    code?: unknown;
    message?: unknown;
  };
  return (
    /^(08|57P)/.test(String(code)) ||
    ["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT"].includes(String(code)) ||
    /^(connection terminated|timeout exceeded when trying to connect)/i.test(String(message))
  );
}

function fromOrpc(error: ORPCError<string, unknown>, requestId: string): PhonerackError {
  if (error.cause instanceof PhonerackError) return error.cause;
  if (error.status === 404) return new PhonerackError("not_found", undefined, { cause: error });
  if (error.status >= 400 && error.status < 500) return new PhonerackError("bad_request", issuesOf(error), { cause: error });
  return new PhonerackError("internal", `request ${requestId}`, { cause: error });
}

const Issues = z.object({
  issues: z.array(z.object({ message: z.string(), path: z.array(z.union([z.string(), z.number()])).optional() })).min(1),
});

/** What did not fit the contract, e.g. `limit: Too big: expected number to be <=1000`; the first three of it. */
function issuesOf(error: ORPCError<string, unknown>): string {
  const data = Issues.safeParse(error.data);
  if (!data.success) return error.message;
  return data.data.issues
    .slice(0, 3)
    .map(({ message, path }) => (path?.length ? `${path.join(".")}: ${message}` : message))
    .join("; ");
}
