/** Uploads APKs to a control under test: real ones, small and signed with the test's own keys. */
import { generateKeyPairSync } from "node:crypto";
import { type ApkPlan, buildApk, type SigningKey, selfSigned } from "@phonerack/apk";
import type { Answer, RunningControl } from "./running-control.js";

export const APK_TYPE = "application/vnd.android.package-archive";

export function newKey(name: string, type: "ec" | "rsa" = "ec"): Required<SigningKey> {
  const pair =
    type === "ec" ? generateKeyPairSync("ec", { namedCurve: "P-256" }) : generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...pair, certificate: selfSigned(pair, name) };
}

const anyKey = newKey("any");

export function demoApk(change: Partial<ApkPlan> = {}, key: SigningKey | undefined = anyKey): Buffer {
  return buildApk({ package: "com.example.demo", label: "Demo", ...change }, key);
}

export async function uploadApk(
  running: RunningControl,
  {
    apk = demoApk(),
    bearer = running.bearer,
    type = APK_TYPE,
  }: { apk?: Uint8Array; bearer?: Record<string, string>; type?: string } = {},
): Promise<Answer> {
  const headers = { ...bearer, "content-type": type };
  const response = await running.knock("/api/v1/apps", { method: "POST", headers, body: new Uint8Array(apk) });
  return { status: response.status, body: await response.json(), headers: response.headers };
}
