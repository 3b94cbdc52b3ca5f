/** The accounts that people added in Settings. A shell can list them and not remove them; the app that keeps one takes it along. */
import { Listeners } from "./listeners.js";
import type { Packages } from "./packages.js";

export interface Account {
  readonly name: string;
  /** E.g. "com.example.mail". */
  readonly type: string;
  /** The app that keeps it. */
  readonly package: string;
}

/** More than any phone has; bounds what a caller can make one hold. */
const MAX_ACCOUNTS = 100;

export class Accounts {
  readonly #accounts: Account[] = [];
  readonly changes = new Listeners<Account>();

  constructor(packages: Packages) {
    packages.changes.add(({ kind, package: name }) => {
      if (kind === "removed") for (const one of this.list()) if (one.package === name) this.remove(one);
    });
  }

  list(): readonly Account[] {
    return [...this.#accounts];
  }

  /** @returns false when it is there already, or there are too many. */
  add(account: Account): boolean {
    if (this.#find(account) || this.#accounts.length >= MAX_ACCOUNTS) return false;
    this.#accounts.push(account);
    this.changes.emit(account);
    return true;
  }

  /** As "Remove account" in Settings. @returns false when it is not there. */
  remove(account: Pick<Account, "name" | "type">): boolean {
    const found = this.#find(account);
    if (!found) return false;
    this.#accounts.splice(this.#accounts.indexOf(found), 1);
    this.changes.emit(found);
    return true;
  }

  #find({ name, type }: Pick<Account, "name" | "type">): Account | undefined {
    return this.#accounts.find((one) => one.name === name && one.type === type);
  }
}
