/** The HTTP API as functions and as React Query options, typed by the contract. */

import { createORPCClient } from "@orpc/client";
import type { ContractRouterClient } from "@orpc/contract";
import type { JsonifiedClient } from "@orpc/openapi-client";
import { OpenAPILink } from "@orpc/openapi-client/fetch";
import { createTanstackQueryUtils } from "@orpc/tanstack-query";
import { API_PREFIX, contract, PhonerackError, readApiError } from "@phonerack/contract/api";

const link = new OpenAPILink(contract, {
  url: new URL(API_PREFIX, location.origin).href,
  customErrorResponseBodyDecoder: (body) => {
    // Thrown, not given back: oRPC would have its own kind of error, and ours is the one the table speaks of.
    const error = readApiError(body);
    if (error) throw error;
    return undefined;
  },
});

export const client: JsonifiedClient<ContractRouterClient<typeof contract>> = createORPCClient(link);

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
