/** The API's face and cases, and the two documents below `/.well-known` for everybody. */
import type { FastifyInstance } from "fastify";
import { known } from "../access/caller.js";
import { OPEN } from "../access/guard.js";
import { api } from "../http/api.js";
import type { LabFace } from "./face.js";

export function faceProcedures(face: LabFace) {
  return {
    face: {
      get: api.face.get.handler(() => face.get()),
      put: api.face.put.handler(({ input, context }) => face.put(known(context.caller).actor, input)),
      egress: api.face.egress.handler(({ input, context }) => face.announce(known(context.caller).actor, input)),
    },
    abuse: {
      lookup: api.abuse.lookup.handler(({ input, context }) => face.lookup(context.reply.request.ip, input)),
      follow: api.abuse.follow.handler(({ input }) => face.follow(input.id, input.token, input.message)),
    },
    cases: {
      list: api.cases.list.handler(({ input }) => face.cases(input.state, input.limit)),
      get: api.cases.get.handler(({ input }) => face.case(input.id)),
      answer: api.cases.answer.handler(({ input, context }) => face.answer(known(context.caller).actor, input)),
    },
  };
}

const CONFIG = { config: { rule: OPEN } };

export function faceRoutes(server: FastifyInstance, face: LabFace): void {
  server.get("/.well-known/phonerack.json", CONFIG, () => face.document());
  server.get("/.well-known/phonerack-egress.json", CONFIG, () => face.egressDocument());
}
