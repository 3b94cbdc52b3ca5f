/**
 * What the phone itself says of its apps: which came with its system image, which is its home screen and its keyboard, and who signed a package.
 * The signer is read only of packages whose name somebody owns; all others are judged without it.
 */
import { PhonerackError } from "@phonerack/contract/bus";
import type { InstalledApp } from "@phonerack/policy";
import type { PhoneLink } from "../transports/link.js";
import { runShell } from "../transports/shell.js";
import { readSignerOnPhone } from "./signer-on-phone.js";

const PATIENCE_MS = 10_000;
const NAME = /^[A-Za-z0-9_.]{1,200}$/;
/** `cmd package` answers in 30 ms where `pm` starts a runtime for a second; but Android 7 knows only `pm`. */
const IMAGE = "cmd package list packages -s 2>/dev/null || pm list packages -s";
const ROLES =
  'echo "home $(cmd package resolve-activity --brief -a android.intent.action.MAIN -c android.intent.category.HOME | tail -n 1)"; ' +
  'echo "keyboard $(settings get secure default_input_method)"';

interface System {
  readonly image: ReadonlySet<string>;
  readonly home: string | undefined;
  readonly keyboard: string | undefined;
}

export class Installed {
  readonly #link: PhoneLink;
  readonly #sdk: () => number;
  #system: System | undefined;
  #reading: Promise<System> | undefined;
  readonly #signers = new Map<string, string | null>();
  readonly #readingSigners = new Map<string, Promise<string | null>>();

  /** @param sdk the phone's API level, which says by which signature it goes. */
  constructor(link: PhoneLink, sdk: () => number) {
    this.#link = link;
    this.#sdk = sdk;
  }

  /** What is known at once. `signed`: the signer counts too. undefined: it must be read first. */
  known(name: string, signed: boolean): InstalledApp | undefined {
    if (!this.#system) return undefined;
    if (signed && !this.#signers.has(name)) return undefined;
    return appOf(name, this.#system, this.#signers.get(name) ?? null);
  }

  /** Fails as `runShell` does; a signer that cannot be read is null. */
  async read(name: string, signed: boolean): Promise<InstalledApp> {
    const [system, signer] = await Promise.all([this.#readSystem(), signed ? this.#readSigner(name) : null]);
    return appOf(name, system, signer);
  }

  /** This package may be another one by now: it was installed, or a process of it was started. */
  doubt(name: string): void {
    this.#signers.delete(name);
    this.#readingSigners.delete(name);
  }

  async #readSystem(): Promise<System> {
    if (this.#system) return this.#system;
    this.#reading ??= readSystem(this.#link).finally(() => (this.#reading = undefined));
    return (this.#system = await this.#reading);
  }

  async #readSigner(name: string): Promise<string | null> {
    const known = this.#signers.get(name);
    if (known !== undefined) return known;
    const running = this.#readingSigners.get(name);
    if (running) return running;
    const reading = readSignerOnPhone(this.#link, name, this.#sdk());
    this.#readingSigners.set(name, reading);
    try {
      const signer = await reading;
      // Doubted meanwhile: what was read may be of the package that was there before.
      if (this.#readingSigners.get(name) === reading) this.#signers.set(name, signer);
      return signer;
    } finally {
      if (this.#readingSigners.get(name) === reading) this.#readingSigners.delete(name);
    }
  }
}

function appOf(name: string, { image, home, keyboard }: System, signer: string | null): InstalledApp {
  const role = name === home ? "home" : name === keyboard ? "keyboard" : null;
  return { package: name, signer, image: image.has(name), role };
}

async function readSystem(link: PhoneLink): Promise<System> {
  const [list, roles] = await Promise.all([
    runShell(link, IMAGE, { timeoutMs: PATIENCE_MS }),
    runShell(link, ROLES, { timeoutMs: PATIENCE_MS }),
  ]);
  const image = new Set(
    list.stdout
      .split("\n")
      .map((line) => line.replace(/^package:/, "").trim())
      .filter((name) => NAME.test(name)),
  );
  if (image.size === 0) throw new PhonerackError("phone_failed", "it does not list its system packages");
  const roleOf = (role: string) => new RegExp(`^${role} ([\\w.]+)/`, "m").exec(roles.stdout)?.[1];
  return { image, home: roleOf("home"), keyboard: roleOf("keyboard") };
}
