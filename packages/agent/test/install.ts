/** Puts an APK on a virtual phone, as somebody with adb would. */
import { generateKeyPairSync } from "node:crypto";
import { type ApkPlan, buildApk, type SigningKey } from "@phonerack/apk";
import type { VirtualPhone } from "@phonerack/virtual-phone";

/** RSA: its certificate comes out the same each time, as an app that is updated needs. */
const KEY = generateKeyPairSync("rsa", { modulusLength: 2048 });

export async function install(virtual: VirtualPhone, plan: ApkPlan, key: SigningKey = KEY): Promise<void> {
  const apk = buildApk(plan, key);
  const { stdout } = await virtual.run(`pm install -t -S ${apk.length}`, { stdin: apk });
  if (!stdout.startsWith("Success")) throw new Error(stdout);
}
