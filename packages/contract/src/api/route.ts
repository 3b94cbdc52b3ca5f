import { oc } from "@orpc/contract";
import type { Rule, Scope, Who } from "../access.js";

export interface RouteMeta {
  /** Undefined only before a route names its own: a test refuses a contract that holds such a route. */
  readonly rule: Rule | undefined;
}

const base = oc.$meta<RouteMeta>({ rule: undefined });

/** Begins a route that only they may use, a key only with that scope. */
export function ruled(who: Who, scope: Scope) {
  return base.meta({ rule: { who, scope } });
}
