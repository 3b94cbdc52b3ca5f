/** The HTTP API as functions and as React Query options, typed by the contract. */
import { createTanstackQueryUtils } from "@orpc/tanstack-query";
import { PhonerackError } from "@phonerack/contract/api";
import { createClient } from "@phonerack/contract/client";

export const client = createClient({ url: location.origin });

export const api = createTanstackQueryUtils(client);

/** Why the live socket was refused: a code of the error table, or undefined when control does not answer or would let us in. */
export async function whyRefused(): Promise<string | undefined> {
  try {
    await client.session.get();
    return undefined;
  } catch (error) {
    return error instanceof PhonerackError && error.code !== "internal" ? error.code : undefined;
  }
}
