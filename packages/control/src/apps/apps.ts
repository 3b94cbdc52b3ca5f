/** Whose app is it: uploads become apps of a tenant, and a signature, an operator's word or nothing makes them its own. */
import type { Apk } from "@phonerack/apk";
import { type App, NONCE_MS, type Nonce, type Ownership, PhonerackError, readable } from "@phonerack/contract/bus";
import { type Caller, known, tenantOf } from "../access/caller.js";
import type { RecordEvent } from "../events/events.js";
import { newId } from "../ids.js";
import { type DemoApp, demoApps } from "./demo-apps.js";
import type { GroundsTeller } from "./grounds.js";
import { identityObstacles, manifestObstacles, subjectOf } from "./obstacles.js";
import { checkProof, hashOf, newNonce, proofMessage, type Signed } from "./proof.js";
import { type AppRow, type AppStore, appOf } from "./store.js";
import type { WellKnownApps } from "./well-known.js";

export interface AppsParts {
  readonly store: AppStore;
  readonly grounds: GroundsTeller;
  readonly record: RecordEvent;
  readonly demo: readonly DemoApp[];
  /** Read when control starts. */
  readonly lists: { readonly wellKnown: WellKnownApps };
}

type Asker = Caller | null;

export class Apps {
  readonly #parts: AppsParts;
  readonly #startedAt = Date.now();

  constructor(parts: AppsParts) {
    this.#parts = parts;
  }

