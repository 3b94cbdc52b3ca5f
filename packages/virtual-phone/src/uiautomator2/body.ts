/** Reads what a client sent, whose shape nobody vouches for: each reader gives the value or the server's "invalid argument". */
import { badArgument } from "./server-error.js";

export type Body = Readonly<Record<string, unknown>>;

/** @throws ServerError when it is no JSON object. An empty body is an empty object. */
export function parseBody(text: string): Body {
  if (text.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    if (isBody(value)) return value;
  } catch {
    // Answered below, as what is no object is.
  }
  throw badArgument("The request body is not a JSON object");
}

export function isBody(value: unknown): value is Body {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function object(body: Body, name: string): Body | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (!isBody(value)) throw badArgument(`'${name}' must be an object`);
  return value;
}

export function list(body: Body, name: string): readonly unknown[] {
  const value = body[name];
  if (!Array.isArray(value)) throw badArgument(`'${name}' must be an array`);
  return value;
}

export function text(body: Body, name: string): string | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw badArgument(`'${name}' must be a string`);
  return value;
}

/** Numbers may come as text, as Gson takes them. */
export function number(body: Body, name: string): number | undefined {
  const value = body[name];
  if (value === undefined || value === null || value === "") return undefined;
  const found = typeof value === "string" ? Number(value) : value;
  if (typeof found !== "number" || !Number.isFinite(found)) throw badArgument(`'${name}' must be a number`);
  return found;
}

/** @throws ServerError when it is missing: the server marks such fields as required. */
export function required<Value>(value: Value | undefined, name: string): Value {
  if (value === undefined) throw badArgument(`The mandatory property '${name}' is not present in the request body`);
  return value;
}
