import type { Phone } from "../phone/phone.js";
import { stockLabel } from "./manifests.js";

/** An app's name in the phone's present language. */
export function labelOf(phone: Phone, packageName: string): string {
  return stockLabel(packageName, phone.language) ?? phone.packages.get(packageName)?.label ?? packageName;
}
