/** Which object store this control uses, and how it is named on a command line. */
import { join } from "node:path";
import { PhonerackError } from "@phonerack/contract/bus";
import { FolderStore } from "./folder-store.js";
import type { ObjectStore } from "./object-store.js";
import type { S3Place } from "./s3-store.js";

export type StorageChoice =
  /** A folder of this machine; default: `objects` in the data folder. For one control, or on a file system that all controls share. */
  | { readonly kind: "folder"; readonly path?: string }
  /** For any number of controls; credentials are in the environment, as every AWS client reads them. */
  | ({ readonly kind: "s3" } & S3Place);

export interface Storage {
  readonly objects: ObjectStore;
  stop(): void;
}

/** Fails with `data_unwritable` or `storage_unreachable`. */
export async function openStorage(choice: StorageChoice, dataDir: string): Promise<Storage> {
  if (choice.kind === "folder")
    return { objects: await FolderStore.open(choice.path ?? join(dataDir, "objects")), stop: () => undefined };
  // 10 MB of code that most labs never need.
  const { S3Store } = await import("./s3-store.js");
  const objects = await S3Store.open(choice);
  return { objects, stop: () => objects.stop() };
}

/**
 * `s3://bucket/prefix?endpoint=https://…&region=…&path-style=true`, or a folder. Fails with `usage`: also for credentials in it, since other users of the machine
 * see a command line.
 */
export function readStorage(text: string): StorageChoice {
  if (!text.startsWith("s3:")) {
    if (text === "" || /^[a-z0-9+.-]+:\/\//i.test(text)) refuse("give s3://bucket or a folder");
    return { kind: "folder", path: text };
  }
  const url = URL.canParse(text) ? new URL(text) : refuse("it is no address");
  if (url.username !== "" || url.password !== "")
    refuse("credentials go into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, not into the address");
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(url.hostname)) refuse("no bucket is called so");
  const prefix = decodeURIComponent(url.pathname).replaceAll(/^\/+|\/+$/g, "");
  if (!/^[\w.-]*(\/[\w.-]+)*$/.test(prefix)) refuse("a prefix has letters, digits, '.', '_', '-' and '/'");
  const known = new Set(["endpoint", "region", "path-style"]);
  for (const key of url.searchParams.keys()) if (!known.has(key)) refuse(`it has no '${key}'; it has ${[...known].join(", ")}`);
  const endpoint = url.searchParams.get("endpoint") ?? undefined;
  if (endpoint !== undefined && !/^https?:\/\/[^/?#@]+\/?$/.test(endpoint)) refuse("endpoint: like https://minio.lab:9000");
  const pathStyle = url.searchParams.get("path-style") ?? String(endpoint !== undefined);
  if (pathStyle !== "true" && pathStyle !== "false") refuse("path-style: true or false");
  const region = url.searchParams.get("region") ?? process.env.AWS_REGION ?? "us-east-1";
  return { kind: "s3", bucket: url.hostname, prefix, endpoint, region, pathStyle: pathStyle === "true" };
}

function refuse(why: string): never {
  throw new PhonerackError("usage", `--storage: ${why}`);
}
