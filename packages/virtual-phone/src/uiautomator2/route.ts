/** What a route is, and finding the one that a request means. */
import type { Body } from "./body.js";
import type { ServerHost, Session } from "./session.js";

export interface RouteCall {
  readonly session: Session;
  readonly host: ServerHost;
  readonly body: Body;
  /** What stood in the path for `:name`, by name. */
  readonly path: Readonly<Record<string, string>>;
  /** Aborted when the client has gone or the server ends. */
  readonly signal: AbortSignal;
}

/** @returns the response's `value`. @throws ServerError */
export type Handler = (call: RouteCall) => unknown;

export interface Route {
  readonly method: "GET" | "POST" | "DELETE";
  /** Below `/session/:sessionId`, "" for itself. */
  readonly path: string;
  readonly handle: Handler;
}

/** The first route whose path fits. @param path below the session, without query. */
export function findRoute(
  routes: readonly Route[],
  method: string,
  path: string,
): { readonly route: Route; readonly path: Record<string, string> } | undefined {
  const parts = path.split("/");
  for (const route of routes) {
    if (route.method !== method) continue;
    const wanted = route.path.split("/");
    if (wanted.length !== parts.length) continue;
    const values: Record<string, string> = {};
    const fits = wanted.every((name, index) => {
      const part = parts[index] ?? "";
      if (!name.startsWith(":")) return name === part;
      values[name.slice(1)] = decoded(part);
      return true;
    });
    if (fits) return { route, path: values };
  }
  return undefined;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
