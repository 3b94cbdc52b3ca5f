/** The HTTP server without its routes: headers, limits, request ids and the one form of every error. */
import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import cookie from "@fastify/cookie";
import helmet from "@fastify/helmet";
import rateLimit from "@fastify/rate-limit";
import websocket from "@fastify/websocket";
import { PhonerackError } from "@phonerack/contract/bus";
import Fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
  LogController,
} from "fastify";
import type { Logger } from "pino";
import type { WebSocket } from "ws";
import type { Doorway } from "../tls/doorway.js";
import { toPhonerackError } from "./errors.js";

/** The largest body of a request; a hundred actions with long texts fit. */
const BODY_LIMIT = 1024 * 1024;
/** The largest message on a live socket: a text of 10,000 characters, escaped. */
const MESSAGE_LIMIT = 128 * 1024;
/** What is read and thrown away of a body that is too large, so that its sender gets to the answer. */
const SWALLOWED = 8 * 1024 * 1024;

/** A whole request, but for one of a patient route: an APK over a slow line. */
const REQUEST_MS = 30_000;
const PATIENT_MS = 3 * 3_600_000;

declare module "fastify" {
  interface FastifyContextConfig {
    /** Its body may take long; the route itself says when a sender has gone. */
    patient?: boolean;
  }
  interface FastifyInstance {
    /** As people reach it, when somebody said so; else it is as their request names it. */
    publicUrl: string | undefined;
  }
}

/** Of the doorway, what HTTP needs to know. */
export type HttpDoorway = Pick<Doorway, "https" | "hsts" | "behindProxy" | "publicUrl">;

export async function buildServer(log: Logger, doorway: HttpDoorway): Promise<FastifyInstance> {
  const server = Fastify({
    ...securityOf(doorway),
    loggerInstance: log as FastifyBaseLogger,
    // A log line per request would be the loudest part of the log; what fails is logged below.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT,
    requestTimeout: PATIENT_MS,
    forceCloseConnections: true,
    genReqId: () => randomBytes(9).toString("base64url"),
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (error, request, reply) => void answerError(error, request, reply as FastifyReply),
    routerOptions: { maxParamLength: 200 },
  });
  server.decorate("publicUrl", doorway.publicUrl);
  // The API takes JSON and nothing else: what a plain HTML form can send is refused before it is parsed.
  server.removeContentTypeParser("text/plain");
  server.setErrorHandler<FastifyError>(answerError);
  server.setNotFoundHandler((request, reply) => answerError(new PhonerackError("not_found"), request, reply));
  server.addHook("onSend", async (request, reply) => {
    reply.header("x-request-id", request.id);
  });
  server.addHook("preParsing", endSlowBody);
  await server.register(cookie);
  await server.register(rateLimit, { global: false });
  await server.register(helmet, { ...HEADERS, strictTransportSecurity: doorway.hsts ? HSTS : false });
  await server.register(websocket, {
    options: { perMessageDeflate: false, maxPayload: MESSAGE_LIMIT, clientTracking: true },
    errorHandler: endBrokenSocket,
  });
  return server;
}

/** Node's own limit is for the slowest route there is. */
async function endSlowBody({ raw, routeOptions }: FastifyRequest): Promise<void> {
  if (raw.complete || routeOptions.config.patient) return;
  const timer = setTimeout(() => raw.destroy(), REQUEST_MS);
  raw.once("end", () => clearTimeout(timer)).once("close", () => clearTimeout(timer));
}

/** Typed as plain HTTP's: Fastify's types take one kind of server or the other, while what we do with it is the same. */
function securityOf({ https, behindProxy }: HttpDoorway): FastifyServerOptions {
  const security = {
    ...(https ? { https: { ...https, handshakeTimeout: 20_000 } } : {}),
    // What the proxy in front says, not what its client claims that others before it had said.
    trustProxy: behindProxy ? (_address: string, hop: number) => hop === 0 : false,
  };
  return security;
}

/** The address under which the browser reaches us, e.g. `https://lab:7171`. */
export function baseUrlOf(request: FastifyRequest): string {
  return request.server.publicUrl ?? `${request.protocol}://${request.host}`;
}

/** Half a year of https only, for this host alone: its neighbours are others' business. */
const HSTS = { maxAge: 15_552_000, includeSubDomains: false };

/**
 * What the console needs and no more: its own scripts and styles (Mantine puts style elements into the page), WebAssembly for the
 * decoder that takes over where WebCodecs is missing, workers and pictures from blobs. Cross-origin isolation is left out:
 * nothing here uses SharedArrayBuffer.
 */
const HEADERS = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'self'"],
      scriptSrc: ["'self'", "'wasm-unsafe-eval'"],
      workerSrc: ["'self'", "blob:"],
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", "blob:", "data:"],
      mediaSrc: ["'self'", "blob:"],
      fontSrc: ["'self'", "data:"],
      connectSrc: ["'self'"],
      objectSrc: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
      // On plain HTTP it would send the browser to an HTTPS that is not there.
      upgradeInsecureRequests: null,
    },
  },
  // The address of a console link holds its code until the browser has left it.
  referrerPolicy: { policy: "no-referrer" as const },
};

function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = toPhonerackError(error, request.id);
  if (known.status >= 500 && known.code === "internal") request.log.error({ err: error, reqId: request.id }, "a request failed");
  if (known.code === "too_large") swallowRest(request, reply);
  return reply.code(known.status).header("cache-control", "no-store").send(known.toJSON());
}

/** Fastify would close at once: a sender that is still writing would meet a broken pipe instead of the answer. */
function swallowRest(request: FastifyRequest, reply: FastifyReply): void {
  reply.removeHeader("connection");
  let left = SWALLOWED;
  request.raw.on("data", (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) request.raw.destroy();
  });
}

/** What breaks a live socket is mostly the other side's doing and has a code of ws or of the system; the rest is ours and goes into the log. */
function endBrokenSocket(error: Error, socket: WebSocket, request: FastifyRequest): void {
  const level = "code" in error ? "debug" : "error";
  request.log[level]({ err: error, reqId: request.id }, "a live socket broke");
  socket.terminate();
}

/** Bytes that are no HTTP, or a header beyond all measure: there is no request yet that could be answered by a handler. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || socket.destroyed) return;
  // A handshake that failed, e.g. because the browser does not know our authority: there is nobody to answer in words.
  if (error.code?.startsWith("ERR_SSL_") || error.code?.startsWith("ERR_TLS_")) return void socket.destroy();
  const known = new PhonerackError("bad_request", "the bytes are no HTTP request");
  const body = JSON.stringify(known.toJSON());
  if (socket.writable) {
    socket.end(
      `HTTP/1.1 400 Bad Request\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    );
  }
  // Whoever sent that may also never close.
  setTimeout(() => socket.destroy(), 1_000).unref();
}
