/** The route that takes an APK as it is, in one request. It has its own body parser, which hands the stream on; the rest is as with every route. */
import type { Readable } from "node:stream";
import { API_PREFIX, App } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import type { FastifyInstance } from "fastify";
import type { Caller } from "../access/caller.js";
import type { ContractRoute } from "../http/api.js";
import type { Uploaded, Uploads } from "./uploads.js";

const TYPES = ["application/vnd.android.package-archive", "application/octet-stream"];

export async function uploadRoute(
  server: FastifyInstance,
  { method, path, rule }: ContractRoute,
  { uploads, add }: { uploads: Uploads; add: (caller: Caller | null, uploaded: Uploaded) => Promise<App> },
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
        const announced = length === undefined ? undefined : Number(length);
        const app = await uploads.take(request.body as Readable, announced, (uploaded) => add(request.caller, uploaded));
        return reply.code(201).send(App.parse(app));
      },
    });
  });
}
