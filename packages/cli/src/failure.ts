/** How a command ends that could not do what it was asked: one sentence that says what to do, never a stack trace. */
import { PhonerackError, readable } from "@phonerack/contract/bus";

export const EXIT = { done: 0, failed: 1, usage: 2 } as const;

export interface FailureView {
  /** One JSON line instead of a sentence. */
  readonly json?: boolean;
  /** Adds the stack of an error that is ours to mend. */
  readonly verbose?: boolean;
}

/** What is known of any error in the terms of the error table. */
export function asPhonerackError(error: unknown): PhonerackError {
  if (error instanceof PhonerackError) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const detail = error instanceof Error ? error.message : String(error);
  if (code === "EADDRINUSE") return new PhonerackError("port_taken", detail, { cause: error });
  return new PhonerackError("internal", detail, { cause: error });
}

/** The text for stderr, ending in a line break. */
export function describeFailure(error: unknown, view: FailureView): string {
  const known = asPhonerackError(error);
  if (view.json) return `${JSON.stringify({ error: known.toJSON() })}\n`;
  const detail = known.detail === undefined ? "" : ` (${known.detail.trim().replaceAll(/\s*\n\s*/g, "; ")})`;
  const stack = view.verbose && known.code === "internal" && known.cause instanceof Error ? `\n${known.cause.stack}` : "";
  return `phonerack: ${known.message}${readable(detail)}${stack}\n`;
}

export function exitCodeOf(error: unknown): number {
  return asPhonerackError(error).code === "usage" ? EXIT.usage : EXIT.failed;
}
