/** The whole HTTP API as functions, typed by the contract: `client.devices.list({})`, `client.jobs.create({…})`. */
import { createORPCClient } from "@orpc/client";
import type { ContractRouterClient } from "@orpc/contract";
import type { JsonifiedClient } from "@orpc/openapi-client";
import { OpenAPILink } from "@orpc/openapi-client/fetch";
import { readApiError } from "../api/api-error.js";
import { API_PREFIX, contract } from "../api/contract.js";

export interface ClientOptions {
  /** Control's address, e.g. `https://lab:7171`. */
  readonly url: string;
  /** An API key, or the token of a log-in. Left out in the console, whose cookie says who asks. */
  readonly token?: string;
  /** Instead of the global one, e.g. to trust a lab's own CA. */
  readonly fetch?: (request: Request, init: { redirect?: Request["redirect"] }) => Promise<Response>;
}

export type Client = JsonifiedClient<ContractRouterClient<typeof contract>>;

/** What control refuses is thrown as a `PhonerackError` of the table in docs/errors.md. */
export function createClient({ url, token, fetch }: ClientOptions): Client {
  const link = new OpenAPILink(contract, {
    url: new URL(API_PREFIX, url).href,
    ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
    ...(fetch ? { fetch: (request, init) => fetch(request, init) } : {}),
    customErrorResponseBodyDecoder: (body) => {
      // Thrown, not given back: oRPC would have its own kind of error, and ours is the one the table speaks of.
      const error = readApiError(body);
      if (error) throw error;
      return undefined;
    },
  });
  return createORPCClient(link);
}
