/** Calling a subscriber so that its failure hurts nobody else: what all buses do with a message once they know who gets it. */

import type { BusHandler, BusMessage } from "./bus.js";
import { encodeError } from "./coding.js";

/** Told of a handler that threw; the bus itself goes on. */
export type HandlerFailed = (error: unknown, subject: string) => void;

/** Delivers a message that nobody awaits an answer to. Not async itself: it runs for every frame of every stream. */
export function deliver(handler: BusHandler, message: BusMessage, failed: HandlerFailed): void {
  try {
    const answered = handler(message);
    if (answered instanceof Promise) answered.catch((error: unknown) => failed(error, message.subject));
  } catch (error) {
    failed(error, message.subject);
  }
}

/** The handler's answer; the encoded error when it threw, undefined when it has none. Never rejects. */
export async function answer(handler: BusHandler, message: BusMessage, failed: HandlerFailed): Promise<Uint8Array | undefined> {
  try {
    return await handler(message);
  } catch (error) {
    failed(error, message.subject);
    return encodeError(error);
  }
}
