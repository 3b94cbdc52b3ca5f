/**
 * better-auth's client: log-in, second factor, passkeys, terminals. Loaded only with the pages that need it. Its failures come out as
 * errors of our one table; what else an account has (organisation, keys, log-ins) is asked by `api/client.ts`.
 */
import { passkeyClient } from "@better-auth/passkey/client";
import { type ErrorCode, isErrorCode, PhonerackError } from "@phonerack/contract/api";
import { createAuthClient } from "better-auth/client";
import { deviceAuthorizationClient, twoFactorClient } from "better-auth/client/plugins";

export const auth = createAuthClient({
  baseURL: location.origin,
  basePath: "/api/auth",
  plugins: [twoFactorClient(), passkeyClient(), deviceAuthorizationClient()],
});

/** The person closed the browser's own question for a passkey, or it had none to offer. Nothing is wrong. */
export class PasskeyCancelled extends Error {
  override readonly name = "PasskeyCancelled";
}

interface Failure {
  readonly code?: string | undefined;
  /** OAuth's way to say it (device authorisation). */
  readonly error?: unknown;
  readonly detail?: unknown;
  readonly status: number;
}

const CANCELLED = new Set(["AUTH_CANCELLED", "ERROR_CEREMONY_ABORTED", "REGISTRATION_CANCELLED"]);

type Answer<T> = Promise<{ data: T; error: null } | { data: null; error: Failure }>;

/** The data of an answer; throws `PhonerackError` or `PasskeyCancelled` when it was refused. `otherwise`: what a refusal without a code of its own means. */
export async function told<T>(answer: Answer<T>, otherwise: ErrorCode = "log_in_failed"): Promise<T> {
  const { data, error } = await answer;
  if (error === null) return data;
  if (error.code && CANCELLED.has(error.code)) throw new PasskeyCancelled();
  throw tableErrorOf(error) ?? new PhonerackError(codeOf(error) ?? otherwise);
}

/**
 * Control answers in the words of our table. That better-auth found something wrong with a request is no help to people, though: what it
 * was, each page knows better.
 */
function tableErrorOf({ code, detail }: Failure): PhonerackError | undefined {
  if (!isErrorCode(code) || code === "bad_request" || code === "not_found") return undefined;
  const because = typeof detail === "string" ? detail : undefined;
  if (code === "forbidden" && because?.includes("fresh")) return new PhonerackError("log_in_again");
  return new PhonerackError(code, because);
}

/** better-auth has a hundred codes of its own; people are helped by what the table says. */
function codeOf({ code, error, status }: Failure): ErrorCode | undefined {
  if (status === 429 || code === "ACCOUNT_TEMPORARILY_LOCKED" || code === "TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE") return "too_many";
  if (error === "invalid_request" || error === "expired_token") return "device_code_invalid";
  if (code === "SESSION_NOT_FRESH" || code === "INVALID_TWO_FACTOR_COOKIE") return "log_in_again";
  if (code?.includes("ORIGIN")) return "forbidden_origin";
  return status < 500 ? undefined : "internal";
}
