/** What the log itself knows of ownership and permits, leaf by leaf: a decision that rests on one must find it there. */
import type { Judged, Leaf } from "@phonerack/policy";

interface Owned {
  readonly tenant: unknown;
  readonly package: unknown;
  readonly signer: unknown;
}

export class KnownGrounds {
  readonly #owned = new Map<string, Owned>();
  readonly #permits = new Map<string, { readonly tenant: unknown; readonly package: unknown }>();
  readonly #demo = new Set<string>();

  hear(leaf: Leaf): void {
    if (leaf.kind === "start") for (const { package: name, signer } of leaf.demo) this.#demo.add(`${name} ${signer}`);
    if (leaf.kind !== "change") return;
    const { table, op, row } = leaf;
    const id = typeof row.id === "string" ? row.id : "";
    if (table === "apps") {
      if (op !== "delete" && row.ownership === true)
        this.#owned.set(id, { tenant: row.tenant, package: row.package, signer: row.signer });
      else this.#owned.delete(id);
    }
    if (table === "permits") {
      if (op === "delete") this.#permits.delete(id);
      else this.#permits.set(id, { tenant: row.tenant, package: row.package });
    }
  }

  /** undefined: it does; else what is missing. Permits and proofs that were taken back may still be in an agent's hands for a moment: they were known once. */
  wrongIn(leaf: Extract<Leaf, { kind: "decision" }>): string | undefined {
    if (leaf.decision !== "allow") return undefined;
    for (const app of [leaf.facts.front, leaf.facts.target]) {
      const wrong = app && this.#wrongIn(app, leaf.tenant);
      if (wrong) return wrong;
    }
    return undefined;
  }

  #wrongIn({ package: name, signer, standing, by }: Judged, tenant: string | null): string | undefined {
    if (standing === "owned") {
      if (this.#demo.has(`${name} ${signer}`)) return undefined;
      const owned = this.#owned.get(by ?? "");
      const fits = owned?.package === name && owned.signer === signer && (tenant === null || owned.tenant === tenant);
      return fits ? undefined : `it counts ${name} as owned, which the log does not know`;
    }
    if (standing === "permitted") {
      const permit = this.#permits.get(by ?? "");
      return permit?.package === name ? undefined : `it counts ${name} as permitted, which the log does not know`;
    }
    return undefined;
  }
}
