/**
 * Mounts the contract below /api/v1, each of its routes with its rule; oRPC checks and answers, each noun's `routes.ts` carries out.
 */
import { isContractProcedure } from "@orpc/contract";
import { OpenAPIGenerator } from "@orpc/openapi";
import { OpenAPIHandler } from "@orpc/openapi/fastify";
import { implement, ORPCError, type Router } from "@orpc/server";
import { ZodToJsonSchemaConverter } from "@orpc/zod/zod4";
import { API_PREFIX, ApiError, contract, Device, type RouteMeta } from "@phonerack/contract/api";
import { PhonerackError, type Rule } from "@phonerack/contract/bus";
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from "fastify";
import { type Caller, obey } from "../access/caller.js";
import { SIGNED_IN } from "../access/guard.js";
import { toPhonerackError } from "./errors.js";
import { baseUrlOf } from "./server.js";

/** What a procedure is told of its request. */
export interface ApiContext {
  /** Null only where all may ask. */
  readonly caller: Caller | null;
  readonly requestId: string;
  /** As the browser named us, e.g. `http://localhost:7000`. */
  readonly baseUrl: string;
  readonly reply: FastifyReply;
}

/**
 * The contract, to be implemented noun by noun. The guard has weighed the rule of the address already; here it is that of the procedure,
 * so that no difference between two ways to read an address lets anybody through.
 */
export const api = implement(contract)
  .$context<ApiContext>()
  .use(({ context, procedure, path, next }) => {
    obey(ruleOf(procedure["~orpc"].meta, path.join(".")), context.caller);
    return next();
  });

export interface ContractRoute {
  /** As the clients call it, e.g. `devices.get`. */
  readonly name: string;
  readonly method: HTTPMethods;
  /** Below the prefix, e.g. `/devices/{id}`. */
  readonly path: string;
  readonly rule: Rule;
}

/** Every route of the contract; fails on one without a rule. */
export function contractRoutes(): ContractRoute[] {
  const routes: ContractRoute[] = [];
  const walk = (part: unknown, name: string) => {
    if (isContractProcedure(part)) {
      const { route, meta } = part["~orpc"];
      routes.push({
        name,
        method: (route.method ?? "POST") as HTTPMethods,
        path: route.path ?? `/${name}`,
        rule: ruleOf(meta, name),
      });
      return;
    }
    for (const [key, value] of Object.entries(part as Record<string, unknown>)) walk(value, name === "" ? key : `${name}.${key}`);
  };
  walk(contract, "");
  return routes;
}

function ruleOf(meta: unknown, name: string): Rule {
  const { rule } = meta as RouteMeta;
  if (rule === undefined) throw new Error(`the route ${name} of the contract has no rule`);
  return rule;
}

export type ApiRouter = Router<typeof contract, ApiContext>;

export interface Mounting {
  readonly version: string;
  /** Routes that are not answered here, by name: each puts its own into the server. */
  readonly own: Readonly<Record<string, (route: ContractRoute) => Promise<void>>>;
}

export async function mountApi(server: FastifyInstance, router: ApiRouter, { version, own }: Mounting): Promise<void> {
  const handler = new OpenAPIHandler<ApiContext>(router, {
    clientInterceptors: [
      async (call) => {
        try {
          return await call.next();
        } catch (error) {
          throw asOrpc(error, call.context.requestId);
        }
      },
    ],
    customErrorResponseBodyEncoder: (error) => toPhonerackError(error, "").toJSON(),
  });
  const answer = async (request: FastifyRequest, reply: FastifyReply) => {
    const context = { caller: request.caller, requestId: request.id, baseUrl: baseUrlOf(request), reply };
    const { matched } = await handler.handle(request, reply, { prefix: API_PREFIX, context });
    if (!matched) throw new PhonerackError("not_found");
  };
  for (const route of contractRoutes()) {
    const { name, method, path, rule } = route;
    if (own[name]) {
      await own[name](route);
      continue;
    }
    const url = `${API_PREFIX}${path.replace(/\{(\w+)\}/g, ":$1")}`;
    server.route({ method, url, config: { rule, greets: true }, handler: answer });
  }
  const document = openApiOf(version);
  server.get(`${API_PREFIX}/openapi.json`, { config: { rule: SIGNED_IN } }, async () => document());
  server.all(`${API_PREFIX}/*`, { config: { rule: SIGNED_IN } }, () => {
    throw new PhonerackError("not_found");
  });
  server.addHook("onResponse", async (request, reply) => {
    if (reply.statusCode >= 500)
      request.log.warn({ reqId: request.id, method: request.method, status: reply.statusCode }, "a request failed");
  });
}

/** oRPC takes status and body from its own error; ours travels as its cause. */
function asOrpc(error: unknown, requestId: string): ORPCError<string, unknown> {
  const known = toPhonerackError(error, requestId);
  return new ORPCError(known.code, { status: known.status, message: known.message, cause: known });
}

/** The OpenAPI 3.1 document, made at the first request. */
function openApiOf(version: string): () => Promise<unknown> {
  let document: Promise<unknown> | undefined;
  return () => {
    document ??= generate(version);
    return document;
  };
}

async function generate(version: string): Promise<unknown> {
  const generator = new OpenAPIGenerator({ schemaConverters: [new ZodToJsonSchemaConverter()] });
  const document = await generator.generate(contract, {
    info: {
      title: "phonerack",
      version,
      description: "Racks of Android phones as one lab. Live pictures and input by hand: the WebSocket at /api/v1/live.",
    },
    servers: [{ url: API_PREFIX }],
    security: [{ adminToken: [] }, { session: [] }],
    commonSchemas: { Device: { schema: Device, strategy: "output" }, ApiError: { schema: ApiError } },
    components: {
      securitySchemes: {
        adminToken: { type: "http", scheme: "bearer", description: "The token in <data>/admin-token" },
        session: {
          type: "apiKey",
          in: "cookie",
          name: "phonerack",
          description: "Set by the console's one-time link; its name ends with the port",
        },
      },
    },
  });
  const refused = {
    description: "Refused: a row of the error table (docs/errors.md)",
    content: { "application/json": { schema: { $ref: "#/components/schemas/ApiError" } } },
  };
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    for (const method of ["get", "post", "put", "patch", "delete"] as const) {
      const operation = item?.[method];
      if (!operation) continue;
      operation.responses = { ...operation.responses, default: refused };
      if (path === "/health") operation.security = [];
    }
  }
  return document;
}
