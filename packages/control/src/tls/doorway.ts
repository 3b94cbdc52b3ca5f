/**
 * How this control is reached: plain HTTP where only this machine gets to it, https everywhere else, with certificate files or the local
 * authority; plain HTTP elsewhere only behind a proxy that speaks https itself. Decides that and says which hosts are ours.
 */
import type { Server as HttpsServer } from "node:https";
import { isIP } from "node:net";
import { PhonerackError } from "@phonerack/contract/bus";
import type { Logger } from "pino";
import { type CertificatePaths, openCertificateFiles } from "./certificate-files.js";
import type { Authority, CertificateSource } from "./certificate-source.js";
import { isSelfSigned, type KeyPair, namesOf } from "./key-pair.js";
import { openLocalCa } from "./local-ca.js";
import { sharePort } from "./one-port.js";
import { createPlainHttp } from "./plain-http.js";

export interface DoorwayOptions {
  readonly host: string;
  readonly dataDir: string;
  /** A certificate of one's own instead of the local authority's; also turns https on where only this machine reaches it. */
  readonly tlsFiles?: CertificatePaths;
  /** As people reach it, e.g. `https://lab.example`: named in links and in the local certificate. */
  readonly publicUrl?: string;
  /** Plain HTTP for a proxy in front that ends TLS; needs an https `publicUrl`. */
  readonly insecureHttp?: boolean;
}

export interface Doorway {
  /** What https begins with; null for plain HTTP. */
  readonly https: { readonly cert: string; readonly key: string } | null;
  /** Only a browser that knows the certificate's authority may be told never to use plain HTTP here again. */
  readonly hsts: boolean;
  /** A proxy in front says who asks and how. */
  readonly behindProxy: boolean;
  readonly publicUrl: string | undefined;
  readonly authority: Authority | null;
  /** Whether a request for this host (name without port; IPv6 in brackets) can be meant for us, see `guard.ts`. */
  readonly answersTo: (host: string) => boolean;
  /** The name by which this machine reaches the server. */
  localName(): string;
  /** Shares the https server's port with plain HTTP and keeps its certificate fresh; call it before it listens. */
  attach(server: HttpsServer): void;
  stop(): void;
}

/** Fails with `certificate_invalid`, `data_unwritable` or `usage`. */
export async function openDoorway(options: DoorwayOptions, log: Logger): Promise<Doorway> {
  const { host, dataDir, tlsFiles, publicUrl, insecureHttp } = options;
  if (insecureHttp) return plainDoorway(options);
  if (tlsFiles) return secureDoorway(options, openCertificateFiles(tlsFiles, log));
  if (isLoopbackName(inBrackets(host))) return plainDoorway(options);
  const hosts = [host, ...(publicUrl === undefined ? [] : [new URL(publicUrl).hostname])];
  return secureDoorway(options, await openLocalCa({ dataDir, hosts, log }));
}

export function isLoopbackName(name: string): boolean {
  return name === "localhost" || name.endsWith(".localhost") || name === "[::1]" || /^127(\.\d{1,3}){3}$/.test(name);
}

function plainDoorway({ host, publicUrl, insecureHttp = false }: DoorwayOptions): Doorway {
  const outside = publicUrl === undefined ? undefined : new URL(publicUrl);
  if (insecureHttp && outside?.protocol !== "https:")
    throw new PhonerackError(
      "usage",
      "--insecure-http is for a proxy that speaks https: give its address, --public-url https://…",
    );
  return {
    https: null,
    hsts: false,
    behindProxy: insecureHttp,
    publicUrl: outside?.origin,
    authority: null,
    answersTo: (name) => isLoopbackName(name) || name === outside?.hostname || (insecureHttp && name === inBrackets(host)),
    localName: () => reachable(host),
    attach: () => undefined,
    stop: () => undefined,
  };
}

function secureDoorway({ host, publicUrl }: DoorwayOptions, source: CertificateSource): Doorway {
  const outside = publicUrl === undefined ? undefined : new URL(publicUrl);
  // A page of another site can make its own name resolve to us, never an address in digits.
  const answersTo = (name: string) =>
    isLoopbackName(name) || name === outside?.hostname || isAddress(name) || source.current.leaf.checkHost(name) !== undefined;
  const localName = () => nameWithin(source.current, reachable(host));
  let stopPlain = () => {};
  return {
    https: source.current,
    hsts: source.authority === null && !isSelfSigned(source.current),
    behindProxy: false,
    publicUrl: outside?.origin,
    authority: source.authority,
    answersTo,
    localName,
    attach: (server) => {
      const hostOf = (named: string | undefined) => hostWithPort(named, answersTo) ?? `${localName()}:${portOf(server)}`;
      const port = sharePort(server, createPlainHttp({ authority: source.authority, hostOf }));
      source.onChange(({ cert, key }) => server.setSecureContext({ cert, key }));
      stopPlain = () => port.stop();
    },
    stop: () => {
      stopPlain();
      source.stop();
    },
  };
}

/** A browser cannot open 0.0.0.0; this machine is where the link is printed. */
function reachable(host: string): string {
  return isIP(host) !== 0 && /^[0:.]+$/.test(host) ? "localhost" : inBrackets(host);
}

function inBrackets(host: string): string {
  return host.includes(":") ? `[${host.replaceAll(/[[\]]/g, "")}]` : host;
}

/** A certificate from elsewhere is seldom for localhost: then its own first name is the one to use, here too. */
function nameWithin({ leaf }: KeyPair, wanted: string): string {
  const bare = wanted.replaceAll(/[[\]]/g, "");
  if ((isIP(bare) === 0 ? leaf.checkHost(bare) : leaf.checkIP(bare)) !== undefined) return wanted;
  const name = namesOf(leaf).find((each) => !each.startsWith("*."));
  return name === undefined ? wanted : inBrackets(name);
}

function isAddress(name: string): boolean {
  return isIP(name.replaceAll(/[[\]]/g, "")) !== 0;
}

/** `lab:7171` as it was named, if it is a host of ours and nothing else. */
function hostWithPort(named: string | undefined, answersTo: (host: string) => boolean): string | undefined {
  const [, host, port] = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:\d{1,5})?$/.exec(named?.toLowerCase() ?? "") ?? [];
  return host !== undefined && answersTo(host) ? `${host}${port ?? ""}` : undefined;
}

function portOf(server: HttpsServer): number {
  const address = server.address();
  return typeof address === "object" && address ? address.port : 0;
}
