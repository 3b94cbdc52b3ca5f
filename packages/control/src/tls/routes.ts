/** The page that explains how to trust the local authority, over https too. */
import type { FastifyInstance } from "fastify";
import { OPEN } from "../access/guard.js";
import type { Doorway } from "./doorway.js";
import { CA_TYPE } from "./plain-http.js";
import { CA_PATH, TRUST_PATH, trustPage } from "./trust-page.js";

const CONFIG = { config: { rule: OPEN } };

export function trustRoutes(server: FastifyInstance, { authority }: Doorway): void {
  if (authority === null) return;
  server.get(TRUST_PATH, CONFIG, (_request, reply) => reply.type("text/html; charset=utf-8").send(trustPage(authority, "/")));
  server.get(CA_PATH, CONFIG, (_request, reply) => reply.type(CA_TYPE).send(authority.pem));
}
