/** Installs a build on one phone: judged by its own signer, streamed from the host's files, and believed only when the phone itself lists it. */
import type { DeviceAction } from "@phonerack/contract/bus";
import { type ActionResult, PhonerackError } from "@phonerack/contract/bus";
import { type ManifestFinding, manifestFindings } from "@phonerack/policy";
import type { BlobInUse } from "../blobs/blobs.js";
import { requireAllowed } from "../tasks/allowed.js";
import type { Doing } from "../tasks/doing.js";
import { type ApkWords, readApkFile } from "./apk-file.js";
import { installApks } from "./installation.js";
import { readVersion } from "./packages.js";
import { installRefusal } from "./refusals.js";

type Install = Extract<DeviceAction, { type: "install" }>;

const MIB = 1024 * 1024;

/** Fails with `denied`, `blob_not_found`, `apk_invalid`, `app_reaches`, `install_refused`, `device_full`, `phone_failed`, the signal's reason or the connection's errors. */
export async function install(doing: Doing, action: Install): Promise<ActionResult> {
  const used: BlobInUse[] = [];
  try {
    for (const { sha256 } of action.files) used.push(await doing.blobs.use(sha256));
    const { base, all } = await readFiles(action, used);
    const judged = doing.phone.gate.judgeFile(base);
    await requireAllowed(doing, "install", { target: judged, what: "install" });
    requireHarmless(all, (finding) => doing.phone.gate.mayReach(judged, finding));
    return await installed(doing, action, { base, used });
  } finally {
    for (const blob of used) blob.release();
  }
}

/** The files are of the package that was asked for, and nothing else of it counts. */
async function readFiles(
  { files, package: name }: Install,
  used: readonly BlobInUse[],
): Promise<{ base: ApkWords; all: readonly ApkWords[] }> {
  const all = await Promise.all(used.map((blob, index) => readApkFile(files[index]?.sha256 ?? "", blob)));
  const base = all.find(({ split }) => split === null);
  if (!base) throw new PhonerackError("apk_invalid", "the base APK is missing");
  const foreign = all.find((one) => one.package !== name || one.signer !== base.signer);
  if (foreign) throw new PhonerackError("apk_invalid", `a file of it is ${foreign.package}, or signed by another key`);
  return { base, all };
}

/** An app that acts in others, in the hands of people who own neither. Fails with `app_reaches`. */
function requireHarmless(all: readonly ApkWords[], mayReach: (finding: ManifestFinding) => boolean): void {
  const finding = manifestFindings(all.map(({ manifest }) => manifest)).find((one) => !mayReach(one));
  if (finding) throw new PhonerackError("app_reaches", finding.words);
}

async function installed(
  doing: Doing,
  { package: name, grant, downgrade }: Install,
  { base, used }: { base: ApkWords; used: readonly BlobInUse[] },
): Promise<ActionResult> {
  const { phone, signal } = doing;
  const total = used.reduce((sum, { size }) => sum + size, 0);
  const words = `sending ${Math.max(1, Math.round(total / MIB))} MiB`;
  const flags = ["-r", ...(grant ? ["-g"] : []), ...(downgrade ? ["-d"] : [])].join(" ");
  doing.progress(0, words);
  const sent = (bytes: number) =>
    bytes < total ? doing.progress(bytes / total, words) : doing.progress(1, "Android installs it");
  const said = await installApks({ link: phone.link(), sdk: phone.report.sdk ?? 0, flags, signal, progress: sent }, used);
  // A process of another app could have been what was judged before.
  phone.gate.doubt(name);
  if (!/^Success\b/m.test(said)) throw installRefusal(said);
  const version = await readVersion(phone.link(), name);
  if (version.versionCode !== base.versionCode)
    throw new PhonerackError(
      "phone_failed",
      `it says Success, but has ${version.versionCode === null ? "no such app" : `version ${version.versionCode}`}`,
    );
  return version;
}
