/**
 * PackageInstaller's sessions: create, write APKs into it, commit or abandon. A commit reads the APKs, asks the package list whether it
 * takes them, and puts the files under /data/app. Says what Android says when it refuses.
 */

import { type Apk, ApkError, type ApkFacts, readApk } from "@phonerack/apk";
import { FileError } from "../adbd/services.js";
import { Content } from "../files/content.js";
import { type PhoneFiles, parentOf, ROOT } from "../files/file-system.js";
import { OWNER } from "../files/node.js";
import type { InstallOptions, PackageInfo } from "../phone/packages.js";
import type { Phone } from "../phone/phone.js";

export interface SessionOptions extends InstallOptions {
  /** `-p PACKAGE`: a session that adds splits to what is installed. */
  readonly inherit?: string;
}

export type CommitResult = { readonly ok: true; readonly info: PackageInfo } | { readonly ok: false; readonly failure: string };

interface Session {
  readonly options: SessionOptions;
  readonly parts: Map<string, Content>;
}

/** Android allows a caller 1,024 sessions; nobody needs more than a few on a test phone. */
const MAX_SESSIONS = 50;
const MAX_PARTS = 100;

export class InstallSessions {
  readonly #phone: Phone;
  readonly #files: PhoneFiles;
  readonly #sessions = new Map<number, Session>();
  readonly #codePaths = new Map<string, string>();

  constructor(phone: Phone, files: PhoneFiles) {
    this.#phone = phone;
    this.#files = files;
    for (const { package: name, codePath } of phone.packages.list())
      if (codePath.startsWith("/data/app/")) this.#codePaths.set(name, codePath);
    phone.packages.changes.add(({ kind, package: name }) => {
      if (kind === "removed") this.#removeCode(name);
    });
  }

