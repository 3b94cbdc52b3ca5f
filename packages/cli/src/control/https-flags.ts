/** How control is reached over https: the flags of `up` and `control`, and what their terminal says of an authority that no browser knows. */
import { resolve } from "node:path";
import { PhonerackError } from "@phonerack/contract/bus";
import type { Control, ControlOptions } from "@phonerack/control";
import { type Command, InvalidArgumentError } from "commander";
import { parseUrl } from "../flags.js";

export interface HttpsFlags {
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly publicUrl?: string;
  readonly insecureHttp?: boolean;
}

export function addHttpsFlags(command: Command): Command {
  return command
    .option(
      "--tls-cert <file>",
      "certificate and chain in PEM for https; default: of a local CA made in the data folder",
      parseFile,
    )
    .option("--tls-key <file>", "its key in PEM; both are read again when they change", parseFile)
    .option("--public-url <url>", "as people reach it, e.g. https://lab.example", parseUrl(["http:", "https:"]))
    .option("--insecure-http", "plain HTTP for a proxy in front that speaks https; needs --public-url https://…");
}

/** Fails with `usage` when they contradict each other. */
export function httpsOptions(flags: HttpsFlags): Pick<ControlOptions, "tlsFiles" | "publicUrl" | "insecureHttp"> {
  const { tlsCert, tlsKey, publicUrl, insecureHttp } = flags;
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw new PhonerackError("usage", "--tls-cert and --tls-key go together");
  if (insecureHttp && tlsCert !== undefined)
    throw new PhonerackError("usage", "--insecure-http and --tls-cert exclude each other");
  return {
    ...(tlsCert !== undefined && tlsKey !== undefined ? { tlsFiles: { cert: tlsCert, key: tlsKey } } : {}),
    ...(publicUrl === undefined ? {} : { publicUrl }),
    ...(insecureHttp ? { insecureHttp } : {}),
  };
}

/** For people, beneath the link; nothing when browsers know the certificate's authority or none is needed. */
export function trustLines({ authority, url }: Control): string {
  if (authority === null) return "";
  return `Its certificate is of its own CA: open ${url.replace("https:", "http:")}/trust once to trust it.\nSHA-256 ${authority.fingerprint}\n`;
}

function parseFile(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("the file's name is empty.");
  return resolve(text);
}
