/** What apps keep between runs, by package. Gone with `pm clear` and uninstall; untouched by force-stop and reboot. */
import type { Packages } from "./packages.js";

/** A typed place in the store of one package. Made once per kind of data, shared by all phones. */
export class DataKey<Data> {
  declare readonly kind: Data;

  constructor(
    readonly owner: string,
    readonly create: () => Data,
  ) {}
}

export class AppData {
  readonly #data = new Map<string, Map<object, unknown>>();

  constructor(packages: Packages) {
    packages.changes.add(({ kind, package: name }) => {
      if (kind === "cleared" || kind === "removed") this.#data.delete(name);
    });
  }

  /** The data of that key, made when first asked for. */
  get<Data>(key: DataKey<Data>): Data {
    let ofPackage = this.#data.get(key.owner);
    if (!ofPackage) {
      ofPackage = new Map();
      this.#data.set(key.owner, ofPackage);
    }
    if (!ofPackage.has(key)) ofPackage.set(key, key.create());
    // The map's values have the type of their key: only this class writes them.
    return ofPackage.get(key) as Data;
  }

  has(packageName: string): boolean {
    return this.#data.has(packageName);
  }
}