  /** Takes a verified APK, with its splits, as an app of the caller's organisation; `icon` is a PNG. */
  async add(caller: Asker, { apk, splits = [], icon }: { apk: Apk; splits?: readonly Apk[]; icon: Buffer | null }): Promise<App> {
    const { actor } = known(caller);
    const tenant = tenantOf(caller);
    const { facts, signer, scheme } = apk;
    if (apk.split !== null) throw new PhonerackError("apk_invalid", "it is a split of an app; upload its base APK");
    const certificate = signer.certificate.toString("base64");
    const own = await this.#parts.store.ownedBy(tenant, facts.signer);
    const { row, fell } = await this.#parts.store.put(
      {
        id: newId("a"),
        tenant,
        package: facts.package,
        signer: facts.signer,
        signerName: readable(subjectOf(certificate)).replaceAll("\n", ", ").slice(0, 500),
        certificate,
        label: readable(facts.label).slice(0, 200),
        versionCode: facts.versionCode,
        versionName: readable(facts.versionName).slice(0, 200),
        scheme,
        icon: icon?.toString("base64") ?? null,
        obstacles: manifestObstacles([facts, ...splits.map((split) => split.facts)], own),
        ownership: null,
        uploadedAt: new Date(),
        uploadedBy: actor,
      },
      own,
    );
    this.#record(caller, row, { kind: "app.uploaded", version: row.versionName });
    if (fell) {
      this.#record(caller, row, { kind: "app.disowned", reason: row.obstacles.at(-1)?.message ?? "" });
      await this.#parts.grounds.changed(tenant);
    }
    return this.#view(row);
  }

  async list(caller: Asker, query: { package?: string | undefined; limit: number }): Promise<{ items: App[] }> {
    const { lab, tenant } = known(caller);
    const rows = await this.#parts.store.list({ ...query, tenant: lab ? undefined : (tenant ?? "") });
    const demo = tenant === null ? [] : demoApps(this.#parts.demo, tenant, this.#startedAt);
    const fitting = demo.filter((app) => query.package === undefined || app.package === query.package);
    return { items: [...rows.map((row) => this.#view(row)), ...fitting].slice(0, query.limit) };
  }

  /** Fails with `app_not_found`, as everything here does for what is another organisation's. */
  async get(caller: Asker, id: string): Promise<App> {
    const demo = this.#demo(caller, id);
    return demo ?? this.#view(await this.#row(caller, id));
  }

  /** PNG. Fails with `app_not_found` for one without an icon, too. */
  async icon(caller: Asker, id: string): Promise<Buffer> {
    const { icon } = await this.#row(caller, id);
    if (icon === null) throw new PhonerackError("app_not_found", `${id} has no icon`);
    return Buffer.from(icon, "base64");
  }

  async remove(caller: Asker, id: string): Promise<void> {
    this.#requireNoDemo(caller, id);
    const row = await this.#row(caller, id);
    const removed = await this.#parts.store.remove(row.id);
    if (!removed) throw new PhonerackError("app_not_found", id);
    this.#record(caller, removed, { kind: "app.removed" });
    if (removed.ownership) await this.#parts.grounds.changed(removed.tenant);
  }

  /** What to sign. `baseUrl` names this lab. */
  async nonce(caller: Asker, id: string, baseUrl: string): Promise<Nonce> {
    this.#requireNoDemo(caller, id);
    const row = await this.#row(caller, id);
    this.#requireNothingAgainst(caller, row);
    const nonce = newNonce(baseUrl);
    const expiresAt = Date.now() + NONCE_MS;
    await this.#parts.store.addNonce({ hash: hashOf(nonce), appId: id, expiresAt: new Date(expiresAt) });
    return { nonce, message: proofMessage({ ...row, nonce, expiresAt }), expiresAt };
  }

  /** Fails with `nonce_invalid` (used, expired, another app's), `app_refused` or `proof_wrong`; the nonce is used up by then. */
  async prove(caller: Asker, proof: { id: string; nonce: string } & Omit<Signed, "message">): Promise<App> {
    const { id, nonce } = proof;
    this.#requireNoDemo(caller, id);
    const row = await this.#row(caller, id);
    const expiry = await this.#parts.store.takeNonce(hashOf(nonce), id);
    if (!expiry) throw new PhonerackError("nonce_invalid");
    this.#requireNothingAgainst(caller, row);
    const message = proofMessage({ ...row, nonce, expiresAt: expiry.getTime() });
    checkProof(row.certificate, { ...proof, message });
    return this.#own(caller, id, { how: "key", reason: null });
  }

  async approve(caller: Asker, id: string, reason: string): Promise<App> {
    this.#requireNoDemo(caller, id);
    const row = await this.#row(caller, id);
    const never = this.#view(row).obstacles.find(({ approvable }) => !approvable);
    if (never) throw this.#refused(caller, row, never);
    return this.#own(caller, id, { how: "approved", reason });
  }

  /** Fails with `bad_request` when the lab's operators give no reason to another organisation. */
  async disown(caller: Asker, id: string, reason: string | undefined): Promise<App> {
    this.#requireNoDemo(caller, id);
    const row = await this.#row(caller, id);
    if (row.tenant !== known(caller).tenant && reason === undefined)
      throw new PhonerackError("bad_request", "reason: say why to the organisation whose app it is");
    if (!row.ownership) return this.#view(row);
    const disowned = await this.#parts.store.own(id, null);
    if (!disowned) throw new PhonerackError("app_not_found", id);
    this.#record(caller, disowned, { kind: "app.disowned", reason: reason ?? "" });
    await this.#parts.grounds.changed(disowned.tenant);
    return this.#view(disowned);
  }

  async #own(caller: Asker, id: string, { how, reason }: Pick<Ownership, "how" | "reason">): Promise<App> {
    const { actor, name } = known(caller);
    const row = await this.#parts.store.own(id, { how, by: actor, byName: name, at: Date.now(), reason });
    if (!row) throw new PhonerackError("app_not_found", id);
    this.#record(caller, row, { kind: how === "key" ? "app.proved" : "app.approved", ...(reason === null ? {} : { reason }) });
    await this.#parts.grounds.changed(row.tenant);
    return this.#view(row);
  }

  async #row(caller: Asker, id: string): Promise<AppRow> {
    const { lab, tenant } = known(caller);
    const row = await this.#parts.store.get(id);
    if (!row || (!lab && row.tenant !== tenant)) throw new PhonerackError("app_not_found", id);
    return row;
  }

  #view(row: AppRow): App {
    return appOf(row, identityObstacles(row, this.#parts.lists.wellKnown));
  }

  #requireNothingAgainst(caller: Asker, row: AppRow): void {
    const [obstacle] = this.#view(row).obstacles;
    if (obstacle) throw this.#refused(caller, row, obstacle);
  }

  /** That somebody wanted what is refused to be theirs stands in the lab's log. */
  #refused(caller: Asker, row: AppRow, { code, message }: App["obstacles"][number]): PhonerackError {
    this.#record(caller, row, { kind: "app.refused", code });
    return new PhonerackError("app_refused", message);
  }

  #demo(caller: Asker, id: string): App | undefined {
    const { tenant } = known(caller);
    return tenant === null ? undefined : demoApps(this.#parts.demo, tenant, this.#startedAt).find((app) => app.id === id);
  }

  #requireNoDemo(caller: Asker, id: string): void {
    if (this.#demo(caller, id)) throw new PhonerackError("app_refused", "it comes with phonerack, for virtual phones, and stays");
  }

  #record(caller: Asker, row: AppRow, { kind, ...detail }: { kind: string } & Record<string, unknown>): void {
    const { tenant, id, package: name, signer } = row;
    this.#parts.record({ actor: known(caller).actor, tenant, kind, subject: id, detail: { package: name, signer, ...detail } });
  }
}
