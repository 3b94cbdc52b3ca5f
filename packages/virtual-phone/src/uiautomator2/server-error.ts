/** Errors as the UiAutomator2 server answers them: W3C's name, HTTP status and the server's own sentence (its common/exceptions). */

const STATUS = {
  "invalid argument": 400,
  "invalid element state": 400,
  "invalid selector": 400,
  "invalid session id": 404,
  "no such alert": 404,
  "no such element": 404,
  "session not created": 500,
  "stale element reference": 404,
  "unable to capture screen": 500,
  "unknown command": 404,
  "unknown error": 500,
} as const;
export type ServerErrorName = keyof typeof STATUS;

/** Sentences that come without anything of the request in them. */
export const MESSAGE = {
  noElement: "An element could not be located on the page using the given search parameters",
  noAlert: "No alert is present on the screen",
  screenshot: "Failed to capture a screenshot. Does the current view have 'secure' flag set?",
  unknownCommand:
    "The requested resource could not be found, or a request was received using an HTTP method that is not supported by the mapped resource",
} as const;

export class ServerError extends Error {
  constructor(
    readonly error: ServerErrorName,
    message: string,
  ) {
    super(message);
    this.name = "ServerError";
  }
  get status(): number {
    return STATUS[this.error];
  }
}

export function noSuchElement(message: string = MESSAGE.noElement): ServerError {
  return new ServerError("no such element", message);
}

export function badArgument(message: string): ServerError {
  return new ServerError("invalid argument", message);
}
