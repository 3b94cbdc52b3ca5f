import { z } from "zod";

export const AgentName = z.string().regex(/^[A-Za-z0-9-]{1,64}$/, "an agent's name is 1 to 64 of A-Z, a-z, 0-9 and -");

/** A host beside a chassis, as control knows it. */
export const AgentView = z.object({
  id: AgentName,
  host: z.string().nullable(),
  version: z.string().nullable(),
  /** here: its heartbeat is heard. gone: not for more than 5 s. never: it has joined and not been heard yet. */
  presence: z.enum(["here", "gone", "never"]),
  since: z.number(),
  devices: z.int(),
  joinedAt: z.number().nullable(),
  joinedBy: z.string().nullable(),
});
export type AgentView = z.infer<typeof AgentView>;

/** Works once, for `expiresAt` at most. */
export const JoinCode = z.object({ code: z.string(), expiresAt: z.number(), command: z.string() });
export type JoinCode = z.infer<typeof JoinCode>;

export const JoinRequest = z.strictObject({
  code: z.string().min(8).max(100),
  name: AgentName,
  host: z.string().max(200).default(""),
  /** The public nkey of the agent's own user key pair ("U…"); the seed never leaves it. */
  publicKey: z.string().regex(/^U[A-Z2-7]{55}$/),
});
export type JoinRequest = z.infer<typeof JoinRequest>;

/** How a joined agent speaks from now on. */
export const JoinReply = z.object({
  agent: AgentName,
  /** Opens `/api/v1/bus` and `/api/v1/agents/renew` for this agent alone; kept by control as a hash. */
  token: z.string(),
  /** nats: the lab's servers and the signed user JWT for the agent's key, until `expiresAt`. link: control's own WebSocket. */
  bus: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("nats"), servers: z.array(z.string()).min(1), jwt: z.string(), expiresAt: z.number() }),
    z.object({ kind: z.literal("link") }),
  ]),
});
export type JoinReply = z.infer<typeof JoinReply>;
