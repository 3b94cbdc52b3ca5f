/** The built console as files: hashed ones cached for ever, the page itself never, and each of its own addresses answered by the page. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import { API_PREFIX } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import type { FastifyInstance } from "fastify";
import { OPEN } from "../access/guard.js";
import { noConsolePage } from "./pages.js";

const FILES = { config: { rule: OPEN } };

/** `webRoot`: the folder of the built console, or undefined when there is none. */
export async function consoleRoutes(server: FastifyInstance, webRoot: string | undefined): Promise<void> {
  if (webRoot === undefined || !existsSync(join(webRoot, "index.html"))) {
    server.get("/", FILES, (_request, reply) => reply.type("text/html; charset=utf-8").send(noConsolePage()));
    return;
  }
  await server.register(fastifyStatic, { root: webRoot, serve: false, cacheControl: false });
  server.get<{ Params: { "*": string } }>("/*", FILES, (request, reply) => {
    const path = request.params["*"];
    if (isAddressOfThePage(path)) return reply.header("cache-control", "no-cache").sendFile("index.html");
    // Vite puts a hash of the content into every name below assets: the same name is the same bytes for ever.
    const age = path.startsWith("assets/") ? "public, max-age=31536000, immutable" : "no-cache";
    return reply.header("cache-control", age).sendFile(path);
  });
}

/** `/`, `/devices/abc`: no file. `/assets/…` and whatever has an extension is one, and missing it is a 404, not the page. */
function isAddressOfThePage(path: string): boolean {
  if (`/${path}`.startsWith(API_PREFIX.slice(0, 5))) throw new PhonerackError("not_found");
  return !path.startsWith("assets/") && !/\.[a-z0-9]+$/i.test(path);
}
