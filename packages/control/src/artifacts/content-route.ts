/** The one route of artifacts that answers with bytes: whole, or one range of them (RFC 9110, 14), so that a film can be looked at from the middle. */
import { API_PREFIX, ArtifactId } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { known } from "../access/caller.js";
import type { ContractRoute } from "../http/api.js";
import type { Artifacts } from "./artifacts.js";

/** What a browser may show in its place: all else, which a phone may have made up, is only ever saved. */
const SHOWN: ReadonlySet<string> = new Set(["video/mp4", "image/png", "text/plain; charset=utf-8"]);

export function contentRoute(server: FastifyInstance, { method, path, rule }: ContractRoute, artifacts: Artifacts): void {
  server.route({
    method,
    url: API_PREFIX + path.replace("{id}", ":id"),
    config: { rule, greets: true },
    handler: (request, reply) => send(request, reply, artifacts),
  });
}

async function send(request: FastifyRequest, reply: FastifyReply, artifacts: Artifacts): Promise<FastifyReply> {
  const id = ArtifactId.safeParse((request.params as { id?: unknown }).id);
  if (!id.success) throw new PhonerackError("artifact_not_found");
  const { name, type, size, state } = await artifacts.get(known(request.caller), id.data);
  if (state === "writing") throw new PhonerackError("recording_running", "it is there when its recording has ended");
  const etag = `"${id.data}"`;
  const shown = SHOWN.has(type);
  reply
    .header("content-type", shown ? type : "application/octet-stream")
    .header("content-disposition", disposition(shown ? "inline" : "attachment", name))
    .header("accept-ranges", "bytes")
    .header("etag", etag)
    .header("cache-control", "private, no-cache");
  if (request.headers["if-none-match"] === etag) return reply.code(304).send();
  const { range: wish, "if-range": ifRange } = request.headers;
  const range = ifRange === undefined || ifRange === etag ? rangeOf(wish, size) : undefined;
  if (range === "beyond") return reply.code(416).header("content-range", `bytes */${size}`).send();
  const { start, end } = range ?? { start: 0, end: size };
  if (range) reply.code(206).header("content-range", `bytes ${start}-${end - 1}/${size}`);
  reply.header("content-length", end - start);
  if (end === start) return reply.send("");
  return reply.send(await artifacts.read(id.data, range));
}

/** Undefined: the whole; several ranges at once are answered with the whole, as RFC 9110 lets us. */
export function rangeOf(header: string | undefined, size: number): { start: number; end: number } | "beyond" | undefined {
  const [, from = "", to = ""] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? "") ?? [];
  if (from === "" && to === "") return undefined;
  if (from === "") return Number(to) === 0 || size === 0 ? "beyond" : { start: Math.max(0, size - Number(to)), end: size };
  const start = Number(from);
  if (to !== "" && Number(to) < start) return undefined;
  if (start >= size) return "beyond";
  return { start, end: to === "" ? size : Math.min(size, Number(to) + 1) };
}

/** RFC 6266: a name that old readers understand, and the true one. */
export function disposition(how: "inline" | "attachment", name: string): string {
  const plain = name.replaceAll(/[^\x20-\x7e]|["\\%]/g, "_");
  const encoded = encodeURIComponent(name).replaceAll(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  return `${how}; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
