/**
 * A bench is several processes, so that each one's CPU can be counted by itself. Each plays a role: it starts with its parameters, says when
 * it is ready, answers questions, and ends with its parent.
 */
/** What a role gives back once it has started. */
export interface Role<Ready, Answers extends Record<string, unknown> = Record<string, never>> {
  readonly ready: Ready;
  /** Named questions; each is asked by the bench with one optional parameter. */
  readonly answers?: { readonly [Name in keyof Answers]: (parameter: unknown) => Answers[Name] | Promise<Answers[Name]> };
}

export interface RoleType {
  readonly params: unknown;
  readonly ready: unknown;
  readonly answers: Record<string, unknown>;
}

export type StartRole<R extends RoleType> = (params: R["params"]) => Promise<Role<R["ready"], R["answers"]>>;

/** Milliseconds of CPU since the process began. */
export interface Usage {
  readonly cpuMs: number;
}

/** Bytes of resident memory after a full garbage collection. */
export interface Memory {
  readonly rss: number;
}

export type ToRole =
  | { readonly type: "start"; readonly role: string; readonly params: unknown }
  | { readonly type: "ask"; readonly id: number; readonly name: string; readonly parameter: unknown };

export type FromRole =
  | { readonly type: "answer"; readonly id: number; readonly answer: unknown }
  | { readonly type: "failed"; readonly id: number; readonly message: string };
