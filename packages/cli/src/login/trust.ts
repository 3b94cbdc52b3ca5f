/** Whether a control's certificate can be believed: by an authority that Node knows, or by one whose fingerprint a person has compared. */
import { createInterface } from "node:readline/promises";
import { connect, type DetailedPeerCertificate, type TLSSocket } from "node:tls";
import { PhonerackError } from "@phonerack/contract/bus";
import { whyNot } from "../api/request.js";

const ANSWER_WITHIN_MS = 10_000;

/** What a server showed, before anything was said to it. */
interface Shown {
  /** Why it is not believed; undefined when it is. */
  readonly doubt: string | undefined;
  /** The authority at the end of its chain, or the certificate itself. */
  readonly root: { readonly pem: string; readonly fingerprint: string };
}

/**
 * The authority to keep for this control; undefined when Node knows its authority already. `fingerprint`: what the person was told; without
 * it they are asked, at a terminal. Fails with `certificate_untrusted`.
 */
export async function trustOnFirstUse(url: string, fingerprint: string | undefined): Promise<string | undefined> {
  if (!url.startsWith("https:")) return undefined;
  const { doubt, root } = await look(url);
  if (doubt === undefined && fingerprint === undefined) return undefined;
  if (fingerprint !== undefined) {
    if (bare(fingerprint) === bare(root.fingerprint)) return root.pem;
    throw new PhonerackError("certificate_untrusted", `its SHA-256 is ${root.fingerprint}, not the one you gave`);
  }
  if (!process.stdin.isTTY)
    throw new PhonerackError(
      "certificate_untrusted",
      `if its terminal shows SHA-256 ${root.fingerprint}, give it as --fingerprint`,
    );
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(
    `${url} has a certificate of its own CA. SHA-256:\n  ${root.fingerprint}\nDoes control's terminal show the same? (yes/no) `,
  );
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new PhonerackError("certificate_untrusted", "not trusted, nothing was sent");
  return root.pem;
}

function look(url: string): Promise<Shown> {
  const { hostname, port } = new URL(url);
  const host = hostname.replaceAll(/[[\]]/g, "");
  return new Promise((resolve, reject) => {
    // Not refused here, because it is only looked at: the connection is closed before anything is sent on it.
    const socket = connect({ host, port: Number(port || 443), ...serverName(host), rejectUnauthorized: false }, () => {
      const shown = { doubt: socket.authorized ? undefined : String(socket.authorizationError), root: rootOf(socket) };
      socket.destroy();
      resolve(shown);
    });
    socket.setTimeout(ANSWER_WITHIN_MS, () => socket.destroy(new Error("no answer")));
    socket.once("error", (error) => reject(whyNot(error, url)));
  });
}

/** An address in digits is no server name (RFC 6066, 3). */
function serverName(host: string): { servername?: string } {
  return /^[\d.]+$|:/.test(host) ? {} : { servername: host };
}

function rootOf(socket: TLSSocket): Shown["root"] {
  let certificate: DetailedPeerCertificate = socket.getPeerCertificate(true);
  // The last one is its own issuer.
  while (certificate.issuerCertificate && certificate.issuerCertificate.fingerprint256 !== certificate.fingerprint256)
    certificate = certificate.issuerCertificate;
  const lines = certificate.raw.toString("base64").replaceAll(/.{64}/g, "$&\n").trimEnd();
  const pem = `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
  return { pem, fingerprint: certificate.fingerprint256 };
}

function bare(fingerprint: string): string {
  return fingerprint
    .replace(/^sha-?256[ :]*/i, "")
    .replaceAll(/[\s:]/g, "")
    .toUpperCase();
}
