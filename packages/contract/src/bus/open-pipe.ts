/** How a pipe comes about: control asks the agent, which listens before it answers. All on one connection of the bus, in whose order nothing can be missed. */
import { z } from "zod";
import { DeviceId } from "../devices.js";
import { PhonerackError } from "../errors.js";
import { PipeService } from "../pipes.js";
import type { Bus, Subscription } from "./bus.js";
import { decodeMessage, encodeMessage } from "./coding.js";
import { Pipe } from "./pipe.js";

const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
const PipeId = z.string().regex(/^[a-z2-7]{20}$/);

export const PipeOrder = z.object({
  pipe: PipeId,
  /** null: with the agent itself (`blob`). */
  deviceId: DeviceId.nullable(),
  epoch: z.int().nonnegative(),
  actor: z.string(),
  mode: z.enum(["unicast", "group", "script"]),
  /** Milliseconds since the Unix epoch, at most 2 s ahead. */
  notAfter: z.number(),
  service: PipeService,
});
export type PipeOrder = z.infer<typeof PipeOrder>;
const PipeReply = z.object({ accepted: z.literal(true) });

const subject = {
  open: (agentId: string) => `bulk.to.${agentId}.open`,
  to: (agentId: string, pipe: string) => `bulk.to.${agentId}.${pipe}`,
  from: (agentId: string, pipe: string) => `bulk.from.${agentId}.${pipe}`,
} as const;

/** Opens a pipe to an agent. Fails with what the agent refuses it for, `agent_unreachable` or `device_timeout`. `timeoutMs`: the agent may have to close a fence first. */
export async function openPipe(
  bus: Bus,
  agentId: string,
  { timeoutMs = 10_000, ...order }: Omit<PipeOrder, "pipe"> & { readonly timeoutMs?: number },
): Promise<Pipe> {
  const id = newPipeId();
  const pipe = new Pipe({ bus, sendOn: subject.to(agentId, id), hearOn: subject.from(agentId, id) });
  try {
    const message = encodeMessage(PipeOrder, { ...order, pipe: id });
    decodeMessage(PipeReply, await bus.request(subject.open(agentId), message, { timeoutMs }));
  } catch (error) {
    pipe.close();
    throw error;
  }
  pipe.grant();
  return pipe;
}

/**
 * Takes an agent's pipes. `take` refuses by throwing, or hands back what serves the pipe until it is over; what that throws ends it. It is awaited before the order is
 * answered, and the pipe carries nothing before.
 */
export function acceptPipes(
  bus: Bus,
  agentId: string,
  take: (order: PipeOrder) => Promise<(pipe: Pipe) => Promise<void>>,
): Subscription {
  return bus.subscribe(subject.open(agentId), async ({ payload }) => {
    const order = decodeMessage(PipeOrder, payload);
    const pipe = new Pipe({ bus, sendOn: subject.from(agentId, order.pipe), hearOn: subject.to(agentId, order.pipe) });
    try {
      const serve = await take(order);
      pipe.grant();
      serve(pipe).then(
        () => pipe.finish(),
        (error: unknown) =>
          pipe.close(error instanceof PhonerackError ? error : new PhonerackError("internal", undefined, { cause: error })),
      );
    } catch (error) {
      pipe.close();
      throw error;
    }
    return encodeMessage(PipeReply, { accepted: true });
  });
}

function newPipeId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(20));
  return Array.from(bytes, (byte) => ALPHABET[byte & 31]).join("");
}
