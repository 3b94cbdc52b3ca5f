import type { Bus } from "@phonerack/contract/bus";
import type { Logger } from "pino";
import type { AgentBus } from "./agents/joined-agents.js";
import type { DemoApp } from "./apps/demo-apps.js";
import type { DatabaseChoice } from "./database/database.js";
import type { StorageChoice } from "./storage/storage.js";
import type { CertificatePaths } from "./tls/certificate-files.js";

/** What `startControl` is built of. */
export interface ControlOptions {
  readonly bus: Bus;
  /** This control's name on the bus; letters, digits and `-`, unique among the controls of a site. */
  readonly replica: string;
  /** Made when it is missing; holds the admin token and, for PGlite, the database. */
  readonly dataDir: string;
  readonly database: DatabaseChoice;
  /** Where files of the lab and artifacts lie; default: in the data folder. */
  readonly storage?: StorageChoice;
  /** Where others reach it, too, it is https. */
  readonly host: string;
  /** For https, instead of a certificate that is made in the data folder. */
  readonly tlsFiles?: CertificatePaths;
  /** As people reach it, when that is not `host` and `port`, e.g. `https://lab.example`. */
  readonly publicUrl?: string;
  /** Plain HTTP for a proxy in front that speaks https to people; needs `publicUrl`. */
  readonly insecureHttp?: boolean;
  /** 0 takes a free one. */
  readonly port: number;
  /** The folder of the built console; without it only the API is served. */
  readonly webRoot?: string;
  readonly version: string;
  readonly log: Logger;
  /** With it, agents that join get credentials of their own for NATS, and no others are heard. */
  readonly agentBus?: AgentBus;
  /** Instead of the one in the data folder, e.g. one that all replicas share; at least 16 characters. */
  readonly adminToken?: string;
  /** Apps that every organisation owns, on virtual phones only. */
  readonly demoApps?: readonly DemoApp[];
}
