/** Puts the parts of the register together. */
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import type { Db } from "../database/database.js";
import type { ContractRoute } from "../http/api.js";
import type { ObjectStore } from "../storage/object-store.js";
import { EvidenceShelf } from "./evidence.js";
import { addEvidenceRoute, evidenceRoute } from "./evidence-routes.js";
import { Register, type RegisterParts } from "./register.js";
import { RegisterStore } from "./store.js";

export interface RegisterDeskParts extends Omit<RegisterParts, "store"> {
  /** May still be opening. */
  readonly db: Promise<Db>;
  readonly objects: ObjectStore;
  readonly dataDir: string;
  readonly log: Logger;
}

export interface RegisterDesk {
  readonly register: Register;
  readonly shelf: EvidenceShelf;
  readonly now: () => number;
}

export function createRegister(parts: RegisterDeskParts): RegisterDesk {
  const store = new RegisterStore(parts.db);
  const register = new Register({ ...parts, store });
  const shelf = new EvidenceShelf({
    ...parts,
    knows: (id) => parts.devices.get(id) !== undefined,
    store,
  });
  return { register, shelf, now: parts.now ?? Date.now };
}

/** Routes whose bodies are bytes, by their names in the contract. */
export function registerRoutes(server: FastifyInstance, { shelf }: RegisterDesk) {
  return {
    "register.addEvidence": (route: ContractRoute) => addEvidenceRoute(server, route, shelf),
    "register.evidence": async (route: ContractRoute) => evidenceRoute(server, route, shelf),
  };
}
