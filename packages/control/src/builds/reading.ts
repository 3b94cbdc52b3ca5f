/** Reads what people bring as APKs: refuses what is none in words, and says which files are one build together. Where the bytes lie is not its business. */
import { type Apk, ApkError, type ByteRange, encodePng, openZip, readApk, shrunk } from "@phonerack/apk";
import { type ErrorCode, PhonerackError } from "@phonerack/contract/bus";

/** English, and icons of a common density. */
const WANTED = { language: "en", density: 320 } as const;
/** The longest side of an icon, in pixels. */
const ICON_SIDE = 192;
const SETS = /\.(apks|xapk|apkm)$/i;

export interface NamedApk {
  readonly name: string;
  readonly apk: Apk;
}

/** Fails with `aab_refused`, `apk_invalid` or `apk_unsigned`. */
export async function readNamed(name: string, bytes: ByteRange): Promise<NamedApk> {
  try {
    return { name, apk: await readApk(bytes, WANTED) };
  } catch (error) {
    if (!(error instanceof ApkError)) throw error;
    throw (await otherwise(name, bytes)) ?? inOurWords(name, error);
  }
}

/**
 * Exactly one base, and splits of it: the same package, version and signer, each split once. Fails with `apk_invalid`. @returns the base, and all files with their names on
 * the phone, base first.
 */
export function oneBuild(all: readonly NamedApk[]): { base: NamedApk; splits: readonly NamedApk[] } {
  const bases = all.filter(({ apk }) => apk.split === null);
  const [base] = bases;
  if (!base) throw new PhonerackError("apk_invalid", "the base APK is missing: these are splits alone");
  if (bases.length > 1)
    throw new PhonerackError(
      "apk_invalid",
      `${bases.map(({ name }) => name).join(", ")} are all base APKs; upload one app at a time`,
    );
  const splits = all.filter((one) => one !== base);
  const seen = new Set<string>();
  for (const split of splits) {
    const wrong = mismatch(split, base) ?? (seen.has(split.apk.split ?? "") ? "is there twice" : undefined);
    if (wrong !== undefined) throw new PhonerackError("apk_invalid", `the split ${split.apk.split} (${split.name}) ${wrong}`);
    seen.add(split.apk.split ?? "");
  }
  return { base, splits };
}

function mismatch({ apk }: NamedApk, { apk: base }: NamedApk): string | undefined {
  const [own, other] = [apk.facts, base.facts];
  if (own.package !== other.package) return `is of ${own.package}, not of ${other.package}`;
  if (own.versionCode !== other.versionCode) return `is of version ${own.versionCode}, the base of ${other.versionCode}`;
  if (own.signer !== other.signer) return "is signed by another key than the base";
  return undefined;
}

/** What else a file that is no APK may be. */
async function otherwise(name: string, bytes: ByteRange): Promise<PhonerackError | undefined> {
  const names = await openZip(bytes).then(
    (zip) => new Set(zip.entries.keys()),
    () => new Set<string>(),
  );
  if (/\.aab$/i.test(name) || names.has("BundleConfig.pb")) return new PhonerackError("aab_refused", name);
  const apks = [...names].filter((entry) => /\.apk$/i.test(entry));
  if (names.has("AndroidManifest.xml") || (apks.length === 0 && !SETS.test(name))) return undefined;
  const which = names.has("universal.apk") ? "universal.apk" : "the base APK and the splits for your phones";
  return new PhonerackError("apk_invalid", `${name} is a set of APKs in one zip: unpack it and upload ${which} together`);
}

/** PNG. */
export function iconOf({ facts: { icon } }: Apk): Buffer | null {
  return icon ? encodePng(shrunk(icon, ICON_SIDE)) : null;
}

/** An APK error of Android's in the words of our table. */
export function inOurWords(name: string, { code, message }: ApkError): PhonerackError {
  const ours: ErrorCode = /CERTIFICATE/.test(code) ? "apk_unsigned" : "apk_invalid";
  return new PhonerackError(ours, name === "" ? message : `${name}: ${message}`);
}
