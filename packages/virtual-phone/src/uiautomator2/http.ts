/**
 * HTTP on a port inside the phone: Node's own parser over the phone's sockets, so that hostile bytes meet what is proven. Requests of one server
 * run one after the other, as the real one's single thread runs them.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Duplex } from "node:stream";
import type { LocalListener, LocalSocket, LocalSockets } from "../adbd/local-sockets.js";

/** The longest body that is read: the server's own content limit would be the phone's memory. */
const MAX_BODY = 4 * 1024 * 1024;
const MAX_CONNECTIONS = 32;

export interface HttpRequest {
  readonly method: string;
  /** With query, as sent. */
  readonly url: string;
  readonly body: string;
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  readonly json: string;
}

export interface HttpPort {
  /** Closes the port and what is connected. Idempotent. */
  close(): void;
}

/** @throws Error when the port is taken. */
export function listenHttp(sockets: LocalSockets, port: number, answer: (request: HttpRequest) => Promise<HttpAnswer>): HttpPort {
  const open = new Set<Duplex>();
  let turn: Promise<unknown> = Promise.resolve();
  const server = createServer({ maxHeaderSize: 16 * 1024 }, (request, response) => {
    turn = turn.then(() => serve(request, response, answer));
  });
  server.on("clientError", (_error, socket) => {
    // Not HTTP: said once where it can still be said, then closed.
    if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    else socket.destroy();
  });
  const listener: LocalListener = sockets.listen(`tcp:${port}`, (socket) => {
    if (open.size >= MAX_CONNECTIONS) return socket.close();
    const stream = duplexOf(socket);
    open.add(stream);
    stream.once("close", () => open.delete(stream));
    server.emit("connection", stream);
  });
  return {
    close: () => {
      listener.close();
      for (const stream of open) stream.destroy();
      open.clear();
    },
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (request: HttpRequest) => Promise<HttpAnswer>,
): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  try {
    const body = await readBody(request);
    if (body === undefined) return reply(response, { status: 413, json: "{}" }, true);
    const { method = "GET", url = "/" } = request;
    reply(response, await answer({ method, url, body, signal: gone.signal }));
  } catch {
    // The client went while it was sending, or the socket broke: nobody is left to answer.
    response.destroy();
  }
}

function reply(response: ServerResponse, { status, json }: HttpAnswer, last = false): void {
  if (response.destroyed) return;
  const body = Buffer.from(json);
  response.writeHead(status, {
    "content-type": "application/json; charset=UTF-8",
    "content-length": body.length,
    "cache-control": "no-store",
    pragma: "no-cache",
    ...(last ? { connection: "close" } : {}),
  });
  response.end(body);
}

/** @returns undefined when it is too long. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** A socket of the phone as the stream that Node's server takes. */
function duplexOf(socket: LocalSocket): Duplex {
  const source = socket.input[Symbol.asyncIterator]();
  const stream = new Duplex({
    read() {
      source.next().then(
        ({ done, value }) => stream.push(done ? null : value),
        () => stream.destroy(),
      );
    },
    write(chunk: Uint8Array, _encoding, done) {
      socket.write(chunk).then(() => done(), done);
    },
    final(done) {
      socket.finish();
      done();
    },
    destroy(error, done) {
      socket.close();
      done(error);
    },
  });
  // A peer that breaks off is no error of ours.
  stream.on("error", () => undefined);
  return stream;
}
