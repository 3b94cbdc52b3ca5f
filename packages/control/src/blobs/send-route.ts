/** The route that takes an upload's bytes as they are; its own body parser hands the stream on. Who may is every route's. */
import { Readable } from "node:stream";
import { API_PREFIX, Upload, UploadId } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { ContractRoute } from "../http/api.js";
import type { Uploads } from "./uploads.js";

const TYPE = "application/octet-stream";
const Address = z.object({ id: UploadId, offset: z.coerce.number().int().nonnegative() });

export async function sendRoute(server: FastifyInstance, { method, path, rule }: ContractRoute, uploads: Uploads): Promise<void> {
  await server.register(async (own) => {
    own.addContentTypeParser(TYPE, (_request, payload, done) => done(null, payload));
    own.route({
      method,
      url: API_PREFIX + path.replace("{id}", ":id"),
      config: { rule, greets: true, patient: true },
      handler: async (request) => {
        const address = Address.safeParse({ ...(request.params as object), ...(request.query as object) });
        if (!address.success) throw new PhonerackError("bad_request", z.prettifyError(address.error).slice(0, 300));
        if (request.headers["content-type"]?.split(";")[0]?.trim() !== TYPE)
          throw new PhonerackError("bad_request", `send the file's bytes as they are, as ${TYPE}`);
        const body = request.body instanceof Readable ? request.body : Readable.from([]);
        return Upload.parse(await uploads.send(request.caller, address.data, body));
      },
    });
  });
}
