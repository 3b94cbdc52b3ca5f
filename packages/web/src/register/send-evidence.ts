/** Sends a photo or PDF of a phone's label or licence as it is; the API reads from its bytes what it is. */
import { API_PREFIX, Evidence } from "@phonerack/contract/api";
import { sendBytes } from "../uploads/send-bytes.js";
import type { SendOptions } from "../uploads/send-file.js";

export async function sendEvidence(device: string, file: File, { onProgress, signal }: SendOptions): Promise<Evidence> {
  const onSent = (bytes: number) => onProgress(file.size > 0 ? Math.min(1, bytes / file.size) : 0);
  const path = `/register/devices/${encodeURIComponent(device)}/evidence?name=${encodeURIComponent(file.name.slice(-200))}`;
  return Evidence.parse(await sendBytes({ method: "POST", path, type: "application/octet-stream", body: file, onSent, signal }));
}

export function evidenceUrl(id: string): string {
  return `${API_PREFIX}/register/evidence/${id}`;
}
