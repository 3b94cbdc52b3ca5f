export type VirtualPhonesErrorCode = "port-taken" | "bad-fault" | "bad-option" | "data-dir";

/** Why virtual phones could not start; `message` is one sentence that says what to do. */
export class VirtualPhonesError extends Error {
  constructor(
    readonly code: VirtualPhonesErrorCode,
    message: string,
  ) {
    super(message);
    this.name = "VirtualPhonesError";
  }
}