  /** @returns the session's id; undefined when there are too many. */
  create(options: SessionOptions): number | undefined {
    if (this.#sessions.size >= MAX_SESSIONS) return undefined;
    const id = this.#phone.random.between(100_000_000, 2_000_000_000);
    this.#sessions.set(id, { options, parts: new Map() });
    return id;
  }

  has(id: number): boolean {
    return this.#sessions.has(id);
  }

  /**
   * Adds an APK of `size` bytes (undefined: to the end of input). @returns how many bytes came.
   * @throws FileError ENOSPC
   */
  async write(id: number, name: string, input: { bytes: AsyncIterable<Uint8Array>; size: number | undefined }): Promise<number> {
    const session = this.#sessions.get(id);
    if (!session || session.parts.size >= MAX_PARTS) throw new FileError("EINVAL", name);
    const content = new Content(this.#files.storage);
    let written = 0;
    try {
      for await (const chunk of input.bytes) {
        const wanted = input.size === undefined ? chunk : chunk.subarray(0, input.size - written);
        await content.append(wanted);
        written += wanted.length;
        if (input.size !== undefined && written >= input.size) break;
      }
      await content.settle();
      // Abandoned while it was written to.
      if (this.#sessions.get(id) !== session) throw new FileError("EINVAL", name);
    } catch (error) {
      await content.drop();
      throw error;
    }
    await session.parts.get(name)?.drop();
    session.parts.set(name, content);
    return written;
  }

  async abandon(id: number): Promise<boolean> {
    const session = this.#sessions.get(id);
    this.#sessions.delete(id);
    for (const content of session?.parts.values() ?? []) await content.drop();
    return session !== undefined;
  }

  /** Installs what was written. The session is gone after, whatever comes of it. */
  async commit(id: number): Promise<CommitResult> {
    const session = this.#sessions.get(id);
    if (!session) return { ok: false, failure: "INSTALL_FAILED_INTERNAL_ERROR: unknown session" };
    this.#sessions.delete(id);
    try {
      const result = await this.#install(session, id);
      if (!result.ok) await dropAll(session);
      return result;
    } catch (error) {
      await dropAll(session);
      if (error instanceof ApkError) return { ok: false, failure: describe(error, `/data/app/vmdl${id}.tmp/base.apk`) };
      throw error;
    }
  }

  async #install(session: Session, id: number): Promise<CommitResult> {
    const wanted = { language: this.#phone.language, density: this.#phone.display.density };
    const apks: { apk: Apk; content: Content }[] = [];
    for (const content of session.parts.values()) apks.push({ apk: await readApk(content, wanted), content });
    const base = apks.find(({ apk }) => apk.split === null);
    if (!base) {
      const inherited = session.options.inherit !== undefined && apks.length > 0;
      return fail(
        inherited
          ? "INSTALL_FAILED_INVALID_APK: Adding splits to an installed package is not supported by this phone"
          : `INSTALL_PARSE_FAILED_NOT_APK: No packages staged in session ${id}`,
      );
    }
    for (const { apk } of apks) {
      const mismatch = inconsistent(apk, base.apk);
      if (mismatch) return fail(`INSTALL_FAILED_INVALID_APK: ${mismatch}`);
    }
    if (base.apk.testOnly && !session.options.testOnly)
      return fail("INSTALL_FAILED_TEST_ONLY: Failed to install test-only apk. Did you forget to add -t?");
    if (base.apk.scheme === 1 && base.apk.facts.targetSdk >= 30 && this.#phone.model.sdk >= 30) {
      return fail(
        `INSTALL_PARSE_FAILED_NO_CERTIFICATES: Scanning Failed.: No signature found in package of version 2 or newer for package ${base.apk.facts.package}`,
      );
    }
    const splits = apks.flatMap(({ apk }) => apk.split ?? []);
    const size = apks.reduce((sum, { content }) => sum + content.size, 0);
    const facts: ApkFacts = {
      ...base.apk.facts,
      size,
      signingScheme: base.apk.scheme,
      ...(splits.length > 0 ? { splits } : {}),
      ...(base.apk.testOnly ? { testOnly: true } : {}),
    };
    const result = this.#phone.packages.install(facts, session.options);
    if (!result.ok) return fail(`${result.code}: ${result.message}`);
    this.#placeFiles(result.info, apks);
    return { ok: true, info: result.info };
  }

  #placeFiles(info: PackageInfo, apks: readonly { apk: Apk; content: Content }[]): void {
    this.#removeCode(info.package);
    const facts = { as: ROOT, uid: OWNER.system, gid: OWNER.system };
    this.#files.mkdir(parentOf(info.codePath), { ...facts, mode: 0o771, parents: true });
    this.#files.mkdir(info.codePath, { ...facts, mode: 0o755, parents: true });
    for (const { apk, content } of apks) {
      const path = `${info.codePath}/${apk.split === null ? "base" : `split_${apk.split}`}.apk`;
      this.#files.attach(path, content, { mode: 0o644, as: ROOT });
      this.#files.change(path, { uid: OWNER.system, gid: OWNER.system }, ROOT);
    }
    this.#codePaths.set(info.package, info.codePath);
  }

  #removeCode(packageName: string): void {
    const path = this.#codePaths.get(packageName);
    this.#codePaths.delete(packageName);
    if (!path || !this.#files.exists(path, ROOT)) return;
    // The random folder around it goes too, where there is one (from API 30 on).
    const folder = parentOf(path) === "/data/app" ? path : parentOf(path);
    this.#files.remove(folder, { recursive: true, as: ROOT });
  }
}

function fail(failure: string): CommitResult {
  return { ok: false, failure };
}

async function dropAll(session: Session): Promise<void> {
  for (const content of session.parts.values()) await content.drop();
}

function inconsistent(apk: Apk, base: Apk): string | undefined {
  const name = apk.split ?? "base";
  if (apk.facts.package !== base.facts.package)
    return `Split ${name} package ${apk.facts.package} inconsistent with ${base.facts.package}`;
  if (apk.facts.versionCode !== base.facts.versionCode)
    return `Split ${name} version code ${apk.facts.versionCode} inconsistent with ${base.facts.versionCode}`;
  if (apk.facts.signer !== base.facts.signer) return `Split ${name} signatures are inconsistent`;
  return undefined;
}

/** The words around the reason, as Android prints them. */
function describe(error: ApkError, path: string): string {
  switch (error.code) {
    case "INSTALL_PARSE_FAILED_NOT_APK":
      return `${error.code}: Failed to parse ${path}: ${error.message}`;
    case "INSTALL_PARSE_FAILED_NO_CERTIFICATES":
      return `${error.code}: Failed to collect certificates from ${path}: ${error.message}`;
    case "INSTALL_PARSE_FAILED_BAD_MANIFEST":
      return `${error.code}: Failed to parse ${path}: Corrupt XML binary file (${error.message})`;
    default:
      return `${error.code}: ${error.message}`;
  }
}
