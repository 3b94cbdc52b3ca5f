/** HTTP over an ADB stream to a port of the phone: no port of this machine is opened, and Node's own parser meets what the phone says. */
import { request } from "node:http";
import { Duplex } from "node:stream";
import { PhonerackError } from "@phonerack/contract/bus";
import type { PhoneLink, PhoneSocket } from "../transports/link.js";

/** A hierarchy of some thousand nodes has 2 MB. */
const MOST_BYTES = 4 * 1024 * 1024;

export interface EngineRequest {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
  readonly timeoutMs: number;
}

/** The answer's `value`. Fails with `phone_failed` (the server's own words), `phone_protocol`, `device_timeout` and the connection's end. */
export async function askEngine(link: PhoneLink, port: number, question: EngineRequest): Promise<unknown> {
  const socket = await link.open(`tcp:${port}`, question.timeoutMs);
  try {
    return await link.life.guard(exchange(socket, question), question.timeoutMs, "its UI automation");
  } finally {
    socket.close();
  }
}

async function exchange(socket: PhoneSocket, { method, path, body }: EngineRequest): Promise<unknown> {
  const payload = body === undefined ? "" : JSON.stringify(body);
  const headers = {
    host: "127.0.0.1",
    connection: "close",
    accept: "application/json",
    ...(body === undefined ? {} : { "content-type": "application/json; charset=utf-8" }),
    "content-length": Buffer.byteLength(payload),
  };
  const { status, text } = await new Promise<{ status: number; text: string }>((resolve, reject) => {
    const sent = request({ method, path, headers, createConnection: () => asDuplex(socket) }, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MOST_BYTES) sent.destroy(new PhonerackError("phone_protocol", "its UI automation says too much"));
        else chunks.push(chunk);
      });
      response.once("end", () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") }));
      response.once("error", reject);
      response.once("aborted", () => reject(new PhonerackError("phone_protocol", "its UI automation ended in the middle")));
    });
    sent.once("error", (error) => reject(asProtocol(error)));
    sent.end(payload);
  });
  return answerOf(status, text);
}

function answerOf(status: number, text: string): unknown {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch (cause) {
    throw new PhonerackError("phone_protocol", "its UI automation does not speak JSON", { cause });
  }
  const value = typeof answer === "object" && answer !== null && "value" in answer ? answer.value : undefined;
  if (status < 400) return value;
  const words = typeof value === "object" && value !== null && "message" in value ? String(value.message) : `status ${status}`;
  throw new PhonerackError("phone_failed", `its UI automation: ${words.split("\n", 1)[0]?.slice(0, 200)}`);
}

function asProtocol(error: Error): PhonerackError {
  if (error instanceof PhonerackError) return error;
  return new PhonerackError("phone_protocol", `its UI automation: ${error.message.slice(0, 200)}`, { cause: error });
}

function asDuplex(socket: PhoneSocket): Duplex {
  let reading = false;
  const duplex = new Duplex({
    read() {
      if (reading) return;
      reading = true;
      socket.read().then(
        (chunk) => {
          reading = false;
          duplex.push(chunk ?? null);
        },
        (error: Error) => duplex.destroy(error),
      );
    },
    write(chunk: Buffer, _encoding, done) {
      socket.write(chunk).then(() => done(), done);
    },
    destroy(error, done) {
      socket.close();
      done(error);
    },
  });
  return duplex;
}
