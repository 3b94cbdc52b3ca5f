/** The one route of devices' files that answers with bytes (RFC 9110, 14): whole, from a place on, or a folder as .tar. What cannot be read whole breaks the connection. */
import type { Readable } from "node:stream";
import { API_PREFIX, DeviceId, PhonePath } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { known } from "../access/caller.js";
import { disposition, rangeOf } from "../artifacts/content-route.js";
import type { ContractRoute } from "../http/api.js";
import { folderTar, type TarParts } from "./folder-tar.js";
import { type FileSpot, openPhoneFile, type PhoneFile } from "./phone-file.js";

/** What is said of a file's bytes, and not of an error. */
const FACTS = ["content-type", "content-disposition", "accept-ranges", "etag", "last-modified"] as const;

export function fileContentRoute(server: FastifyInstance, { path, rule }: ContractRoute, parts: TarParts): void {
  server.route({
    method: ["GET", "HEAD"],
    url: API_PREFIX + path.replace("{id}", ":id"),
    exposeHeadRoute: false,
    config: { rule, greets: true },
    handler: (request, reply) => send(request, reply, parts),
  });
}

async function send(request: FastifyRequest, reply: FastifyReply, parts: TarParts): Promise<FastifyReply> {
  const spot = spotOf(request);
  const file = await open(request, spot, parts);
  const name = spot.path.replace(/\/$/, "").split("/").at(-1) || "files";
  reply.header("cache-control", "private, no-cache").header("content-type", "application/octet-stream");
  if (file.folder) {
    file.close();
    reply.header("content-type", "application/x-tar").header("content-disposition", disposition("attachment", `${name}.tar`));
    return reply.send(request.method === "HEAD" ? "" : folderTar(parts, spot, name));
  }
  const etag = etagOf(file);
  reply
    .header("content-disposition", disposition("attachment", name))
    .header("accept-ranges", "bytes")
    .header("etag", etag)
    .header("last-modified", new Date(file.modifiedAt).toUTCString());
  if (request.headers["if-none-match"] === etag) {
    file.close();
    return reply.code(304).send();
  }
  return sendBytes(request, reply, file);
}

async function sendBytes(request: FastifyRequest, reply: FastifyReply, file: PhoneFile): Promise<FastifyReply> {
  const { size } = file;
  const range = rangeFor(request, file);
  if (range === "beyond") {
    file.close();
    return reply.code(416).header("content-range", `bytes */${size}`).send();
  }
  const { start, end } = range ?? { start: 0, end: size };
  if (request.method === "HEAD") {
    file.close();
    return reply.header("content-length", size).send("");
  }
  const body = await begun(file.bytes(end - start)).catch((error: unknown) => {
    for (const name of FACTS) reply.removeHeader(name);
    throw error;
  });
  if (range) reply.code(206).header("content-range", `bytes ${start}-${end - 1}/${size}`);
  return reply.header("content-length", end - start).send(body);
}

/** What fails before its first byte is still answered with its reason. */
function begun(stream: Readable): Promise<Readable> {
  return new Promise((resolve, reject) => {
    stream.once("error", reject).once("readable", () => {
      stream.off("error", reject);
      resolve(stream);
    });
  });
}

function spotOf(request: FastifyRequest): FileSpot {
  const id = DeviceId.safeParse((request.params as { id?: unknown }).id);
  if (!id.success) throw new PhonerackError("device_not_found");
  const path = PhonePath.safeParse((request.query as { path?: unknown }).path);
  if (!path.success) throw new PhonerackError("bad_request", `path: ${path.error.issues[0]?.message}`);
  return { who: known(request.caller), deviceId: id.data, path: path.data };
}

function etagOf({ version }: PhoneFile): string {
  return `"${version}"`;
}

/** Where a range begins is told to the device before it is known what the file is: so it is opened once more, from its beginning, where that was wrong. */
async function open(request: FastifyRequest, spot: FileSpot, { pipes }: TarParts): Promise<PhoneFile> {
  const offset = Number(/^bytes=(\d{1,15})-\d{0,15}$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  if (offset === 0) return openPhoneFile(pipes, spot);
  const file = await openPhoneFile(pipes, spot, { offset }).catch((error: unknown) => {
    if (error instanceof PhonerackError && error.code === "bad_request") return undefined;
    throw error;
  });
  if (file && (file.folder || rangeFor(request, file) !== undefined)) return file;
  file?.close();
  return openPhoneFile(pipes, spot);
}

/** Ranges from the end, which nobody who resumes asks for, and several at once are answered with the whole, as RFC 9110 lets us. */
function rangeFor({ headers }: FastifyRequest, file: PhoneFile): ReturnType<typeof rangeOf> {
  const { range, "if-range": ifRange } = headers;
  if (range?.startsWith("bytes=-") || (ifRange !== undefined && ifRange !== etagOf(file))) return undefined;
  return rangeOf(range, file.size);
}
