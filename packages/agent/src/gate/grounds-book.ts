/**
 * What every tenant has proved and was permitted, as control told it last. Kept on disk: the gate must judge the same after a restart, also while
 * control cannot be reached. Whose phone it is, is the hold's to say.
 */
import { join } from "node:path";
import {
  type Bus,
  decodeMessage,
  encodeMessage,
  Grounds,
  GroundsOrder,
  GroundsReply,
  type Subscription,
  subjects,
} from "@phonerack/contract/bus";
import type { TenantGrounds } from "@phonerack/policy";
import { KeptFile, readKept } from "../kept-file.js";

const NOTHING: TenantGrounds = { owned: [], permits: [] };

export interface GroundsParts {
  readonly dataDir: string;
  /** Told of a file that is not ours and of writes that failed. */
  readonly onProblem: (error: unknown) => void;
}

export class GroundsBook {
  readonly #file: KeptFile;
  readonly #tenants = new Map<string, Grounds>();
  readonly #names = new Map<string, ReadonlySet<string>>();
  readonly #listeners = new Set<(tenant: string) => void>();

  private constructor(path: string, { onProblem }: GroundsParts) {
    this.#file = new KeptFile({ path, onProblem, text: () => `${JSON.stringify([...this.#tenants.values()])}\n` });
  }

  /** Reads `grounds.json`. A file that is none is put aside: control tells again. Fails when it may not be read. */
  static async load(parts: GroundsParts): Promise<GroundsBook> {
    const path = join(parts.dataDir, "grounds.json");
    const book = new GroundsBook(path, parts);
    const parse = (text: string) => Grounds.array().parse(JSON.parse(text));
    for (const grounds of (await readKept(path, parse, parts.onProblem)) ?? []) book.#put(grounds);
    return book;
  }

  /** Nothing for a tenant of whom nobody has told. */
  of(tenant: string): TenantGrounds {
    return this.#tenants.get(tenant) ?? NOTHING;
  }

  /** Whether the tenant owns an app of this name, by whatever signer: only then is the signer worth reading. */
  namesOwned(tenant: string): ReadonlySet<string> {
    return this.#names.get(tenant) ?? NO_NAMES;
  }

  /** Whether an operator has approved this of what the manifest of an app of theirs asks for. */
  isApproved(tenant: string, app: string, reach: string): boolean {
    return this.#tenants.get(tenant)?.owned.some(({ id, approved }) => id === app && approved?.includes(reach)) ?? false;
  }

  /** Whether a flag has paused what is done under this epoch of a device, or all that its tenant does. */
  isPaused(tenant: string, device: string, epoch: number): boolean {
    const paused = this.#tenants.get(tenant)?.paused;
    return paused !== undefined && (paused.all || paused.holds.some((one) => one.device === device && one.epoch === epoch));
  }

  /** Of each tenant known; an agent's beat carries them. */
  versions(): Record<string, number> {
    return Object.fromEntries([...this.#tenants].map(([tenant, { version }]) => [tenant, version]));
  }

  /** Takes what is not older. It counts at once; resolves when it is on disk, or could not be written: then control sees an old version after a restart and tells again. */
  async take(all: readonly Grounds[]): Promise<void> {
    // The same version too: a control that was set up anew may count from where another one was.
    const newer = all.filter(({ tenant, version }) => version >= (this.#tenants.get(tenant)?.version ?? 0));
    for (const grounds of newer) this.#put(grounds);
    for (const { tenant } of newer) for (const listener of this.#listeners) listener(tenant);
    if (newer.length > 0) this.#file.change();
    await this.#file.saved().catch(() => undefined);
  }

  /** Writes what is not yet on disk. */
  stop(): Promise<void> {
    return this.#file.stop();
  }

  /** Calls `listener` with each tenant whose grounds changed. @returns forgets it. */
  onChange(listener: (tenant: string) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #put(grounds: Grounds): void {
    this.#tenants.set(grounds.tenant, grounds);
    this.#names.set(grounds.tenant, new Set(grounds.owned.map((owned) => owned.package)));
  }
}

const NO_NAMES: ReadonlySet<string> = new Set();

/** The door for `grounds` orders. Answers the versions that it then has. */
export function subscribeGrounds(parts: { agentId: string; bus: Bus; grounds: GroundsBook }): Subscription {
  return parts.bus.subscribe(subjects.grounds(parts.agentId), async ({ payload }) => {
    await parts.grounds.take(decodeMessage(GroundsOrder, payload).grounds);
    return encodeMessage(GroundsReply, { versions: parts.grounds.versions() });
  });
}
