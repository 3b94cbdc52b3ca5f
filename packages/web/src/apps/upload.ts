/** Sends an APK as it is: control verifies it once all is there. */
import type { App } from "@phonerack/contract/api";
import { sendBytes } from "../uploads/send-bytes.js";
import type { SendOptions } from "../uploads/send-file.js";

export async function uploadApk(file: File, { onProgress, signal }: SendOptions): Promise<App> {
  const onSent = (bytes: number) => onProgress(file.size > 0 ? Math.min(1, bytes / file.size) : 0);
  const type = "application/vnd.android.package-archive";
  return (await sendBytes({ method: "POST", path: "/apps", type, body: file, onSent, signal })) as App;
}
