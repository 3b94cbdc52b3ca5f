/**
 * An organisation's builds: versions of its apps whose files stay in the lab, to be installed on any phone. Each is read and verified as Android would; whose app it is stays
 * `apps/`'s to say, the bytes are `blobs/`'s.
 */
import { type App, type Build, PhonerackError, readable } from "@phonerack/contract/bus";
import { type Caller, known, tenantOf } from "../access/caller.js";
import type { Apps } from "../apps/apps.js";
import type { Uploaded } from "../apps/uploads.js";
import type { Blobs } from "../blobs/blobs.js";
import type { RecordEvent } from "../events/events.js";
import { newId } from "../ids.js";
import { iconOf, type NamedApk, oneBuild, readNamed } from "./reading.js";
import type { BuildRow, BuildStore } from "./store.js";

export interface BuildsParts {
  readonly store: BuildStore;
  readonly blobs: Pick<Blobs, "keep" | "require" | "range">;
  readonly apps: Pick<Apps, "add">;
  readonly record: RecordEvent;
  /** Fails with `storage_full`. */
  readonly requireRoom: (tenant: string, bytes: number) => Promise<void>;
  readonly now?: () => number;
}

export interface BuildListing {
  readonly app?: string | undefined;
  readonly package?: string | undefined;
  readonly limit: number;
}

type Asker = Caller | null;
type File = BuildRow["files"][number];

export class Builds {
  readonly #parts: BuildsParts;

  constructor(parts: BuildsParts) {
    this.#parts = parts;
  }

  /** Fails with `blob_not_found`, `aab_refused`, `apk_invalid`, `apk_unsigned`, `app_refused` or `storage_full`. */
  async create(
    caller: Asker,
    { files, note }: { files: readonly { name: string; sha256: string }[]; note: string },
  ): Promise<Build> {
    const { blobs, apps, requireRoom } = this.#parts;
    const tenant = tenantOf(caller);
    const sizes = await blobs.require(tenant, [...new Set(files.map(({ sha256 }) => sha256))]);
    const read: (NamedApk & { file: File })[] = [];
    for (const { name, sha256 } of files) {
      const file = { name: name.slice(0, 200), sha256, size: sizes.get(sha256) ?? 0 };
      read.push({ ...(await readNamed(name, blobs.range(file))), file });
    }
    const { base, splits } = oneBuild(read);
    await requireRoom(tenant, sum([...sizes.values()]));
    const app = await apps.add(caller, { apk: base.apk, splits: splits.map(({ apk }) => apk), icon: iconOf(base.apk) });
    const inOrder = [base, ...splits].flatMap((one) => read.find((other) => other.apk === one.apk) ?? []);
    return this.#add(caller, app, { parts: inOrder, note });
  }

  /** Takes an APK as an app of the caller's organisation, and keeps it as a build. Fails with `apk_invalid` or `storage_full`. */
  async addApp(caller: Asker, { apk, icon, path, sha256, size }: Uploaded): Promise<App> {
    const { apps, blobs, requireRoom } = this.#parts;
    const tenant = tenantOf(caller);
    await requireRoom(tenant, size);
    const app = await apps.add(caller, { apk, icon });
    await blobs.keep(tenant, path, { sha256, size });
    const name = `${apk.facts.package}-${apk.facts.versionCode}.apk`.slice(-200);
    await this.#add(caller, app, { parts: [{ name, apk, file: { name, sha256, size } }], note: "" });
    return app;
  }

  async list(caller: Asker, query: BuildListing): Promise<{ items: Build[] }> {
    const { lab, tenant } = known(caller);
    const rows = await this.#parts.store.list({ ...query, tenant: lab ? undefined : (tenant ?? "") });
    return { items: rows.map(viewOf) };
  }

  /** Fails with `build_not_found`, as everything here does for what is another organisation's. */
  async get(caller: Asker, id: string): Promise<Build> {
    return viewOf(await this.#require(caller, id));
  }

  async remove(caller: Asker, id: string): Promise<void> {
    const row = await this.#require(caller, id);
    await this.#parts.store.remove(id);
    this.#record(caller, row, "build.removed");
  }

  /** The very same files are the same build. */
  async #add(
    caller: Asker,
    app: App,
    { parts, note }: { parts: readonly (NamedApk & { file: File })[]; note: string },
  ): Promise<Build> {
    const { store, now = Date.now } = this.#parts;
    const { actor, name } = known(caller);
    const tenant = tenantOf(caller);
    const files = parts.map(({ file }) => file);
    const digests = (all: readonly File[]) => all.map(({ sha256 }) => sha256).join();
    const same = (await store.list({ tenant, app: app.id, limit: 1_000 })).find((row) => digests(row.files) === digests(files));
    if (same) return viewOf(same);
    const [base] = parts;
    if (!base) throw new PhonerackError("apk_invalid", "no file");
    const { facts } = base.apk;
    const row: BuildRow = {
      id: newId("b"),
      appId: app.id,
      tenant,
      package: facts.package,
      label: readable(facts.label).slice(0, 200),
      versionName: readable(facts.versionName).slice(0, 200),
      versionCode: facts.versionCode,
      minSdk: facts.minSdk,
      targetSdk: facts.targetSdk,
      debuggable: facts.debuggable,
      abis: [...new Set(parts.flatMap(({ apk }) => apk.facts.abis ?? []))].sort(),
      files,
      size: sum(files.map(({ size }) => size)),
      note,
      uploadedAt: new Date(now()),
      uploadedBy: actor,
      uploadedByName: name,
    };
    await store.add(row);
    this.#record(caller, row, "build.added");
    return viewOf(row);
  }

  async #require(caller: Asker, id: string): Promise<BuildRow> {
    const { lab, tenant } = known(caller);
    const row = await this.#parts.store.get(id);
    if (!row || (!lab && row.tenant !== tenant)) throw new PhonerackError("build_not_found", id);
    return row;
  }

  #record(caller: Asker, { id, tenant, package: name, versionName, versionCode }: BuildRow, kind: string): void {
    const detail = { package: name, version: versionName, versionCode };
    this.#parts.record({ actor: known(caller).actor, tenant, kind, subject: id, detail });
  }
}

function viewOf({ appId, uploadedAt, ...row }: BuildRow): Build {
  return { ...row, app: appId, uploadedAt: uploadedAt.getTime() };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}
