/** Sends a photo or PDF as it is. By XMLHttpRequest: `fetch` does not tell how much of a body is sent. */
import { API_PREFIX, Evidence, PhonerackError, readApiError } from "@phonerack/contract/api";

/** The API reads from its bytes what it is; this only says that it is bytes. */
const TYPE = "application/octet-stream";

export interface SendOptions {
  /** From 0 to 1. */
  readonly onProgress: (part: number) => void;
  readonly signal: AbortSignal;
}

/** Throws a PhonerackError as control answers, and another error when control could not be asked, or it was given up. */
export function sendEvidence(device: string, file: File, { onProgress, signal }: SendOptions): Promise<Evidence> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const name = encodeURIComponent(file.name.slice(-200));
    request.open("POST", `${API_PREFIX}/register/devices/${encodeURIComponent(device)}/evidence?name=${name}`);
    request.setRequestHeader("content-type", TYPE);
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onload = () => {
      const read = Evidence.safeParse(request.response);
      if (request.status === 201 && read.success) resolve(read.data);
      else reject(readApiError(request.response) ?? new PhonerackError("internal"));
    };
    request.onerror = () => reject(new Error("control did not answer"));
    request.onabort = () => reject(new Error("given up"));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(file);
  });
}

export function evidenceUrl(id: string): string {
  return `${API_PREFIX}/register/evidence/${id}`;
}
