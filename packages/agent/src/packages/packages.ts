/** The apps on one phone, as it tells of them itself. */
import { type InstalledPackage, type PackageDetail, PhonerackError } from "@phonerack/contract/bus";
import type { PhoneAtWork } from "../workbench/phone-at-work.js";

export async function listPackages(_phone: PhoneAtWork): Promise<InstalledPackage[]> {
  throw new PhonerackError("not_found", "packages");
}

/** Fails with `package_not_found`. */
export async function describePackage(_phone: PhoneAtWork, _name: string): Promise<PackageDetail> {
  throw new PhonerackError("not_found", "package");
}
