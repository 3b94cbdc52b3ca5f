/**
 * Appium's UiAutomator2 server (github.com/appium/appium-uiautomator2-server) as clients see it: HTTP on the phone's port 6790, one session at a
 * time. It answers what the real one answers, by this phone's own views; what it presses goes through the phone's injection like everybody's.
 */
import type { LocalSockets } from "../adbd/local-sockets.js";
import { parseBody } from "./body.js";
import { deviceRoutes } from "./device-routes.js";
import { elementRoutes } from "./element-routes.js";
import { gestureRoutes } from "./gesture-routes.js";
import { type HttpAnswer, type HttpPort, type HttpRequest, listenHttp } from "./http.js";
import { findRoute, type Route } from "./route.js";
import { MESSAGE, ServerError } from "./server-error.js";
import { capabilitiesOf, type ServerHost, Session } from "./session.js";

export const SERVER_PORT = 6790;
/** What older clients put before every path. */
const LEGACY_PREFIX = "/wd/hub";

const ROUTES: readonly Route[] = [...elementRoutes, ...gestureRoutes, ...deviceRoutes];

export class Uiautomator2Server {
  readonly #host: ServerHost;
  readonly #port: HttpPort;
  readonly #over = new AbortController();
  #session: Session | undefined;

  /** @throws Error when the port is taken. */
  constructor(host: ServerHost, sockets: LocalSockets) {
    this.#host = host;
    this.#port = listenHttp(sockets, SERVER_PORT, (request) => this.#answer(request));
  }

  /** Idempotent. */
  stop(): void {
    this.#over.abort();
    this.#session = undefined;
    this.#port.close();
  }

  async #answer(request: HttpRequest): Promise<HttpAnswer> {
    const [whole = "/"] = request.url.split("?");
    const path = whole.startsWith(LEGACY_PREFIX) ? whole.slice(LEGACY_PREFIX.length) : whole;
    const sessionId = /^\/session\/([^/]+)/.exec(path)?.[1] ?? null;
    try {
      const value = await this.#handle(request, path, sessionId);
      // A new session's own id stands around its answer: the driver reads it there.
      return answerOf(200, path === "/session" ? (this.#session?.id ?? null) : sessionId, value);
    } catch (error) {
      const failure = error instanceof ServerError ? error : new ServerError("unknown error", String(error));
      const { error: name, message, status } = failure;
      return answerOf(status, sessionId, { error: name, message, stacktrace: `io.appium.uiautomator2: ${message}` });
    }
  }

  async #handle(request: HttpRequest, path: string, sessionId: string | null): Promise<unknown> {
    if (request.method === "GET" && path === "/status") return this.#status();
    if (request.method === "GET" && path === "/sessions") return this.#sessions();
    if (request.method === "POST" && path === "/session") return this.#create(request.body);
    const below = sessionId === null ? undefined : path.slice(`/session/${sessionId}`.length);
    const found = below === undefined ? undefined : findRoute(ROUTES, request.method, below);
    if (!found && below !== "") throw new ServerError("unknown command", MESSAGE.unknownCommand);
    const session = this.#session;
    if (!session || session.id !== sessionId)
      throw new ServerError("invalid session id", `The session identified by ${sessionId} is not known`);
    if (!found) return this.#itself(request.method);
    const signal = AbortSignal.any([request.signal, this.#over.signal]);
    return found.route.handle({ session, host: this.#host, body: parseBody(request.body), path: found.path, signal });
  }

  /** `/session/:id` itself: what was scrolled last, or the end. */
  #itself(method: string): unknown {
    if (method === "GET") return { lastScrollData: null };
    if (method !== "DELETE") throw new ServerError("unknown command", MESSAGE.unknownCommand);
    this.#session = undefined;
    this.#host.ended();
    return null;
  }

  #status(): object {
    const { name, code } = this.#host.version;
    const build = { version: name, versionCode: code };
    return { ready: true, message: "UiAutomator2 Server is ready to accept commands", build };
  }

  #sessions(): object[] {
    const session = this.#session;
    return session ? [{ id: session.id, sessionId: session.id, capabilities: session.capabilities }] : [];
  }

  /** A new session takes the place of the old one. */
  #create(body: string): object {
    const capabilities = capabilitiesOf(parseBody(body));
    this.#session = new Session(this.#host.phone, capabilities);
    return { sessionId: this.#session.id, capabilities };
  }
}

function answerOf(status: number, sessionId: string | null, value: unknown): HttpAnswer {
  return { status, json: JSON.stringify({ sessionId: sessionId ?? "None", value: value ?? null }) };
}
