/** The routes that take and give a document's bytes. */
import { API_PREFIX, DeviceId, EVIDENCE_MAX_BYTES, Evidence, EvidenceId } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { known } from "../access/caller.js";
import { disposition } from "../artifacts/content-route.js";
import type { ContractRoute } from "../http/api.js";
import type { EvidenceShelf } from "./evidence.js";
import { type FormFile, fileOf } from "./multipart.js";

const FORM = "multipart/form-data";
const TYPES = ["image/jpeg", "image/png", "image/webp", "application/pdf", "application/octet-stream", FORM];
/** What a form has around its file. */
const FORM_BYTES = 64 * 1024;

export async function addEvidenceRoute(
  server: FastifyInstance,
  { method, path, rule }: ContractRoute,
  shelf: EvidenceShelf,
): Promise<void> {
  await server.register(async (own) => {
    const bodyLimit = EVIDENCE_MAX_BYTES + FORM_BYTES;
    own.addContentTypeParser(TYPES, { parseAs: "buffer", bodyLimit }, (_request, body, done) => done(null, body));
    own.route({
      method,
      url: API_PREFIX + path.replace("{id}", ":id"),
      config: { rule, greets: true },
      bodyLimit,
      handler: async (request, reply) => {
        const id = DeviceId.safeParse((request.params as { id?: unknown }).id);
        if (!id.success) throw new PhonerackError("device_not_found");
        const added = await shelf.add(known(request.caller), id.data, sentFile(request));
        return reply.code(201).send(Evidence.parse(added));
      },
    });
  });
}

function sentFile(request: FastifyRequest): FormFile {
  const type = request.headers["content-type"] ?? "";
  const { body } = request;
  if (!Buffer.isBuffer(body)) throw new PhonerackError("evidence_invalid");
  if (!type.toLowerCase().startsWith(FORM)) {
    const { name } = request.query as { name?: unknown };
    return { name: typeof name === "string" ? name : "", bytes: body };
  }
  const file = fileOf(body, type);
  if (!file) throw new PhonerackError("evidence_invalid", "the form has no file, several, or was cut off");
  return file;
}

export function evidenceRoute(server: FastifyInstance, { method, path, rule }: ContractRoute, shelf: EvidenceShelf): void {
  server.route({
    method,
    url: API_PREFIX + path.replace("{id}", ":id"),
    config: { rule, greets: true },
    handler: async (request, reply) => {
      const id = EvidenceId.safeParse((request.params as { id?: unknown }).id);
      if (!id.success) throw new PhonerackError("evidence_not_found");
      const { evidence, bytes } = await shelf.read(id.data);
      // A PDF may run scripts: it is only ever saved.
      const how = evidence.type === "application/pdf" ? "attachment" : "inline";
      return reply
        .header("content-type", evidence.type)
        .header("content-disposition", disposition(how, evidence.name))
        .header("x-content-type-options", "nosniff")
        .header("cache-control", "private, no-cache")
        .send(bytes);
    },
  });
}
