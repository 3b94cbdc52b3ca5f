/**
 * One HTTP request to control, over http or https. Node's own modules and not `fetch`, which cannot be told of an authority that only
 * this lab knows.
 */
import { type IncomingMessage, request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import { buffer } from "node:stream/consumers";
import { PhonerackError } from "@phonerack/contract/bus";

const ANSWER_WITHIN_MS = 30_000;

/** Where a control is, and whom to believe that it is that one. */
export interface ControlPlace {
  readonly url: string;
  /** In PEM: the only authority that its certificate may be of; without it those that Node knows. */
  readonly ca?: string;
}

export interface Request {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly token?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly bytes: Buffer;
}

/** Whatever the status is. Fails with `control_unreachable` or `certificate_untrusted`. */
export async function send(place: ControlPlace, path: string, call: Request = {}): Promise<Reply> {
  const body = call.body === undefined ? undefined : JSON.stringify(call.body);
  const url = new URL(path, place.url);
  const options = {
    method: call.method ?? "GET",
    agent: false,
    headers: {
      ...(call.token === undefined ? {} : { authorization: `Bearer ${call.token}` }),
      ...(body === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
    },
    ...(place.ca === undefined ? {} : { ca: place.ca }),
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  } as const;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = url.protocol === "https:" ? secureRequest(url, options) : plainRequest(url, options);
    request.once("response", resolve).once("error", (error) => reject(whyNot(error, place.url)));
    request.end(body);
  });
  const bytes = await buffer(response).catch((error: Error) => {
    throw whyNot(error, place.url);
  });
  return { status: response.statusCode ?? 0, headers: response.headers, bytes };
}

/** Turns a failed connection into a row of the error table. */
export function whyNot(cause: Error, url: string): PhonerackError {
  if (isAboutCertificate(cause)) return new PhonerackError("certificate_untrusted", `${url}: ${cause.message}`, { cause });
  return new PhonerackError("control_unreachable", url, { cause });
}

/** OpenSSL's names of what was wrong with a certificate (X509_V_ERR_…), as Node gives them, and Node's own for a wrong host. */
export function isAboutCertificate(error: Error): boolean {
  const code = "code" in error ? String(error.code) : "";
  return /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_|UNSPECIFIED$|ERR_TLS_CERT_)/.test(
    code,
  );
}

/** Undefined when the bytes are no JSON, e.g. a proxy's page. */
export function jsonOf({ bytes }: Reply): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}
