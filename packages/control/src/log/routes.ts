/** The API's log, and what stands below `/log` for everybody: checkpoints and tiles, as c2sp.org/tlog-tiles has them. */
import { PhonerackError } from "@phonerack/contract/bus";
import { parseSize, parseTilePath, TILE_WIDTH, toBase64 } from "@phonerack/policy";
import type { FastifyInstance, FastifyReply } from "fastify";
import { known } from "../access/caller.js";
import { OPEN } from "../access/guard.js";
import { api } from "../http/api.js";
import type { LabLog } from "./log.js";

export function logProcedures(log: LabLog) {
  return {
    status: api.log.status.handler(({ context }) => log.status(Boolean(known(context.caller).lab))),
    witnesses: api.log.witnesses.handler(async ({ input, context }) => ({
      items: await log.chooseWitnesses(known(context.caller).actor, input.witnesses),
    })),
    receipts: api.log.receipts.handler(({ input, context }) =>
      log.receipts(known(context.caller), { ...input, denials: input.denials === "true" }),
    ),
    bulk: api.log.bulk.handler(({ input, context }) => log.bulk(known(context.caller), input.commitment)),
  };
}

const CONFIG = { config: { rule: OPEN } };
/** A page is megabytes out of the database, and an auditor wants a few hundred of them in all. */
const PAGES_PER_MINUTE = 60;
const PAGES = {
  config: {
    rule: OPEN,
    rateLimit: { max: PAGES_PER_MINUTE, timeWindow: 60_000, errorResponseBuilder: () => new PhonerackError("too_many") },
  },
};

export function logRoutes(server: FastifyInstance, log: LabLog): void {
  server.get("/log/checkpoint", CONFIG, async (_request, reply) => {
    const checkpoint = await log.checkpoint();
    if (!checkpoint) throw new PhonerackError("leaf_not_found", "there is no checkpoint yet");
    return reply.type("text/plain; charset=utf-8").header("cache-control", "no-cache").send(checkpoint.note);
  });
  // Whoever only has this has it from the log itself: it is to be compared with what the lab says of itself elsewhere.
  server.get("/log/vkey", CONFIG, async (_request, reply) =>
    reply.type("text/plain; charset=utf-8").send(`${await log.vkey()}\n`),
  );
  // Ours, beside the standard: every checkpoint that was ever signed, so that each can be held against the tree. Page after page, the newest first.
  server.get("/log/checkpoints", CONFIG, (_request, reply) => sendCheckpoints(log, undefined, reply));
  server.get<{ Params: { size: string } }>("/log/checkpoints/before/:size", PAGES, ({ params }, reply) => {
    const before = parseSize(params.size);
    if (before === undefined) throw new PhonerackError("leaf_not_found", params.size.slice(0, 100));
    return sendCheckpoints(log, before, reply);
  });
  server.get<{ Params: { "*": string } }>("/log/tile/*", CONFIG, ({ params }, reply) =>
    sendTile(log, `tile/${params["*"]}`, reply),
  );
  server.get<{ Params: { "*": string } }>("/log/entries/*", CONFIG, ({ params }, reply) =>
    sendTile(log, `tile/entries/${params["*"]}`, reply),
  );
}

async function sendCheckpoints(log: LabLog, before: number | undefined, reply: FastifyReply): Promise<FastifyReply> {
  const page = await log.checkpoints(before);
  const lines = page.map(({ note }) => `${toBase64(Buffer.from(note))}\n`);
  return reply.type("text/plain; charset=utf-8").header("cache-control", "no-cache").send(lines.join(""));
}

async function sendTile(log: LabLog, path: string, reply: FastifyReply): Promise<FastifyReply> {
  const name = parseTilePath(path);
  const bytes = name && (await log.tile(name));
  if (!bytes) throw new PhonerackError("leaf_not_found", path.slice(0, 100));
  const keep = name.width === TILE_WIDTH ? "public, max-age=31536000, immutable" : "public, max-age=60";
  return reply.type("application/octet-stream").header("cache-control", keep).send(Buffer.from(bytes));
}
