/** Proves that an app is one's own: asks control for a message, looks at what it says, signs it here, and sends the signature. */

import type { KeyObject } from "node:crypto";
import { type App, contract, type Nonce } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import type { ApiClient } from "../api/api-client.js";
import { type SignedProof, signProof } from "./signing-key.js";

export async function prove(api: ApiClient, app: App, key: KeyObject): Promise<App> {
  const path = `/apps/${app.id}`;
  const { nonce, message } = await api.ask<Nonce>(contract.apps.nonce, `${path}/nonce`, { method: "POST", body: {} });
  requireMeant(message, { app, nonce, url: api.url });
  const proof: SignedProof & { nonce: string } = { nonce, ...signProof(message, key) };
  return api.ask<App>(contract.apps.prove, `${path}/proof`, { method: "POST", body: proof });
}

/** A key signs nothing that it was not asked for: another app, or a message that another lab handed on. */
export function requireMeant(message: string, { app, nonce, url }: { app: App; nonce: string; url: string }): void {
  const lab = new URL(url).host;
  const meant = [
    "phonerack ownership proof",
    `package: ${app.package}`,
    `signer: ${app.signer}`,
    `organisation: ${app.tenant}`,
    `lab: ${lab}`,
    `nonce: ${nonce}`,
  ];
  const lines = message.split("\n");
  const at = meant.findIndex((line, index) => lines[index] !== line);
  if (at >= 0) throw notSigned(`control asks for '${lines[at]}' where '${meant[at]}' is meant`);
  if (!/^until: [^\n]*\n$/.test(lines.slice(meant.length).join("\n"))) throw notSigned("control asks for more than a proof says");
}

function notSigned(why: string): PhonerackError {
  return new PhonerackError("proof_wrong", `not signed: ${why}`);
}
