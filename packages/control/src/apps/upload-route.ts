/** The one route that takes more than JSON: an APK as it is. It has its own body parser, which hands the stream on; the rest is as with every route. */
import type { Readable } from "node:stream";
import { API_PREFIX, App } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import type { FastifyInstance } from "fastify";
import type { ContractRoute } from "../http/api.js";
import type { Apps } from "./apps.js";
import type { Uploads } from "./uploads.js";

const TYPES = ["application/vnd.android.package-archive", "application/octet-stream"];

export async function uploadRoute(
  server: FastifyInstance,
  { method, path, rule }: ContractRoute,
  { apps, uploads }: { apps: Apps; uploads: Uploads },
): Promise<void> {
  await server.register(async (own) => {
    own.addContentTypeParser(TYPES, (_request, payload, done) => done(null, payload));
    own.route({
      method,
      url: API_PREFIX + path,
      config: { rule, greets: true, patient: true },
      handler: async (request, reply) => {
        if (!TYPES.includes(request.headers["content-type"]?.split(";")[0]?.trim() ?? ""))
          throw new PhonerackError("bad_request", `send the APK as it is, as ${TYPES[0]}`);
        const length = request.headers["content-length"];
        const uploaded = await uploads.take(request.body as Readable, length === undefined ? undefined : Number(length));
        return reply.code(201).send(App.parse(await apps.add(request.caller, uploaded)));
      },
    });
  });
}
