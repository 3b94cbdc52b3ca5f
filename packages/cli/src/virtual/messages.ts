/** What `up` and the process that holds its virtual phones say to each other over the IPC channel. */

export interface ChassisOrder {
  readonly count: number;
  readonly host: string;
  /** Phone n listens on port + n − 1. */
  readonly port: number;
  readonly latency: "none" | "real";
  readonly faults: readonly string[];
  readonly dataDir: string | undefined;
  readonly controlPort: number | undefined;
}

export type ToChassis = { readonly type: "start"; readonly order: ChassisOrder } | { readonly type: "stop" };

export interface PhonePlace {
  /** From 1, through all chassis of the process. */
  readonly slot: number;
  readonly port: number;
  readonly serial: string;
  readonly model: string;
}

export type FromChassis =
  | { readonly type: "ready"; readonly phones: readonly PhonePlace[]; readonly controlUrl: string | undefined }
  | { readonly type: "failed"; readonly code: string; readonly message: string };
