/**
 * The keys of a lab's NATS: who signs what its users may do. NATS's own decentralised JWT authentication: the server trusts the operator,
 * whose one account's signing key is control's, with which control signs for each agent what `agentAllowance` allows it, and no more.
 * The operator's and the account's own seeds are thrown away: other keys are another folder, and the hosts join anew.
 */
import { chmod, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  createAccount,
  createOperator,
  createUser,
  encodeAccount,
  encodeOperator,
  encodeUser,
  fmtCreds,
  fromPublic,
  fromSeed,
  type KeyPair,
  parseCreds,
} from "@nats-io/jwt";
import { agentAllowance, PhonerackError } from "@phonerack/contract/bus";

/** What `writeBusKeys` makes; all but the server's two files are for control alone. */
const FILES = { server: "nats.conf", trust: "operator.conf", control: "control.creds", signing: "account-signing.seed" } as const;

/** An answer that takes longer finds nobody who waits for it. */
const ANSWER_WITHIN_MS = 180_000;
const NANOSECONDS_PER_MS = 1_000_000;

/** How somebody proves to NATS who they are. */
export interface BusCredentials {
  readonly jwt: string;
  readonly seed: Uint8Array;
}

export class BusKeys {
  readonly control: BusCredentials;
  readonly #account: string;
  readonly #signing: KeyPair;

  private constructor(parts: { control: BusCredentials; account: string; signing: KeyPair }) {
    this.control = parts.control;
    this.#account = parts.account;
    this.#signing = parts.signing;
  }

  /** Fails with `bus_keys_invalid`; also when others may read them. */
  static async read(folder: string): Promise<BusKeys> {
    try {
      const { jwt, key, aid } = await parseCreds(await readSecret(join(folder, FILES.control)));
      const signing = fromSeed(trimmed(await readSecret(join(folder, FILES.signing))));
      return new BusKeys({ control: { jwt, seed: new TextEncoder().encode(key) }, account: aid, signing });
    } catch (cause) {
      throw new PhonerackError("bus_keys_invalid", `${folder}: ${(cause as Error).message}`, { cause });
    }
  }

  /** What lets the holder of the key speak as this agent, until then (milliseconds since the Unix epoch). */
  signFor(agentId: string, publicKey: string, expiresAt: number): Promise<string> {
    const { publish, subscribe } = agentAllowance(agentId);
    const limits = {
      pub: { allow: [...publish], deny: [] },
      sub: { allow: [...subscribe], deny: [] },
      // To answer an order is to publish where its asker listens: once, and only to what this agent was asked itself.
      resp: { max: 1, ttl: ANSWER_WITHIN_MS * NANOSECONDS_PER_MS },
    };
    const times = { exp: Math.floor(expiresAt / 1_000) };
    return encodeUser(agentId, fromPublic(publicKey), fromPublic(this.#account), limits, { signer: this.#signing, ...times });
  }
}

/** Makes new keys in a folder that has none; fails with `bus_keys_invalid` or `data_unwritable`. Resolves to the server's file. */
export async function writeBusKeys(folder: string): Promise<string> {
  const [operator, account, signing, control] = [createOperator(), createAccount(), createAccount(), createUser()];
  const signingKey = signing.getPublicKey();
  const operatorJwt = await encodeOperator("phonerack", operator);
  const accountJwt = await encodeAccount("lab", account, { signing_keys: [signingKey], limits: NO_LIMITS }, { signer: operator });
  const controlJwt = await encodeUser("control", control, fromPublic(account.getPublicKey()), {}, { signer: signing });
  const trust = `# Whom this server trusts; made by 'phonerack bus-keys'. Holds no secret.
operator: ${operatorJwt}
resolver: MEMORY
resolver_preload: {
  ${account.getPublicKey()}: ${accountJwt}
}
`;
  const server = join(folder, FILES.server);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // First, because it is where existing keys are noticed: no file of theirs is overwritten.
    await writeFile(join(folder, FILES.signing), signing.getSeed(), { mode: 0o600, flag: "wx" });
    await writeFile(join(folder, FILES.control), fmtCreds(controlJwt, control), { mode: 0o600, flag: "wx" });
    await writeFile(join(folder, FILES.trust), trust, { mode: 0o644, flag: "wx" });
    await writeFile(server, SERVER, { mode: 0o644, flag: "wx" });
    for (const name of [FILES.signing, FILES.control]) await chmod(join(folder, name), 0o600);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "EEXIST") throw new PhonerackError("bus_keys_invalid", `${folder} holds keys already`, { cause });
    throw new PhonerackError("data_unwritable", message, { cause });
  }
  return server;
}

/** Said one by one: what an account's JWT does not name is none at all. */
const NO_LIMITS = { subs: -1, data: -1, payload: -1, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };

const SERVER = `# A lab's NATS server; made by 'phonerack bus-keys'. Change what you need: address, port, TLS, cluster.
# Only this file and ${FILES.trust} belong on the server's machine.
listen: 0.0.0.0:4222
include ${FILES.trust}
`;

async function readSecret(path: string): Promise<Uint8Array> {
  const { mode } = await stat(path);
  if ((mode & 0o077) !== 0) throw new Error(`${path} is open to others; chmod 600 it`);
  return readFile(path);
}

function trimmed(bytes: Uint8Array): Uint8Array {
  return new TextEncoder().encode(new TextDecoder().decode(bytes).trim());
}
