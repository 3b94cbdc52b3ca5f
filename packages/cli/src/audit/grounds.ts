/** What the log itself knows of ownership and permits, leaf by leaf: a decision that rests on one must find it there. */
import { type HandDecision, type Judged, type Leaf, SYSTEM_APPS } from "@phonerack/policy";

/** What was taken back may still be in an agent's hands for a moment. */
const MOMENT_MS = 60_000;

interface Ground {
  readonly tenant: unknown;
  readonly package: unknown;
  /** Milliseconds since the Unix epoch. */
  readonly until: number;
}

interface Owned extends Ground {
  readonly signer: unknown;
}

interface Permit extends Ground {
  readonly devices: unknown;
}

/** One decision, of a leaf or of a bulk of hands. */
export type Rested = Pick<HandDecision, "facts" | "decision"> & {
  readonly device: string;
  readonly tenant: string | null;
  readonly at: number;
};

const ALWAYS = Number.POSITIVE_INFINITY;
const SYSTEM = new Set(SYSTEM_APPS.map((app) => app.package));
/** What makes an app a part of the system that is none by name: what the phone uses it for. No leaf tells that. */
const ROLES: ReadonlySet<string | null> = new Set(["home", "keyboard"]);

export class KnownGrounds {
  readonly #owned = new Map<string, Owned>();
  readonly #permits = new Map<string, Permit>();
  readonly #demo = new Set<string>();

  hear(leaf: Leaf): void {
    if (leaf.kind === "start") for (const { package: name, signer } of leaf.demo) this.#demo.add(`${name} ${signer}`);
    if (leaf.kind !== "change") return;
    const { table, op, row } = leaf;
    const id = typeof row.id === "string" ? row.id : "";
    const { tenant, package: name } = row;
    if (table === "apps") {
      if (op !== "delete" && row.ownership === true)
        this.#owned.set(id, { tenant, package: name, signer: row.signer, until: ALWAYS });
      else end(this.#owned, id, leaf.at);
    }
    if (table === "permits") {
      const until = typeof row.until === "string" ? Date.parse(row.until) : Number.NaN;
      if (op !== "delete") this.#permits.set(id, { tenant, package: name, devices: row.devices, until });
      else end(this.#permits, id, leaf.at);
    }
  }

  /** undefined: it does; else what is missing. */
  wrongIn({ decision, facts, ...of }: Rested): string | undefined {
    if (decision !== "allow") return undefined;
    for (const app of [facts.front, facts.target]) {
      const wrong = app && this.#wrongIn(app, of);
      if (wrong) return wrong;
    }
    return undefined;
  }

  #wrongIn(app: Judged, { device, tenant, at }: Omit<Rested, "decision" | "facts">): string | undefined {
    const { package: name, signer, standing, by } = app;
    const holds = (ground: Ground | undefined) =>
      ground?.package === name && (tenant === null || ground.tenant === tenant) && at <= ground.until + MOMENT_MS;
    if (standing === "owned") {
      const owned = this.#owned.get(by ?? "");
      const fits = this.#demo.has(`${name} ${signer}`) || (holds(owned) && owned?.signer === signer);
      return fits ? undefined : `it counts ${name} as owned, which the log does not know`;
    }
    if (standing === "permitted") {
      const permit = this.#permits.get(by ?? "");
      const fits = holds(permit) && Array.isArray(permit?.devices) && permit.devices.includes(device);
      return fits ? undefined : `it counts ${name} as permitted there and then, which the log does not know`;
    }
    if (standing === "system" && !ROLES.has(by) && !SYSTEM.has(name))
      return `it counts ${name} as a part of Android, which it is not`;
    return undefined;
  }
}

function end<T extends Ground>(grounds: Map<string, T>, id: string, at: number): void {
  const known = grounds.get(id);
  if (known) grounds.set(id, { ...known, until: Math.min(known.until, at) });
}
